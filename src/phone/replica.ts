import { AirSync, FolderHierarchy, GetItemEstimate } from '../wire/wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf } from '../wire/wbxml/wbxml.ts'
import * as documents from './documents.ts'
import { EasLine, type EasSeen } from './line.ts'
import { readCollections, readMail, type SeenCollection, type SeenMail } from './reading.ts'

/** What a Sync brought. */
export interface SyncSeen {
  readonly http: number
  /** Status of the whole answer, where there is one. */
  readonly status: number | undefined
  readonly limit: number | undefined
  /** HTTP 200 without a body. */
  readonly empty: boolean
  readonly collections: readonly SeenCollection[]
  /** The collection that was asked for, when it is in the answer. */
  readonly collection: SeenCollection | undefined
}

type SyncOptions = Omit<documents.SyncAsk, 'collectionId' | 'syncKey'> &
  documents.SyncExtras & { readonly syncKey?: string }

/** A folder as the server told it. */
export interface Folder {
  readonly id: string
  readonly name: string
  readonly type: number
}

/**
 * What a client holds of its server: keys, folders and messages, as a phone keeps them; it knows only what the server told
 * it. A transport that rejects (a lost answer) leaves it as it was.
 */
export class EasReplica extends EasLine {
  folderKey = '0'
  readonly folders = new Map<string, Folder>()
  /** Sync key and messages by collection. */
  readonly boxes = new Map<string, { key: string; mails: Map<string, SeenMail> }>()

  /** FolderSync with the kept key; a Status 9 makes the client forget everything, as it must. */
  async folderSync(syncKey = this.folderKey): Promise<EasSeen> {
    const key = element(FolderHierarchy.SyncKey, syncKey)
    const seen = await this.call('FolderSync', element(FolderHierarchy.FolderSync, key))
    if (seen.root && seen.status === 1) {
      if (syncKey === '0') this.folders.clear()
      this.folderKey = textOf(seen.root, FolderHierarchy.SyncKey) ?? '0'
      const changes = find(seen.root, FolderHierarchy.Changes)
      for (const add of changes ? findAll(changes, FolderHierarchy.Add) : []) {
        const id = textOf(add, FolderHierarchy.ServerId) ?? ''
        const name = textOf(add, FolderHierarchy.DisplayName) ?? ''
        this.folders.set(id, { id, name, type: Number(textOf(add, FolderHierarchy.Type)) })
      }
      for (const gone of changes ? findAll(changes, FolderHierarchy.Delete) : []) {
        this.folders.delete(textOf(gone, FolderHierarchy.ServerId) ?? '')
      }
    }
    if (seen.status === 9) {
      this.folderKey = '0'
      this.folders.clear()
      this.boxes.clear()
    }
    return seen
  }

  /** The id of the folder of a type (2 Inbox, 3 Drafts, 4 Deleted Items, 5 Sent Items). */
  folder(type: number): string {
    const found = [...this.folders.values()].find((folder) => folder.type === type)
    if (!found) throw new Error(`no folder of type ${type}`)
    return found.id
  }

  get inbox(): string {
    return this.folder(2)
  }

  /** The messages that this client holds of a collection, by server id. */
  mails(collectionId = this.inbox): ReadonlyMap<string, SeenMail> {
    return this.#box(collectionId).mails
  }

  #box(collectionId: string) {
    const found = this.boxes.get(collectionId)
    if (found) return found
    const fresh = { key: '0', mails: new Map<string, SeenMail>() }
    this.boxes.set(collectionId, fresh)
    return fresh
  }

  /** One Sync of one collection with the kept key; what the answer tells is taken over. */
  async sync(collectionId = this.inbox, options: SyncOptions = {}): Promise<SyncSeen> {
    const { wait, heartbeatSeconds, partial, ...ask } = options
    const extras = {
      ...(wait !== undefined && { wait }),
      ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
      ...(partial !== undefined && { partial }),
    }
    const syncKey = options.syncKey ?? this.#box(collectionId).key
    const asks = [{ ...ask, collectionId, syncKey }]
    return await this.#synced(documents.syncDocument(asks, extras, this.version), collectionId)
  }

  /** A Sync of any document, or of none: "as last time". */
  async syncRaw(root: Element | undefined): Promise<SyncSeen> {
    return await this.#synced(root, undefined)
  }

  async #synced(root: Element | undefined, collectionId: string | undefined): Promise<SyncSeen> {
    const seen = await this.call('Sync', root)
    const collections = seen.root ? readCollections(seen.root) : []
    for (const collection of collections) this.#take(collection)
    const limit = seen.root && textOf(seen.root, AirSync.Limit)
    return {
      http: seen.http,
      status: seen.status,
      limit: limit === undefined ? undefined : Number(limit),
      empty: seen.http === 200 && seen.body.length === 0,
      collections,
      collection: collections.find((one) => one.collectionId === collectionId),
    }
  }

  #take(collection: SeenCollection): void {
    const box = this.#box(collection.collectionId)
    if (collection.status === 3) {
      box.key = '0'
      box.mails.clear()
    }
    if (collection.status !== 1) return
    box.key = collection.syncKey
    for (const change of collection.changes) {
      const mail = box.mails.get(change.serverId)
      if (change.kind === 'add') box.mails.set(change.serverId, change.mail)
      else if (change.kind !== 'change') box.mails.delete(change.serverId)
      else if (mail) {
        const { read, flag } = readMail(change.data)
        box.mails.set(change.serverId, { ...mail, read, flag })
      }
    }
  }

  /** Syncs a collection until nothing more comes: from key 0 if need be. */
  async syncAll(collectionId = this.inbox, options: SyncOptions = {}): Promise<SyncSeen> {
    if (this.#box(collectionId).key === '0') await this.sync(collectionId)
    for (let round = 0; round < 1000; round++) {
      const seen = await this.sync(collectionId, options)
      if (!seen.collection?.more) return seen
    }
    throw new Error('sync has no end')
  }

  /** Marks a message, here and on the server. */
  async setRead(serverId: string, read: boolean, collectionId = this.inbox): Promise<SyncSeen> {
    const mail = this.mails(collectionId).get(serverId)
    if (mail) this.#box(collectionId).mails.set(serverId, { ...mail, read })
    return await this.sync(collectionId, { commands: [documents.readCommand(serverId, read)] })
  }

  /** Deletes a message, here and on the server. */
  async delete(
    serverId: string,
    options: { collectionId?: string; forGood?: boolean } = {},
  ): Promise<SyncSeen> {
    const collectionId = options.collectionId ?? this.inbox
    this.#box(collectionId).mails.delete(serverId)
    return await this.sync(collectionId, {
      deletesAsMoves: options.forGood !== true,
      commands: [documents.deleteCommand(serverId)],
    })
  }

  /** How many changes wait in a collection, as GetItemEstimate counts them. */
  async estimate(
    collectionId = this.inbox,
    syncKey = this.#box(collectionId).key,
  ): Promise<{ http: number; status: number; estimate: number | undefined }> {
    const document = documents.estimateDocument(collectionId, syncKey)
    const seen = await this.call('GetItemEstimate', document)
    const response = seen.root && find(seen.root, GetItemEstimate.Response)
    const estimate =
      response && textOf(response, GetItemEstimate.Collection, GetItemEstimate.Estimate)
    return {
      http: seen.http,
      status: Number((response && textOf(response, GetItemEstimate.Status)) ?? seen.status),
      estimate: estimate === undefined ? undefined : Number(estimate),
    }
  }
}
