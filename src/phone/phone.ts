import { readMultipart } from '../wire/eas/multipart.ts'
import { atLeast } from '../wire/eas/version.ts'
import {
  AirSync,
  FolderHierarchy,
  GetItemEstimate,
  ItemOperations,
  Move,
  Ping,
  Search,
  Settings,
} from '../wire/wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf } from '../wire/wbxml/wbxml.ts'
import * as documents from './documents.ts'
import { readCollections, readMail, type SeenCollection, type SeenMail } from './reading.ts'
import { EasLine, type EasSeen } from './line.ts'

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
 * A mail client in a hundred lines: it keeps keys, folders and messages as a phone does, and tells them only what a server
 * told it. A transport that rejects (a lost answer) leaves it as it was.
 */
export class EasClient extends EasLine {
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

  /** Holds until there is news; without `ask` the body is empty. */
  async ping(ask?: { heartbeatSeconds?: number; folders?: readonly string[] }): Promise<{
    http: number
    status: number | undefined
    folders: string[]
    heartbeatSeconds: number | undefined
  }> {
    const seen = await this.call('Ping', ask && documents.pingDocument(ask))
    const folders = seen.root && find(seen.root, Ping.Folders)
    const heartbeat = seen.root && textOf(seen.root, Ping.HeartbeatInterval)
    return {
      http: seen.http,
      status: seen.status,
      folders: folders ? findAll(folders, Ping.Folder).map((one) => textOf(one) ?? '') : [],
      heartbeatSeconds: heartbeat === undefined ? undefined : Number(heartbeat),
    }
  }

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

  /** Sends DeviceInformation through Settings. */
  async sendDeviceInformation(device: documents.DeviceAsk): Promise<EasSeen> {
    const document = element(Settings.Settings, documents.deviceInformation(device))
    return await this.call('Settings', document)
  }

  /** A message through SendMail: WBXML from 14.0 on, the bare message before. */
  async sendMail(
    mime: string | Uint8Array,
    options: { clientId?: string; saveInSent?: boolean } = {},
  ): Promise<EasSeen> {
    return await this.#compose('SendMail', mime, options)
  }

  /** SmartReply or SmartForward to a message. */
  async smart(
    command: 'SmartReply' | 'SmartForward',
    source: { folderId: string; itemId: string },
    mime: string | Uint8Array,
    options: { clientId?: string; saveInSent?: boolean; replaceMime?: boolean } = {},
  ): Promise<EasSeen> {
    return await this.#compose(command, mime, { ...options, source })
  }

  async #compose(
    command: 'SendMail' | 'SmartReply' | 'SmartForward',
    mime: string | Uint8Array,
    options: {
      clientId?: string
      saveInSent?: boolean
      replaceMime?: boolean
      source?: { folderId: string; itemId: string }
    },
  ): Promise<EasSeen> {
    const bytes = typeof mime === 'string' ? Buffer.from(mime) : mime
    const { source, saveInSent } = options
    if (!atLeast(this.version, '14.0')) {
      return await this.call(command, bytes, {
        contentType: 'message/rfc822',
        ...(saveInSent !== undefined && { saveInSent }),
        ...(source && { collectionId: source.folderId, itemId: source.itemId }),
      })
    }
    const clientId = options.clientId ?? `mail-${++this.#mailsSent}`
    const document = documents.composeDocument(command, { ...options, clientId, mime: bytes })
    return await this.call(command, document)
  }

  #mailsSent = 0

  /** ItemOperations Fetch of a message. */
  async fetch(
    collectionId: string,
    serverId: string,
    bodies: readonly documents.BodyAsk[] = [{ type: 1 }],
    options: { mimeSupport?: number; multipart?: boolean } = {},
  ): Promise<{ seen: EasSeen; status: number | undefined; mail: SeenMail | undefined }> {
    const ask = { collectionId, serverId }
    const document = documents.fetchDocument(ask, bodies, options.mimeSupport)
    const seen = await this.call('ItemOperations', document, {
      ...(options.multipart && { acceptMultiPart: true }),
    })
    const properties = fetched(seen)?.properties
    return { seen, status: fetched(seen)?.status, mail: properties && readMail(properties) }
  }

  /** ItemOperations Fetch of an attachment, inline or in parts. */
  async fetchAttachment(
    reference: string,
    options: { multipart?: boolean; range?: string } = {},
  ): Promise<{ seen: EasSeen; status: number | undefined; bytes: Uint8Array | undefined }> {
    const { range } = options
    const ask = { reference, ...(range !== undefined && { range }) }
    const seen = await this.call('ItemOperations', documents.fetchDocument(ask), {
      ...(options.multipart && { acceptMultiPart: true }),
    })
    const found = fetched(seen)
    const part = found?.properties && textOf(found.properties, ItemOperations.Part)
    const data = found?.properties && textOf(found.properties, ItemOperations.Data)
    const bytes =
      part !== undefined
        ? readMultipart(seen.body)[Number(part)]
        : data === undefined
          ? undefined
          : Buffer.from(data, 'base64')
    return { seen, status: found?.status, bytes }
  }

  async moveItems(moves: readonly { serverId: string; from: string; to: string }[]): Promise<{
    http: number
    status: number | undefined
    moved: { status: number; id: string }[]
  }> {
    const seen = await this.call('MoveItems', documents.moveDocument(moves))
    const responses = seen.root ? findAll(seen.root, Move.Response) : []
    return {
      http: seen.http,
      status: seen.status,
      moved: responses.map((one) => ({
        status: Number(textOf(one, Move.Status)),
        id: textOf(one, Move.DstMsgId) ?? '',
      })),
    }
  }

  /** Search in the mailbox or the address list: the properties of each result. */
  async search(
    store: 'Mailbox' | 'GAL',
    text: string,
    range?: string,
  ): Promise<{ seen: EasSeen; status: number; total: number; results: Element[]; ids: string[] }> {
    const seen = await this.call('Search', documents.searchDocument(store, text, range))
    const found = seen.root && find(seen.root, Search.Response, Search.Store)
    const results = found ? findAll(found, Search.Result) : []
    return {
      seen,
      status: Number(found && textOf(found, Search.Status)),
      total: Number((found && textOf(found, Search.Total)) ?? 0),
      results: results.flatMap((one) => find(one, Search.Properties) ?? []),
      ids: results.flatMap((one) => textOf(one, Search.LongId) ?? []),
    }
  }
}

function fetched(seen: EasSeen) {
  const fetch = seen.root && find(seen.root, ItemOperations.Response, ItemOperations.Fetch)
  if (!fetch) return undefined
  return {
    status: Number(textOf(fetch, ItemOperations.Status)),
    properties: find(fetch, ItemOperations.Properties),
  }
}
