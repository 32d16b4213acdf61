import type { Store } from '../../store/store.ts'
import { readFolderSync, writeFolderSync } from '../../wire/eas/folder-sync.ts'
import { compareKey, newNonce, writeSyncKey } from '../keys.ts'
import { findSync, saveSync, type SyncRecord } from '../state/records.ts'
import { type Command, refuse, wbxmlAnswer } from './answer.ts'

// The hierarchy never changes, so its key is made once per start from 0 and stays: a repeated request after a lost answer
// gets the same answer by itself.
const hierarchy = ''

/** FolderSync (MS-ASCMD 2.2.1.5): key 0 gives all folders, our last key nothing new, any other key Status 9. */
export function createFolderSync(store: Store): Command {
  return async ({ request, root, partnership, source, content }) => {
    if (!root) return refuse(request, 103)
    const { syncKey } = readFolderSync(root)
    const client = { partnership, source, collection: hierarchy }
    if (syncKey === '0') {
      const fresh: SyncRecord = {
        nonce: newNonce(),
        serial: 1,
        days: 0,
        since: 0,
        seen: 0,
        options: '',
      }
      await store.transact((tx) => saveSync(tx, client, fresh))
      const add = content.folders.map(({ collection, name, type }) => {
        return { serverId: collection, parentId: '0', displayName: name, type }
      })
      return wbxmlAnswer(
        writeFolderSync({ status: 1, syncKey: writeSyncKey({ source, ...fresh }), add }),
      )
    }
    const kept = await findSync(store.db, client)
    const key = kept && { source, nonce: kept.nonce, serial: kept.serial }
    if (compareKey(syncKey, key) !== 'current') return wbxmlAnswer(writeFolderSync({ status: 9 }))
    return wbxmlAnswer(writeFolderSync({ status: 1, syncKey }))
  }
}
