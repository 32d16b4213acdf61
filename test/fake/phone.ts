import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import type { EasCommand } from '../../src/wire/eas/commands.ts'
import { type EasVersion, writeBase64Query } from '../../src/wire/eas/request.ts'
import { atLeast } from '../../src/wire/eas/version.ts'
import { AirSync, FolderHierarchy, Ping, Provision, Settings } from '../../src/wire/wbxml/tokens.ts'
import { type Element, element, skimTexts, writeWbxml } from '../../src/wire/wbxml/wbxml.ts'

export interface PhoneAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The texts of one tag, anywhere in a WBXML answer. */
  texts(tag: number): readonly string[]
  /** The first text of one tag. */
  text(tag: number): string | undefined
}

export interface PhoneOptions {
  readonly url: string
  readonly deviceId: string
  readonly user?: string
  readonly password?: string
  readonly version?: EasVersion
  readonly form?: 'plain' | 'base64'
  readonly deviceType?: string
}

export interface Sending {
  readonly headers?: Readonly<Record<string, string>>
  /** More of the query, starting with `&`. */
  readonly query?: string
  readonly signal?: AbortSignal
  readonly method?: string
}

/** A pretend phone: sends what it is told, keeps its policy key. */
export interface Phone {
  policyKey: string | undefined
  version: EasVersion
  post(
    command: string,
    body?: Element | Uint8Array | Readable,
    sending?: Sending,
  ): Promise<PhoneAnswer>
  options(): Promise<PhoneAnswer>
  /** Both phases; keeps the final key. */
  provision(status?: string): Promise<PhoneAnswer>
  folderSync(key?: string): Promise<PhoneAnswer>
  sync(key: string, collection?: string, more?: readonly Element[]): Promise<PhoneAnswer>
  settings(): Promise<PhoneAnswer>
  /** `undefined` sends an empty Ping. */
  ping(seconds?: number, folders?: readonly string[], signal?: AbortSignal): Promise<PhoneAnswer>
  close(): void
}

/** Makes a phone with its own connections. */
export function createPhone(options: PhoneOptions): Phone {
  const { user = 'alice', form = 'plain' } = options
  const password = options.password ?? `secret-${user}`
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const agent = new Agent({ keepAlive: true })
  const phone: Phone = {
    policyKey: undefined,
    version: options.version ?? '14.1',
    post(command, body, sending = {}) {
      const plain = form === 'plain'
      const headers: Record<string, string> = {
        authorization,
        'user-agent': 'Pretend/1.0',
        ...(plain && { 'ms-asprotocolversion': phone.version }),
        ...(plain && phone.policyKey !== undefined && { 'x-ms-policykey': phone.policyKey }),
        ...(body && { 'content-type': 'application/vnd.ms-sync.wbxml' }),
        ...sending.headers,
      }
      const bytes =
        body === undefined || body instanceof Uint8Array || body instanceof Readable
          ? body
          : writeWbxml(body)
      const url = `${options.url}/Microsoft-Server-ActiveSync?${queryOf(command, phone, options)}${sending.query ?? ''}`
      return exchange(url, agent, { ...sending, headers }, bytes)
    },
    options: () =>
      exchange(`${options.url}/Microsoft-Server-ActiveSync`, agent, {
        method: 'OPTIONS',
        headers: { authorization },
      }),
    async provision(status = '1') {
      phone.policyKey = '0'
      const first = await phone.post('Provision', provisionBody(phone.version))
      phone.policyKey = first.text(Provision.PolicyKey) ?? '0'
      const second = await phone.post(
        'Provision',
        acknowledgeBody(phone.version, phone.policyKey, status),
      )
      phone.policyKey = second.text(Provision.PolicyKey) ?? '0'
      return second
    },
    folderSync: (key = '0') =>
      phone.post(
        'FolderSync',
        element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, key)),
      ),
    sync: (key, collection = 'in', more = []) =>
      phone.post('Sync', syncBody(key, collection, more)),
    settings: () =>
      phone.post('Settings', element(Settings.Settings, deviceInformation('Pixel 9'))),
    ping(seconds, folders, signal) {
      const body = seconds === undefined && !folders ? undefined : pingBody(seconds, folders ?? [])
      return phone.post('Ping', body, signal ? { signal } : {})
    },
    close: () => agent.destroy(),
  }
  return phone
}

