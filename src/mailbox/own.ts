import { day, type Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { UserId } from '../directory/directory.ts'
import type { Database, Store, Tx } from '../store/store.ts'
import { FolderType } from '../wire/eas/folder-sync.ts'
import {
  type Change,
  type Content,
  type ContentFolder,
  type Difference,
  folderOf,
  type Look,
  standardFolders,
} from './content.ts'
import * as records from './records.ts'

/** The folders of a built-in mailbox. */
export const ownFolders: readonly ContentFolder[] = standardFolders('po')

/** The folder of this type; every type asked for exists. */
export function ownFolder(type: 'inbox' | 'deletedItems' | 'sentItems'): ContentFolder {
  const folder = folderOf(ownFolders, FolderType[type])
  if (!folder) throw new Error(`bug: no folder ${type}`)
  return folder
}

/** A user's built-in mailbox as content for EAS. */
export function createOwn(store: Store, user: UserId): Content {
  const { db } = store
  return {
    source: 'own',
    folders: ownFolders,
    watched: user,
    prepare: async () => {},
    difference: (at, look) => difference(at, user, look),
    hasArrivals: (at, look) => hasArrivals(at, user, look),
    async find(item) {
      const record = await records.findItem(db, user, item)
      if (!record) return undefined
      const raw = async () => (await records.readRaw(db, user, item)) ?? new Uint8Array()
      return { ...record, raw }
    },
    async change(tx, folder, item, change) {
      const record = await records.findItem(tx, user, item)
      if (!record || record.folder !== folder.collection) return 'missing'
      const read = change.read ?? record.read
      const flag = change.flag ?? record.flag
      if (read === record.read && flag === record.flag) return record.version
      const version = await records.nextNumber(tx, user)
      await records.updateItem(tx, user, { ...record, read, flag, version })
      await touch(store, tx, user, folder.collection, version, 'changed')
      return version
    },
    async remove(tx, folder, item, forGood) {
      const record = await records.findItem(tx, user, item)
      if (!record || record.folder !== folder.collection) return 'missing'
      const deleted = ownFolder('deletedItems')
      if (!forGood && folder !== deleted) {
        await moveItem(store, tx, user, record, deleted)
        return 'removed'
      }
      await dropItems(store, tx, user, folder, [item])
      return 'removed'
    },
  }
}

/** The body of the journal entry `mailbox.changed`: what wakes held requests on every node. */
export interface MailboxChanged {
  readonly user: UserId
  readonly folder: string
  readonly arrived: boolean
}

async function touch(
  store: Store,
  tx: Tx,
  user: UserId,
  folder: string,
  version: number,
  what: 'changed' | 'arrived' | 'removed',
): Promise<void> {
  await records.touchFolder(tx, user, folder, version, what)
  const news: MailboxChanged = { user, folder, arrived: what === 'arrived' }
  await store.journal.append(tx, 'mailbox.changed', news)
}

/** A message that is about to be stored. */
export interface NewMessage {
  readonly raw: Uint8Array
  /** Of `wordsOf`: worked out before the transaction, which is for SQL only. */
  readonly words: string
  readonly receivedAt: Instant
  readonly read: boolean
}

/** Stores a message in a folder of a user. */
export async function storeMessage(
  store: Store,
  tx: Tx,
  user: UserId,
  folder: ContentFolder,
  message: NewMessage,
): Promise<void> {
  const version = await records.nextNumber(tx, user)
  const { receivedAt, read, raw, words } = message
  const place = { item: version, folder: folder.collection, version }
  const record = { ...place, receivedAt, read, flag: '', size: raw.length }
  await records.addItem(tx, user, record, raw, words)
  await touch(store, tx, user, folder.collection, version, 'arrived')
}

/** Moves a message to another folder, where it arrives as new. */
export async function moveItem(
  store: Store,
  tx: Tx,
  user: UserId,
  record: records.ItemRecord,
  to: ContentFolder,
): Promise<void> {
  const version = await records.nextNumber(tx, user)
  await records.updateItem(tx, user, { ...record, folder: to.collection, version })
  await touch(store, tx, user, record.folder, version, 'removed')
  await touch(store, tx, user, to.collection, version, 'arrived')
}

/** Deletes messages of a folder for good. */
export async function dropItems(
  store: Store,
  tx: Tx,
  user: UserId,
  folder: Pick<ContentFolder, 'collection'>,
  items: readonly number[],
): Promise<void> {
  if (items.length === 0) return
  const version = await records.nextNumber(tx, user)
  await records.dropItems(tx, user, items)
  await touch(store, tx, user, folder.collection, version, 'removed')
}

const oldest = (look: Look) => (look.days === 0 ? 0 : look.now - look.days * day)

/** What must be compared at all, since the client's last complete look through the same filter. */
interface Scope {
  readonly since: Instant
  readonly above: number
  readonly gone: boolean
}

// Every change takes a higher number, so after a complete look only what is above it is new. Time alone moves items out
// of a filter; a filter that differs from the last one makes all of it new.
async function scopeOf(
  db: Database,
  user: UserId,
  look: Look,
  numbers: records.FolderNumbers,
): Promise<Scope> {
  const { before, folder } = look
  const since = oldest(look)
  if (before.seen === -1 || before.days !== look.days) return { since, above: -1, gone: true }
  const aging = { user, folder: folder.collection, from: before.since, to: since }
  const gone = numbers.removed > before.seen || (await records.hasBetween(db, aging))
  return { since, above: before.seen, gone }
}

async function difference(db: Database, user: UserId, look: Look): Promise<Difference> {
  const { before, client, folder, limit: room } = look
  const numbers = await records.folderNumbers(db, user, folder.collection)
  const { since, above, gone } = await scopeOf(db, user, look, numbers)
  if (above === numbers.changed && !gone) return { ...before, changes: [], more: false }
  const ask = { user, folder: folder.collection, client, since, above }
  const changes: Change[] = []
  if (gone) {
    for (const row of await records.findGone(db, { ...ask, limit: room + 1 })) {
      changes.push({ kind: row.aged ? 'softDelete' : 'delete', item: row.item, version: 0 })
    }
  }
  if (changes.length <= room) {
    const limit = room + 1 - changes.length
    for (const row of await records.findChanged(db, { ...ask, limit })) {
      changes.push({ kind: 'change', item: row.item, version: row.version })
    }
  }
  let more = changes.length > room
  if (!more) {
    const found = await records.findNew(db, { ...ask, limit: room + 1 - changes.length })
    const fitting = fittingCount(found)
    for (const row of found.slice(0, fitting)) {
      changes.push({ kind: 'add', item: row.item, version: row.version })
    }
    more = fitting < found.length || changes.length > room
  }
  return { changes: changes.slice(0, room), more, seen: more ? -1 : numbers.changed, since }
}

// A window of large messages is cut by size as well: one answer is built in memory. One message always fits.
function fittingCount(found: readonly { size: number }[]): number {
  let bytes = 0
  let count = 0
  for (const { size } of found) {
    bytes += size
    if (count > 0 && bytes > limits.mailboxAnswerBytes.value) break
    count += 1
  }
  return count
}

async function hasArrivals(db: Database, user: UserId, look: Look): Promise<boolean> {
  const { client, folder, before } = look
  const numbers = await records.folderNumbers(db, user, folder.collection)
  if (before.seen >= numbers.arrived) return false
  const { since, above } = await scopeOf(db, user, look, numbers)
  const ask = { user, folder: folder.collection, client, since, above, limit: 1 }
  return (await records.findNew(db, ask)).length > 0
}
