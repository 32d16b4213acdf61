import type { Instant } from '../base/clock.ts'
import type { Database, Tx } from '../store/store.ts'
import { FolderType } from '../wire/eas/folder-sync.ts'
import type { Source } from './keys.ts'
import type { CollectionId } from './state/records.ts'

/** A folder as clients see it. */
export interface ContentFolder {
  readonly collection: string
  readonly name: string
  readonly type: number
}

/** A message in a folder; its bytes are read only when somebody looks at it. */
export interface ContentItem {
  readonly item: number
  readonly folder: string
  readonly receivedAt: Instant
  readonly read: boolean
  /** JSON of a `FollowUp`; '' without one. */
  readonly flag: string
  raw(): Promise<Uint8Array>
}

/** A look of a client at one folder. */
export interface Look {
  readonly client: CollectionId
  readonly folder: ContentFolder
  /** Days that the client wants to see; 0: all. */
  readonly days: number
  readonly now: Instant
  /** How many changes the answer may hold. */
  readonly limit: number
  /** What the last look noted. */
  readonly before: { readonly days: number; readonly since: Instant; readonly seen: number }
}

export interface Change {
  readonly kind: 'add' | 'change' | 'delete' | 'softDelete'
  readonly item: number
  /** The version that the client will hold; 0 once it is gone. */
  readonly version: number
}

/** What a client lacks. */
export interface Difference {
  readonly changes: readonly Change[]
  /** More changes than the limit let through. */
  readonly more: boolean
  /** To be noted for the next look, with `since`. */
  readonly seen: number
  readonly since: Instant
}

/** What a client may change of a message; the keys that it sent. */
export interface ItemChange {
  readonly read?: boolean
  readonly flag?: string
}

/**
 * What there is to see: satisfied by the built-in mailbox and by the quarantine notice. `db` is the store's for a look
 * that keeps nothing, or the transaction in which what is told is also noted.
 */
export interface Content {
  readonly source: Source
  readonly folders: readonly ContentFolder[]
  /** Whose news wakes held requests; `undefined`: there is never any. */
  readonly watched: string | undefined
  /** Loads what the transaction of a Sync will need: in it, nothing but SQL may run. */
  prepare(): Promise<void>
  difference(db: Database, look: Look): Promise<Difference>
  /** True when something arrived that the client does not hold: all that a Ping tells (MS-ASCMD 3.1.5.8). */
  hasArrivals(db: Database, look: Look): Promise<boolean>
  find(item: number): Promise<ContentItem | undefined>
  /** The new version, or why not. */
  change(
    tx: Tx,
    folder: ContentFolder,
    item: number,
    change: ItemChange,
  ): Promise<number | 'missing' | 'refused'>
  /** Moves to the deleted items, or drops for good. */
  remove(
    tx: Tx,
    folder: ContentFolder,
    item: number,
    forGood: boolean,
  ): Promise<'removed' | 'missing' | 'refused'>
}

/** The five folders that every client expects to find; `prefix` keeps the ids of the two mailboxes apart. */
export function standardFolders(prefix: string): readonly ContentFolder[] {
  return [
    { collection: `${prefix}-inbox`, name: 'Inbox', type: FolderType.inbox },
    { collection: `${prefix}-drafts`, name: 'Drafts', type: FolderType.drafts },
    { collection: `${prefix}-deleted`, name: 'Deleted Items', type: FolderType.deletedItems },
    { collection: `${prefix}-sent`, name: 'Sent Items', type: FolderType.sentItems },
    { collection: `${prefix}-outbox`, name: 'Outbox', type: FolderType.outbox },
  ]
}

/** The folder of this id, or of a type. */
export function folderOf(
  folders: readonly ContentFolder[],
  wanted: string | number,
): ContentFolder | undefined {
  return folders.find((folder) => folder.collection === wanted || folder.type === wanted)
}

/** The server id of an item in a folder: it changes when the item moves, so no client confuses the two places. */
export function writeServerId(folder: { readonly collection: string }, item: number): string {
  return `${folder.collection}:${item}`
}

/** The folder and item of a server id; `undefined` for an id that this mailbox never made. */
export function readServerId(
  folders: readonly ContentFolder[],
  serverId: string,
): { folder: ContentFolder; item: number } | undefined {
  const cut = serverId.lastIndexOf(':')
  const folder = cut < 0 ? undefined : folderOf(folders, serverId.slice(0, cut))
  const digits = serverId.slice(cut + 1)
  if (!folder || !/^[1-9][0-9]{0,14}$/.test(digits)) return undefined
  return { folder, item: Number(digits) }
}
