import { assert, Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { codeOfCommand, commandOfCode, commandOfName, type EasCommand } from './commands.ts'
import { type EasVersion, easVersion } from './version.ts'

export type { EasVersion }

/** One EAS request line and its headers as a value (MS-ASHTTP 2.2.1.1.1). */
export interface EasRequest {
  readonly command: EasCommand
  readonly version: EasVersion
  /** As spelled by the client: letters, digits, `.`, `_`, `-`. Compare without regard to case. */
  readonly deviceId: string
  readonly deviceType: string
  /** Decimal uint32; a missing key counts as 0. */
  readonly policyKey: number
  readonly policyKeySent: boolean
  /** The `User` parameter: never an identity. */
  readonly user: string | undefined
  readonly attachmentName?: string
  readonly collectionId?: string
  readonly itemId?: string
  readonly longId?: string
  readonly occurrence?: string
  readonly saveInSent: boolean
  readonly acceptMultiPart: boolean
  readonly form: 'plain' | 'base64'
}

/** A request line that cannot be served, with the status that a client of 14.0 or later is told (MS-ASCMD 2.2.2). */
export class EasRequestFailure extends Failure {
  /** 101 malformed, 108 DeviceId, 109 DeviceType, 137 unknown command, 138 unknown version. */
  readonly easStatus: 101 | 108 | 109 | 137 | 138

  constructor(easStatus: 101 | 108 | 109 | 137 | 138, detail: string, cause?: unknown) {
    super('request.malformed', detail, { cause })
    this.easStatus = easStatus
  }
}

/** What is read of an HTTP request: the query without `?`, and header values, `undefined` when absent. */
export interface EasRequestParts {
  readonly query: string
  readonly protocolVersion: string | undefined
  readonly policyKey: string | undefined
  readonly acceptMultiPart: string | undefined
}

/** The values of either query form, before they are judged. */
interface RawQuery {
  command?: EasCommand | undefined
  version?: string | undefined
  deviceId?: string
  deviceType?: string
  policyKey?: number
  user?: string
  attachmentName?: string
  collectionId?: string
  itemId?: string
  longId?: string
  occurrence?: string
  saveInSent?: boolean
  acceptMultiPart?: boolean
}

/**
 * Reads either query form. The base64 form carries version and policy key itself; the headers fill what it leaves out.
 * Throws EasRequestFailure (code request.malformed); details quote nothing that the client sent.
 */
export function readEasRequest(parts: EasRequestParts): EasRequest {
  const { query } = parts
  if (query.length > limits.easQueryChars.value)
    throw new EasRequestFailure(101, `query: more than ${limits.easQueryChars.value} characters`)
  const plain = query.startsWith('Cmd=') || /(?:^|&)cmd=/i.test(query)
  const raw = plain ? readPlainQuery(query) : readBase64Query(query)
  const { command, attachmentName, collectionId, itemId, longId, occurrence } = raw
  if (!command) throw new EasRequestFailure(137, 'Cmd: no such command')
  const version = easVersion(raw.version ?? parts.protocolVersion?.trim() ?? '')
  if (!version) throw new EasRequestFailure(138, 'MS-ASProtocolVersion: missing or unknown')
  checkDevice(raw)
  const policyKey = raw.policyKey ?? policyKeyOf(parts.policyKey)
  const request: { -readonly [K in keyof EasRequest]: EasRequest[K] } = {
    command,
    version,
    deviceId: raw.deviceId,
    deviceType: raw.deviceType,
    policyKey: policyKey ?? 0,
    policyKeySent: policyKey !== undefined,
    user: raw.user,
    saveInSent: raw.saveInSent ?? false,
    acceptMultiPart: raw.acceptMultiPart || /^\s*T\s*$/i.test(parts.acceptMultiPart ?? ''),
    form: plain ? 'plain' : 'base64',
  }
  if (attachmentName !== undefined) request.attachmentName = attachmentName
  if (collectionId !== undefined) request.collectionId = collectionId
  if (itemId !== undefined) request.itemId = itemId
  if (longId !== undefined) request.longId = longId
  if (occurrence !== undefined) request.occurrence = occurrence
  return request
}

const deviceIdForm = /^[0-9A-Za-z][0-9A-Za-z._-]*$/
const deviceTypeForm = /^[\x20-\x7e]+$/

/**
 * A DeviceId becomes part of keys, log lines, mails and pages: MS-ASHTTP 2.2.1.1.1.2.3 allows letters and digits; we
 * also take three harmless signs after the first. DeviceType is any printable ASCII.
 */
function checkDevice(
  raw: RawQuery,
): asserts raw is RawQuery & { deviceId: string; deviceType: string } {
  const { deviceId, deviceType } = raw
  const longest = limits.easDeviceIdChars.value
  if (!deviceId) throw new EasRequestFailure(108, 'DeviceId: missing')
  if (deviceId.length > longest || !deviceIdForm.test(deviceId))
    throw new EasRequestFailure(108, `DeviceId: not 1 to ${longest} letters, digits or . _ -`)
  if (!deviceType) throw new EasRequestFailure(109, 'DeviceType: missing')
  if (deviceType.length > longest || !deviceTypeForm.test(deviceType))
    throw new EasRequestFailure(109, `DeviceType: not 1 to ${longest} printable ASCII characters`)
}

/** A key that is no uint32 counts as 0: the client is sent through Provision and heals. */
function policyKeyOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (!/^\d{1,10}$/.test(text)) return 0
  const key = Number(text)
  return key <= 0xffff_ffff ? key : 0
}

