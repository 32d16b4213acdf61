import { Failure } from '../../base/failures.ts'
import { AirSync, Email } from '../wbxml/tokens.ts'
import {
  childrenOf,
  type Element,
  element,
  find,
  findAll,
  textOf,
  writeWbxml,
} from '../wbxml/wbxml.ts'
import { type BodyPreference, readBodyPreferences } from './body.ts'
import { expectRoot, flag, has, requiredText, wholeNumber } from './fields.ts'
import { atLeast, type EasVersion } from './version.ts'

/** A Sync request (MS-ASCMD 2.2.1.21). An empty body means "as last time": the server repeats what it kept, or answers 13. */
export interface SyncRequest {
  readonly collections: readonly SyncCollection[]
  /** Minutes, as sent; legal are 1-59. */
  readonly wait: number | undefined
  /** Seconds, as sent; legal are 60-3540. */
  readonly heartbeatSeconds: number | undefined
  /** Over all collections; 1-512, undefined: not sent. */
  readonly windowSize: number | undefined
  /** Only differences to the last full request were sent. */
  readonly partial: boolean
}

/** One collection of a Sync request. */
export interface SyncCollection {
  readonly syncKey: string
  /** '' in a 2.5 request that names only a class. */
  readonly collectionId: string
  readonly class: string | undefined
  /** As sent, or the default: false with key 0, else true. */
  readonly getChanges: boolean
  readonly deletesAsMoves: boolean
  /** 1-512, undefined: not sent; 0 and more than 512 count as 512. */
  readonly windowSize: number | undefined
  readonly options: readonly SyncOptions[]
  readonly commands: readonly SyncCommand[]
}

/** One Options block; the one without a class, or of class Email, governs mail. */
export interface SyncOptions {
  readonly class: string | undefined
  /** 0 all, 1 one day, 2 three days, 3 one week, 4 two weeks, 5 one month, 6 three months, 7 six months, 8 open tasks. */
  readonly filterType: number | undefined
  /** 0 never MIME, 1 for S/MIME, 2 always. */
  readonly mimeSupport: number | undefined
  readonly mimeTruncation: number | undefined
  /** 2.5: truncation class, 0-9. */
  readonly truncation: number | undefined
  readonly conflict: number | undefined
  readonly bodyPreferences: readonly BodyPreference[]
}

/** A change that the client made. */
export type SyncCommand =
  | {
      readonly kind: 'add'
      readonly clientId: string
      readonly class: string | undefined
      readonly data: Element
    }
  | {
      readonly kind: 'change'
      readonly serverId: string
      readonly data: Element
      /** Email:Read, when it was sent. */
      readonly read: boolean | undefined
    }
  | { readonly kind: 'delete'; readonly serverId: string }
  | { readonly kind: 'fetch'; readonly serverId: string }

/** What the server tells of an item; `data` holds the children of ApplicationData (`writeEmail` makes them). */
export type SyncChange =
  | {
      readonly kind: 'add' | 'change'
      readonly serverId: string
      readonly data: readonly Element[]
    }
  | { readonly kind: 'delete' | 'softDelete'; readonly serverId: string }

/** What became of a client's command. A change or delete that succeeded needs none. */
export type SyncResponse =
  | {
      readonly kind: 'add'
      readonly clientId: string
      readonly serverId?: string
      readonly status: number
    }
  | { readonly kind: 'change' | 'delete'; readonly serverId: string; readonly status: number }
  | {
      readonly kind: 'fetch'
      readonly serverId: string
      readonly status: number
      readonly data?: readonly Element[]
    }

/** One collection of a Sync answer. */
export interface SyncCollectionAnswer {
  readonly collectionId: string
  /** Sent up to 12.1 only, where it is required. */
  readonly class?: string
  /** With status 3 send '0'. */
  readonly syncKey: string
  /** 1 ok, 3 bad key, 4 protocol, 5 server, 6 conversion, 7 conflict, 8 not found, 9 full, 12 hierarchy changed, 16 retry. */
  readonly status: number
  readonly moreAvailable?: boolean
  readonly changes?: readonly SyncChange[]
  readonly responses?: readonly SyncResponse[]
}

/** A status for all (4, 5, 12, 13, 14 and 15 with `limit`, 16, or 101 and up), or collections. "Nothing new" is an empty HTTP body. */
export type SyncAnswer =
  | { readonly status: number; readonly limit?: number }
  | { readonly collections: readonly SyncCollectionAnswer[] }

/** Reads a Sync; pass `undefined` for an empty body (no collections, partial). Throws Failure request.malformed: answer status 4. */
export function readSync(root: Element | undefined): SyncRequest {
  if (!root)
    return {
      collections: [],
      wait: undefined,
      heartbeatSeconds: undefined,
      windowSize: undefined,
      partial: true,
    }
  expectRoot(root, AirSync.Sync)
  const collections = find(root, AirSync.Collections)
  return {
    collections: collections ? findAll(collections, AirSync.Collection).map(readCollection) : [],
    wait: wholeNumber(root, AirSync.Wait),
    heartbeatSeconds: wholeNumber(root, AirSync.HeartbeatInterval),
    windowSize: windowSizeOf(root),
    partial: has(root, AirSync.Partial),
  }
}

function readCollection(collection: Element): SyncCollection {
  const syncKey = requiredText(collection, AirSync.SyncKey)
  const commands = find(collection, AirSync.Commands)
  return {
    syncKey,
    collectionId: textOf(collection, AirSync.CollectionId) ?? '',
    class: textOf(collection, AirSync.Class),
    getChanges: flag(collection, AirSync.GetChanges, syncKey !== '0'),
    deletesAsMoves: flag(collection, AirSync.DeletesAsMoves, true),
    windowSize: windowSizeOf(collection),
    options: findAll(collection, AirSync.Options).map(readOptions),
    commands: commands ? childrenOf(commands).flatMap(readCommand) : [],
  }
}

