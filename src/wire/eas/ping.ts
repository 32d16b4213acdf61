import { Failure } from '../../base/failures.ts'
import { Ping } from '../wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf, writeWbxml } from '../wbxml/wbxml.ts'
import { expectRoot, requiredText, wholeNumber } from './fields.ts'

/** A folder to watch. */
export interface PingFolder {
  readonly id: string
  /** 'Email', 'Calendar', 'Contacts', 'Tasks', 'Notes'; '' when not sent. */
  readonly class: string
}

/** A Ping request; what is absent is taken from the parameters kept of earlier ones (MS-ASCMD 2.2.1.13). */
export interface PingRequest {
  readonly heartbeatSeconds: number | undefined
  readonly folders: readonly PingFolder[] | undefined
}

/** Parameters to keep per partnership. */
export interface PingParameters {
  readonly heartbeatSeconds: number
  readonly folders: readonly PingFolder[]
}

/** What a server is willing to hold. */
export interface PingBounds {
  readonly minHeartbeatSeconds: number
  readonly maxHeartbeatSeconds: number
  readonly maxFolders: number
}

/**
 * 1 expired, 2 changes (+ folders), 3 parameters missing, 4 syntax, 5 heartbeat out of range (+ heartbeatSeconds),
 * 6 too many folders (+ maxFolders), 7 hierarchy changed, 8 server error.
 */
export interface PingAnswer {
  readonly status: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
  /** Collection ids that changed, with status 2. */
  readonly folders?: readonly string[]
  readonly heartbeatSeconds?: number
  readonly maxFolders?: number
}

/** Reads a Ping; pass `undefined` for an empty body. Throws Failure request.malformed (answer it with status 4). */
export function readPing(root: Element | undefined): PingRequest {
  if (!root) return { heartbeatSeconds: undefined, folders: undefined }
  expectRoot(root, Ping.Ping)
  const folders = find(root, Ping.Folders)
  return {
    heartbeatSeconds: wholeNumber(root, Ping.HeartbeatInterval),
    folders: folders && findAll(folders, Ping.Folder).map(readFolder),
  }
}

function readFolder(folder: Element): PingFolder {
  const id = requiredText(folder, Ping.Id)
  if (id.length > 64) throw new Failure('request.malformed', 'Ping: Id of more than 64 characters')
  return { id, class: textOf(folder, Ping.Class) ?? '' }
}

/** Writes a Ping answer. */
export function writePing(answer: PingAnswer): Uint8Array {
  const { status, folders = [], heartbeatSeconds, maxFolders } = answer
  return writeWbxml(
    element(
      Ping.Ping,
      element(Ping.Status, status),
      folders.length > 0 &&
        element(
          Ping.Folders,
          folders.map((id) => element(Ping.Folder, id)),
        ),
      maxFolders !== undefined && element(Ping.MaxFolders, maxFolders),
      heartbeatSeconds !== undefined && element(Ping.HeartbeatInterval, heartbeatSeconds),
    ),
  )
}

/**
 * What to hold and keep, filled up from the parameters of earlier Pings; or the answer that ends it at once: 3 nothing
 * to fill up from, 5 with the nearest bound, 6 too many folders.
 */
export function planPing(
  request: PingRequest,
  kept: PingParameters | undefined,
  bounds: PingBounds,
): { readonly hold: PingParameters } | { readonly answer: PingAnswer } {
  const heartbeatSeconds = request.heartbeatSeconds ?? kept?.heartbeatSeconds
  const folders = request.folders ?? kept?.folders
  if (heartbeatSeconds === undefined || !folders || folders.length === 0)
    return { answer: { status: 3 } }
  if (heartbeatSeconds < bounds.minHeartbeatSeconds)
    return { answer: { status: 5, heartbeatSeconds: bounds.minHeartbeatSeconds } }
  if (heartbeatSeconds > bounds.maxHeartbeatSeconds)
    return { answer: { status: 5, heartbeatSeconds: bounds.maxHeartbeatSeconds } }
  if (folders.length > bounds.maxFolders)
    return { answer: { status: 6, maxFolders: bounds.maxFolders } }
  return { hold: { heartbeatSeconds, folders } }
}
