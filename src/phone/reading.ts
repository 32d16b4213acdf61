import { AirSync, AirSyncBase, Email, ItemOperations, Search } from '../wire/wbxml/tokens.ts'
import { bytesOf, childrenOf, type Element, find, findAll, textOf } from '../wire/wbxml/wbxml.ts'

/** A message as a mail client keeps it. */
export interface SeenMail {
  readonly subject: string
  readonly from: string
  readonly to: string
  readonly received: string
  readonly importance: string
  readonly read: boolean
  /** Email:Status of the follow-up flag: 2 active, 1 done; '' without one. */
  readonly flag: string
  readonly body: SeenBody | undefined
  readonly attachments: readonly { name: string; reference: string; size: number }[]
}

export interface SeenBody {
  /** 1 text, 2 HTML, 4 MIME; in 2.5 MIMEData counts as 4. */
  readonly type: number
  readonly data: string
  readonly size: number
  readonly truncated: boolean
}

/** One change that a Sync answer told. */
export type SeenChange =
  | { readonly kind: 'add'; readonly serverId: string; readonly mail: SeenMail }
  | { readonly kind: 'change'; readonly serverId: string; readonly data: Element }
  | { readonly kind: 'delete' | 'softDelete'; readonly serverId: string }

/** One collection of a Sync answer. */
export interface SeenCollection {
  readonly collectionId: string
  readonly status: number
  readonly syncKey: string
  readonly more: boolean
  readonly changes: readonly SeenChange[]
  readonly responses: readonly {
    readonly kind: number
    readonly id: string
    readonly status: number
    readonly mail: SeenMail | undefined
  }[]
}

/** Reads a message from ApplicationData or Properties, of any version. */
export function readMail(data: Element): SeenMail {
  const text = (tag: number) => textOf(data, tag) ?? ''
  const flag = find(data, Email.Flag)
  return {
    subject: text(Email.Subject),
    from: text(Email.From),
    to: text(Email.To),
    received: text(Email.DateReceived),
    importance: text(Email.Importance),
    read: text(Email.Read) === '1',
    flag: (flag && textOf(flag, Email.Status)) ?? '',
    body: readBody(data),
    attachments: readAttachments(data),
  }
}

/** The body below ApplicationData or Properties, new or old form. */
export function readBody(data: Element): SeenBody | undefined {
  const body = find(data, AirSyncBase.Body)
  if (body) {
    return {
      type: Number(textOf(body, AirSyncBase.Type)),
      data: textOf(body, AirSyncBase.Data) ?? '',
      size: Number(textOf(body, AirSyncBase.EstimatedDataSize)),
      truncated: textOf(body, AirSyncBase.Truncated) === '1',
    }
  }
  const mime = bytesOf(data, Email.MIMEData)
  if (mime) {
    const size = Number(textOf(data, Email.MIMESize))
    const truncated = textOf(data, Email.MIMETruncated) === '1'
    return { type: 4, data: Buffer.from(mime).toString('latin1'), size, truncated }
  }
  const old = textOf(data, Email.Body)
  if (old === undefined) return undefined
  const size = Number(textOf(data, Email.BodySize))
  return { type: 1, data: old, size, truncated: textOf(data, Email.BodyTruncated) === '1' }
}

function readAttachments(data: Element) {
  const list = find(data, AirSyncBase.Attachments)
  if (list) {
    return findAll(list, AirSyncBase.Attachment).map((one) => ({
      name: textOf(one, AirSyncBase.DisplayName) ?? '',
      reference: textOf(one, AirSyncBase.FileReference) ?? '',
      size: Number(textOf(one, AirSyncBase.EstimatedDataSize)),
    }))
  }
  const old = find(data, Email.Attachments)
  return (old ? findAll(old, Email.Attachment) : []).map((one) => ({
    name: textOf(one, Email.DisplayName) ?? '',
    reference: textOf(one, Email.AttName) ?? '',
    size: Number(textOf(one, Email.AttSize)),
  }))
}

/** The collections of a Sync answer. */
export function readCollections(root: Element): readonly SeenCollection[] {
  const list = find(root, AirSync.Collections)
  return (list ? findAll(list, AirSync.Collection) : []).map((collection) => {
    const commands = find(collection, AirSync.Commands)
    const responses = find(collection, AirSync.Responses)
    return {
      collectionId: textOf(collection, AirSync.CollectionId) ?? '',
      status: Number(textOf(collection, AirSync.Status)),
      syncKey: textOf(collection, AirSync.SyncKey) ?? '',
      more: find(collection, AirSync.MoreAvailable) !== undefined,
      changes: commands ? childrenOf(commands).map(readChange) : [],
      responses: (responses ? childrenOf(responses) : []).map((one) => {
        const data = find(one, AirSync.ApplicationData)
        return {
          kind: one.tag,
          id: textOf(one, AirSync.ServerId) ?? textOf(one, AirSync.ClientId) ?? '',
          status: Number(textOf(one, AirSync.Status)),
          mail: data && readMail(data),
        }
      }),
    }
  })
}

function readChange(command: Element): SeenChange {
  const serverId = textOf(command, AirSync.ServerId) ?? ''
  if (command.tag === AirSync.Delete) return { kind: 'delete', serverId }
  if (command.tag === AirSync.SoftDelete) return { kind: 'softDelete', serverId }
  const data = find(command, AirSync.ApplicationData) ?? command
  return command.tag === AirSync.Add
    ? { kind: 'add', serverId, mail: readMail(data) }
    : { kind: 'change', serverId, data }
}

/** What an ItemOperations answer says of the one thing that was fetched. */
export function readFetched(
  root: Element | undefined,
): { readonly status: number; readonly properties: Element | undefined } | undefined {
  const fetch = root && find(root, ItemOperations.Response, ItemOperations.Fetch)
  if (!fetch) return undefined
  return {
    status: Number(textOf(fetch, ItemOperations.Status)),
    properties: find(fetch, ItemOperations.Properties),
  }
}

/** What a Search answer says: its state, how many there are, and the properties and long ids of those it brings. */
export function readFound(root: Element | undefined): {
  status: number
  total: number
  results: Element[]
  ids: string[]
} {
  const found = root && find(root, Search.Response, Search.Store)
  const results = found ? findAll(found, Search.Result) : []
  return {
    status: Number(found && textOf(found, Search.Status)),
    total: Number((found && textOf(found, Search.Total)) ?? 0),
    results: results.flatMap((one) => find(one, Search.Properties) ?? []),
    ids: results.flatMap((one) => textOf(one, Search.LongId) ?? []),
  }
}