function queryOf(command: string, phone: Phone, options: PhoneOptions): string {
  const { user = 'alice', deviceType = 'Test', form = 'plain', deviceId } = options
  if (form === 'plain')
    return `Cmd=${command}&User=${user}&DeviceId=${deviceId}&DeviceType=${deviceType}`
  return writeBase64Query({
    command: command as EasCommand, // a test names only what exists
    version: phone.version,
    deviceId,
    deviceType,
    policyKey: Number(phone.policyKey ?? 0),
    policyKeySent: phone.policyKey !== undefined,
    user: undefined,
    saveInSent: false,
    acceptMultiPart: false,
    form,
  })
}

/** DeviceInformation of a model. */
export function deviceInformation(model: string): Element {
  return element(
    Settings.DeviceInformation,
    element(Settings.Set, element(Settings.Model, model), element(Settings.OS, 'Android 15')),
  )
}

const policyType = (version: EasVersion) =>
  element(
    Provision.PolicyType,
    version === '2.5' ? 'MS-WAP-Provisioning-XML' : 'MS-EAS-Provisioning-WBXML',
  )

/** First phase. */
export function provisionBody(version: EasVersion, information = true): Element {
  const tell = information && atLeast(version, '14.1')
  return element(
    Provision.Provision,
    tell && deviceInformation('Pixel 9'),
    element(Provision.Policies, element(Provision.Policy, policyType(version))),
  )
}

/** Second phase. */
export function acknowledgeBody(version: EasVersion, key: string, status = '1'): Element {
  const policy = element(
    Provision.Policy,
    policyType(version),
    element(Provision.PolicyKey, key),
    element(Provision.Status, status),
  )
  return element(Provision.Provision, element(Provision.Policies, policy))
}

/** A Sync of one collection; `more` goes behind it. */
export function syncBody(key: string, collection: string, more: readonly Element[] = []): Element {
  const one = element(
    AirSync.Collection,
    element(AirSync.SyncKey, key),
    element(AirSync.CollectionId, collection),
  )
  return element(AirSync.Sync, element(AirSync.Collections, one), ...more)
}

/** A Ping; without seconds or folders they are left out. */
export function pingBody(seconds: number | undefined, folders: readonly string[]): Element {
  const list = folders.map((id) =>
    element(Ping.Folder, element(Ping.Id, id), element(Ping.Class, 'Email')),
  )
  return element(
    Ping.Ping,
    seconds !== undefined && element(Ping.HeartbeatInterval, seconds),
    list.length > 0 && element(Ping.Folders, ...list),
  )
}

function exchange(
  url: string,
  agent: Agent,
  sending: Sending,
  body?: Uint8Array | Readable,
): Promise<PhoneAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', headers = {}, signal } = sending
    const length = body instanceof Uint8Array ? { 'content-length': body.length } : {}
    const req = httpRequest(
      url,
      { method, agent, headers: { ...length, ...headers }, ...(signal && { signal }) },
      (res) => {
        const pieces: Buffer[] = []
        res.on('data', (piece: Buffer) => pieces.push(piece))
        res.on('error', reject)
        res.on('end', () =>
          resolve(answerOf(res.statusCode ?? 0, res.headers, Buffer.concat(pieces))),
        )
      },
    )
    req.on('error', reject)
    if (body instanceof Readable) body.pipe(req)
    else req.end(body)
  })
}

function answerOf(status: number, headers: IncomingHttpHeaders, body: Buffer): PhoneAnswer {
  const texts = (tag: number) => (body.length > 0 ? skimTexts(body, tag) : [])
  return { status, headers, body, texts, text: (tag) => texts(tag)[0] }
}
