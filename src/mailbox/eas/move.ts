import { limits } from '../../base/limits.ts'
import type { UserId } from '../../directory/directory.ts'
import type { Store, Tx } from '../../store/store.ts'
import {
  type Move,
  type MoveAnswer,
  readMoveItems,
  writeMoveItems,
} from '../../wire/eas/move-items.ts'
import { folderOf, readServerId, writeServerId } from '../content.ts'
import { moveItem, ownFolders } from '../own.ts'
import { findItem } from '../records.ts'
import { type Command, refuse, wbxmlAnswer } from './answer.ts'

/** MoveItems (MS-ASCMD 2.2.1.12). A repeated move finds the item at its goal and succeeds again. */
export function createMoveItems(store: Store, user: UserId): Command {
  return async ({ request, root }) => {
    if (!root) return refuse(request, 103)
    const moves = readMoveItems(root)
    if (moves.length > limits.moveItems.value) return refuse(request, 103)
    const answers = await store.transact(async (tx) => {
      const done: MoveAnswer[] = []
      for (const move of moves) done.push(await moveOne(store, tx, user, move))
      return done
    })
    return wbxmlAnswer(writeMoveItems(answers))
  }
}

// Status 1 bad source, 2 bad destination, 3 success, 4 the same folder (MS-ASCMD 2.2.3.177.10).
async function moveOne(store: Store, tx: Tx, user: UserId, move: Move): Promise<MoveAnswer> {
  const { itemId, fromFolder, toFolder } = move
  const to = folderOf(ownFolders, toFolder)
  const place = readServerId(ownFolders, itemId)
  const record = place && (await findItem(tx, user, place.item))
  if (!record || place.folder.collection !== fromFolder) return { itemId, status: 1 }
  if (!to) return { itemId, status: 2 }
  if (toFolder === fromFolder) return { itemId, status: 4 }
  if (record.folder === fromFolder) await moveItem(store, tx, user, record, to)
  else if (record.folder !== toFolder) return { itemId, status: 1 }
  return { itemId, status: 3, movedId: writeServerId(to, record.item) }
}
