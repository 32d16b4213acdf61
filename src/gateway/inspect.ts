import type { DeviceInformation } from '../wire/eas/device-information.ts'
import { readDeviceInformation } from '../wire/eas/device-information.ts'
import { FolderType } from '../wire/eas/folder-sync.ts'
import { AirSync, FolderHierarchy, GetItemEstimate, Settings } from '../wire/wbxml/tokens.ts'
import { readWbxml, skimWbxml } from '../wire/wbxml/wbxml.ts'

/** What the door must know of a body that goes on to the upstream; found in one walk that builds nothing. */
export interface Seen {
  readonly syncKeys: readonly string[]
  readonly collections: readonly string[]
  /** It has client changes: not to be sent twice. */
  readonly changes: boolean
  /** A Sync that wants to be held. */
  readonly waits: boolean
  readonly deviceInformation: boolean
  /** The root tag; `undefined` for an empty body. */
  readonly root: number | undefined
}

const nothing: Seen = {
  root: undefined,
  syncKeys: [],
  collections: [],
  changes: false,
  waits: false,
  deviceInformation: false,
}

const keyTags: readonly number[] = [AirSync.SyncKey, FolderHierarchy.SyncKey]
const changeTags: readonly number[] = [AirSync.ServerId, AirSync.ClientId]
const waitTags: readonly number[] = [AirSync.Wait, AirSync.HeartbeatInterval]
const informationTags: readonly number[] = [
  Settings.Model,
  Settings.IMEI,
  Settings.FriendlyName,
  Settings.OS,
]
const collectionTags: readonly number[] = [AirSync.CollectionId, GetItemEstimate.CollectionId]

/** Walks a request; throws `request.malformed` for what is not WBXML. */
export function inspect(body: Uint8Array): Seen {
  if (body.length === 0) return nothing
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const syncKeys: string[] = []
  const collections: string[] = []
  let changes = false
  let waits = false
  let deviceInformation = false
  const root = skimWbxml(body, (tag, start, end) => {
    if (keyTags.includes(tag)) syncKeys.push(bytes.toString('utf8', start, end))
    else if (collectionTags.includes(tag)) collections.push(bytes.toString('utf8', start, end))
    else if (changeTags.includes(tag)) changes = true
    else if (waitTags.includes(tag)) waits = true
    else if (informationTags.includes(tag)) deviceInformation = true
  })
  return { root, syncKeys, collections, changes, waits, deviceInformation }
}

/** The DeviceInformation of a Settings or Provision request. */
export function informationOf(body: Uint8Array): DeviceInformation | undefined {
  return body.length > 0 ? readDeviceInformation(readWbxml(body)) : undefined
}

/** The ServerId of the Inbox, when this FolderSync answer of an upstream adds it. */
export function inboxOf(answer: Uint8Array): string | undefined {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)
  let serverId = ''
  let inbox: string | undefined
  skimWbxml(answer, (tag, start, end) => {
    if (tag === FolderHierarchy.ServerId) serverId = bytes.toString('utf8', start, end)
    if (tag === FolderHierarchy.Type && bytes.toString('utf8', start, end) === inboxType)
      inbox = serverId
  })
  return inbox
}

const inboxType = String(FolderType.inbox)

/**
 * Whether the beginning of a Sync answer tells success. The Status of a collection stands near the front; a status other
 * than 1 is a refusal that came with HTTP 200. An empty answer means "nothing new", and a packed one is believed.
 */
export function tellsSuccess(start: Uint8Array | undefined): boolean {
  if (!start || start[0] !== 0x03) return true
  const bytes = Buffer.from(start.buffer, start.byteOffset, Math.min(start.byteLength, 512))
  // <Status> with an inline string: the tag with its content bit, then STR_I (MS-ASWBXML 2.1.2.1).
  const at = bytes.indexOf(Buffer.from([AirSync.Status | 0x40, 0x03]))
  return at < 0 || (bytes[at + 2] === 0x31 && bytes[at + 3] === 0)
}