function windowSizeOf(parent: Element): number | undefined {
  const size = wholeNumber(parent, AirSync.WindowSize)
  return size === undefined || (size > 0 && size <= 512) ? size : 512
}

function readOptions(options: Element): SyncOptions {
  return {
    class: textOf(options, AirSync.Class),
    filterType: wholeNumber(options, AirSync.FilterType),
    mimeSupport: wholeNumber(options, AirSync.MIMESupport),
    mimeTruncation: wholeNumber(options, AirSync.MIMETruncation),
    truncation: wholeNumber(options, AirSync.Truncation),
    conflict: wholeNumber(options, AirSync.Conflict),
    bodyPreferences: readBodyPreferences(options),
  }
}

function readCommand(command: Element): SyncCommand[] {
  switch (command.tag) {
    case AirSync.Add:
      return [
        {
          kind: 'add',
          clientId: requiredText(command, AirSync.ClientId),
          class: textOf(command, AirSync.Class),
          data: applicationData(command),
        },
      ]
    case AirSync.Change: {
      const data = applicationData(command)
      const read = has(data, Email.Read) ? flag(data, Email.Read, false) : undefined
      return [{ kind: 'change', serverId: requiredText(command, AirSync.ServerId), data, read }]
    }
    case AirSync.Delete:
      return [{ kind: 'delete', serverId: requiredText(command, AirSync.ServerId) }]
    case AirSync.Fetch:
      return [{ kind: 'fetch', serverId: requiredText(command, AirSync.ServerId) }]
    default:
      return []
  }
}

function applicationData(command: Element): Element {
  const found = find(command, AirSync.ApplicationData)
  if (!found) throw new Failure('request.malformed', 'Sync: a command without ApplicationData')
  return found
}

/** The options that govern a class of items: those of the class, else those without one, else none. */
export function optionsFor(collection: SyncCollection, itemClass: string): SyncOptions {
  const { options } = collection
  return (
    options.find((one) => one.class === itemClass) ??
    options.find((one) => one.class === undefined) ?? {
      class: undefined,
      filterType: undefined,
      mimeSupport: undefined,
      mimeTruncation: undefined,
      truncation: undefined,
      conflict: undefined,
      bodyPreferences: [],
    }
  )
}

/** What a server is willing to hold, in seconds. */
export interface SyncBounds {
  readonly minHeartbeatSeconds: number
  readonly maxHeartbeatSeconds: number
}

/**
 * How long to hold a Sync, in seconds (0: not at all), or the answer that a bad Wait or HeartbeatInterval earns: 4 when
 * both are there, 14 with the nearest Limit, in the unit that was asked in.
 */
export function planSyncWait(
  request: SyncRequest,
  bounds: SyncBounds,
): { readonly holdSeconds: number } | { readonly answer: SyncAnswer } {
  const { wait, heartbeatSeconds } = request
  if (wait !== undefined && heartbeatSeconds !== undefined) return { answer: { status: 4 } }
  const unit = wait === undefined ? 1 : 60
  const asked = wait ?? heartbeatSeconds
  if (asked === undefined) return { holdSeconds: 0 }
  const least = Math.ceil(bounds.minHeartbeatSeconds / unit)
  const most = Math.floor(bounds.maxHeartbeatSeconds / unit)
  if (asked < least) return { answer: { status: 14, limit: least } }
  if (asked > most) return { answer: { status: 14, limit: most } }
  return { holdSeconds: asked * unit }
}

/** Writes a Sync answer. */
export function writeSync(answer: SyncAnswer, version: EasVersion): Uint8Array {
  if ('status' in answer)
    return writeWbxml(
      element(
        AirSync.Sync,
        element(AirSync.Status, answer.status),
        answer.limit !== undefined && element(AirSync.Limit, answer.limit),
      ),
    )
  const collections = answer.collections.map((one) => writeCollection(one, version))
  return writeWbxml(element(AirSync.Sync, element(AirSync.Collections, collections)))
}

function writeCollection(answer: SyncCollectionAnswer, version: EasVersion): Element {
  const { changes = [], responses = [] } = answer
  const withClass = answer.class !== undefined && !atLeast(version, '14.0')
  return element(
    AirSync.Collection,
    withClass && element(AirSync.Class, answer.class),
    element(AirSync.SyncKey, answer.syncKey),
    element(AirSync.CollectionId, answer.collectionId),
    element(AirSync.Status, answer.status),
    answer.moreAvailable === true && element(AirSync.MoreAvailable),
    responses.length > 0 && element(AirSync.Responses, responses.map(writeResponse)),
    changes.length > 0 && element(AirSync.Commands, changes.map(writeChange)),
  )
}

const changeTags = {
  add: AirSync.Add,
  change: AirSync.Change,
  delete: AirSync.Delete,
  softDelete: AirSync.SoftDelete,
  fetch: AirSync.Fetch,
} as const

function writeChange(change: SyncChange): Element {
  return element(
    changeTags[change.kind],
    element(AirSync.ServerId, change.serverId),
    'data' in change && element(AirSync.ApplicationData, change.data),
  )
}

function writeResponse(response: SyncResponse): Element {
  return element(
    changeTags[response.kind],
    response.kind === 'add' && element(AirSync.ClientId, response.clientId),
    response.serverId !== undefined && element(AirSync.ServerId, response.serverId),
    element(AirSync.Status, response.status),
    response.kind === 'fetch' && response.data && element(AirSync.ApplicationData, response.data),
  )
}