function readPlainQuery(query: string): RawQuery {
  const raw: RawQuery = {}
  let start = 0
  while (start <= query.length) {
    const next = query.indexOf('&', start)
    const end = next < 0 ? query.length : next
    const equals = query.indexOf('=', start)
    const hasValue = equals >= start && equals < end
    const name = query.slice(start, hasValue ? equals : end)
    takeParameter(raw, name.toLowerCase(), hasValue ? query.slice(equals + 1, end) : '')
    start = end + 1
  }
  return raw
}

/** The parameters of the plain form and the fields that they fill. */
const plainFields: ReadonlyMap<
  string,
  'user' | 'attachmentName' | 'collectionId' | 'itemId' | 'longId' | 'occurrence'
> = new Map([
  ['user', 'user'],
  ['attachmentname', 'attachmentName'],
  ['collectionid', 'collectionId'],
  ['itemid', 'itemId'],
  ['longid', 'longId'],
  ['occurrence', 'occurrence'],
])

/** Unknown parameters are left out, here and in what goes to the upstream. */
function takeParameter(raw: RawQuery, name: string, value: string): void {
  if (name === 'cmd') {
    once(raw.command)
    const command = commandOfName(decodeValue(value, 137))
    if (!command) throw new EasRequestFailure(137, 'Cmd: no such command')
    raw.command = command
  } else if (name === 'deviceid') {
    once(raw.deviceId)
    raw.deviceId = decodeValue(value, 108)
  } else if (name === 'devicetype') {
    once(raw.deviceType)
    raw.deviceType = decodeValue(value, 109)
  } else if (name === 'saveinsent') {
    once(raw.saveInSent)
    raw.saveInSent = decodeValue(value).toUpperCase() === 'T'
  } else {
    const field = plainFields.get(name)
    if (!field) return
    once(raw[field])
    raw[field] = decodeValue(value)
  }
}

/** Of two values two readers may take another one each: a client must not tell us one thing and the upstream another. */
function once(before: unknown): void {
  if (before !== undefined) throw new EasRequestFailure(101, 'query: a parameter stands twice')
}

function decodeValue(value: string, status: QueryStatus = 101): string {
  if (/^[\w.~@-]*$/.test(value)) return value
  let text: string
  try {
    text = decodeURIComponent(value.includes('+') ? value.replaceAll('+', ' ') : value)
  } catch (cause) {
    throw new EasRequestFailure(status, 'query: a value is not percent-encoded UTF-8', cause)
  }
  checkPrintable(text, status)
  return text
}

type QueryStatus = 101 | 108 | 109 | 137

/** Control characters (`%00`, CR LF) would end a line or a string early in whoever reads the value next. */
function checkPrintable(text: string, status: QueryStatus): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text))
    throw new EasRequestFailure(status, 'query: a value has control characters')
}

/** The base64 form (MS-ASHTTP 2.2.1.1.1.1): version, command, locale, DeviceId, policy key, DeviceType, parameters. */
function readBase64Query(query: string): RawQuery {
  const bytes = base64Bytes(query)
  const raw: RawQuery = {}
  let at = 4
  const take = (what: string, status: QueryStatus = 101): Uint8Array => {
    const length = bytes[at]
    if (length === undefined || at + 1 + length > bytes.length)
      throw new EasRequestFailure(status, `base64 query: ends inside ${what}`)
    at += 1 + length
    return bytes.subarray(at - length, at)
  }
  if (bytes.length < 4) throw new EasRequestFailure(101, 'base64 query: ends inside its head')
  raw.version = `${Math.floor((bytes[0] ?? 0) / 10)}.${(bytes[0] ?? 0) % 10}`
  raw.command = commandOfCode(bytes[1] ?? -1)
  raw.deviceId = deviceIdOf(take('DeviceId', 108))
  const key = take('the policy key')
  if (key.length === 4) raw.policyKey = new DataView(key.buffer, key.byteOffset).getUint32(0, true)
  else if (key.length !== 0)
    throw new EasRequestFailure(101, 'base64 query: policy key not of 0 or 4 bytes')
  raw.deviceType = textOf(take('DeviceType', 109), 109)
  const seen = new Set<number>()
  while (at < bytes.length) {
    const tag = bytes[at++] ?? -1
    if (seen.has(tag)) throw new EasRequestFailure(101, 'base64 query: a parameter stands twice')
    seen.add(tag)
    takeTagged(raw, tag, take('a parameter'))
  }
  return raw
}

