import { readMultipart } from '../wire/eas/multipart.ts'
import { atLeast } from '../wire/eas/version.ts'
import { ItemOperations, Move, Ping, Settings } from '../wire/wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf } from '../wire/wbxml/wbxml.ts'
import * as documents from './documents.ts'
import type { EasSeen } from './line.ts'
import { readFetched, readFound, readMail, type SeenMail } from './reading.ts'
import { EasReplica } from './replica.ts'

/** A mail client in a hundred lines: the replica that a phone keeps, and what its user does with it. */
export class EasClient extends EasReplica {
  #mailsSent = 0

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
    const { status, properties } = readFetched(seen.root) ?? {}
    return { seen, status, mail: properties && readMail(properties) }
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
    const { status, properties } = readFetched(seen.root) ?? {}
    const part = properties && textOf(properties, ItemOperations.Part)
    const data = properties && textOf(properties, ItemOperations.Data)
    const inline = data === undefined ? undefined : Buffer.from(data, 'base64')
    const bytes = part === undefined ? inline : readMultipart(seen.body)[Number(part)]
    return { seen, status, bytes }
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
    return { seen, ...readFound(seen.root) }
  }
}