/** Parameters by tag (MS-ASHTTP 2.2.1.1.1.1.1); unknown ones are left out. */
function takeTagged(raw: RawQuery, tag: number, value: Uint8Array): void {
  if (tag === 0) raw.attachmentName = textOf(value)
  else if (tag === 1) raw.collectionId = textOf(value)
  else if (tag === 3) raw.itemId = textOf(value)
  else if (tag === 4) raw.longId = textOf(value)
  else if (tag === 6) raw.occurrence = textOf(value)
  else if (tag === 8) raw.user = textOf(value)
  else if (tag === 7) {
    raw.saveInSent = ((value[0] ?? 0) & 1) !== 0
    raw.acceptMultiPart = ((value[0] ?? 0) & 2) !== 0
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array, status: QueryStatus = 101): string {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch (cause) {
    throw new EasRequestFailure(status, 'base64 query: a value is not UTF-8', cause)
  }
  checkPrintable(text, status)
  return text
}

/** "A string or a GUID" (MS-ASHTTP 2.2.1.1.1.1): 16 bytes that are no text are a GUID, and become its 32 hex digits. */
function deviceIdOf(bytes: Uint8Array): string {
  const isText = bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)
  if (bytes.length !== 16 || isText) return textOf(bytes, 108)
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')
}

function base64Bytes(query: string): Uint8Array {
  const text = query.includes('%')
    ? query.replaceAll(/%(2B|2F|3D)/gi, (_, hex) => String.fromCharCode(Number(`0x${hex}`)))
    : query
  const size = text.replace(/={1,2}$/, '').length
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || size % 4 === 1)
    throw new EasRequestFailure(101, 'query: neither the plain nor the base64 form')
  return Buffer.from(text, 'base64')
}

/** The canonical plain form of a request for an upstream, with the authenticated user in place of the `User` parameter. */
export function writePlainQuery(request: EasRequest, user: string): string {
  let query = `Cmd=${request.command}&User=${encodeURIComponent(user)}&DeviceId=${request.deviceId}`
  query += `&DeviceType=${encodeURIComponent(request.deviceType)}`
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) query += `&${name}=${encodeURIComponent(value)}`
  }
  add('AttachmentName', request.attachmentName)
  add('CollectionId', request.collectionId)
  add('ItemId', request.itemId)
  add('LongId', request.longId)
  add('Occurrence', request.occurrence)
  if (request.saveInSent) query += '&SaveInSent=T'
  return query
}

/**
 * Puts the headers that go with `writePlainQuery` into `headers`: version, and multipart where accepted. The policy key is
 * left to the door.
 */
export function writePlainHeaders(
  request: EasRequest,
  headers: Record<string, string> = {},
): Record<string, string> {
  headers['MS-ASProtocolVersion'] = request.version
  if (request.acceptMultiPart) headers['MS-ASAcceptMultiPart'] = 'T'
  return headers
}

/** The base64 form of a request; `locale` is a Windows language code. For tests and pretend devices. */
export function writeBase64Query(request: EasRequest, locale = 0x0409): string {
  const bytes: number[] = [Number(request.version.replace('.', '')), codeOfCommand(request.command)]
  bytes.push(locale & 0xff, locale >> 8)
  const put = (value: string) => {
    const encoded = new TextEncoder().encode(value)
    assert(encoded.length < 256, 'base64 query: a value of more than 255 bytes')
    bytes.push(encoded.length, ...encoded)
  }
  put(request.deviceId)
  const key = request.policyKey
  if (request.policyKeySent)
    bytes.push(4, key & 0xff, (key >>> 8) & 0xff, (key >>> 16) & 0xff, key >>> 24)
  else bytes.push(0)
  put(request.deviceType)
  const tagged: readonly (readonly [number, string | undefined])[] = [
    [0, request.attachmentName],
    [1, request.collectionId],
    [3, request.itemId],
    [4, request.longId],
    [6, request.occurrence],
    [8, request.user],
  ]
  for (const [tag, value] of tagged) {
    if (value === undefined) continue
    bytes.push(tag)
    put(value)
  }
  const options = Number(request.saveInSent) | (Number(request.acceptMultiPart) << 1)
  if (options !== 0) bytes.push(7, 1, options)
  return btoa(String.fromCharCode(...bytes))
}
