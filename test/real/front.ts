import { request as httpsRequest } from 'node:https'
import type { TestContext } from 'node:test'
import { ImapFlow } from 'imapflow'
import PostalMime from 'postal-mime'
import type { z } from 'zod'
import type { Clock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import type { Config } from '../../src/config.ts'
import type { Collection, ManagedDevice, policyDocument } from '../../src/graph/contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import type { TransportAnswer } from '../../src/phone/transport.ts'
import { type House, startHouse } from '../house.ts'
import { eventually } from './eventually.ts'
import { type RealSogo, users } from './sogo.ts'

/** A request as SOGo has logged it. */
export interface Reached {
  readonly command: string
  /** The whole query, without `?`. */
  readonly query: string
  readonly status: number
}

/** A message as it lies in a real mailbox. */
export interface RealMail {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** A policy document as an administrator writes it: what is not said has its default. */
export type PolicyDraft = z.input<typeof policyDocument>

/** Postern in front of a real SOGo, with SOGo's users in its directory. */
export interface Front {
  readonly house: House
  readonly sogo: RealSogo
  apply(...documents: readonly PolicyDraft[]): Promise<void>
  enforce(): Promise<void>
  /** The devices page's rows of a DeviceId, in any spelling. */
  rows(deviceId: string): Promise<readonly ManagedDevice[]>
  /** The devices page's row of a client; `undefined` when there is none. */
  row(deviceId: string, user?: string): Promise<ManagedDevice | undefined>
  /** An administrator's word on a client. */
  judge(deviceId: string, word: 'allow' | 'block' | 'reset', user?: string): Promise<void>
  /** What SOGo has logged of this DeviceId so far, however the request spelled it. */
  reached(deviceId: string): Promise<readonly Reached[]>
  /** A request as it is, as nobody or with a Basic header of `user` and `password`. */
  send(request: RawRequest): Promise<TransportAnswer>
}

/** Any request to the EAS door. */
export interface RawRequest {
  readonly method: 'OPTIONS' | 'POST' | 'GET'
  /** Without `?`. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** Opens one over `sogo` for one test, and closes it after. `changes` go over the configuration. */
export async function openFront(
  t: TestContext,
  sogo: RealSogo,
  changes: Partial<Config> = {},
  world: { clock?: Clock; log?: Log } = {},
): Promise<Front> {
  const house = await startHouse({ upstream: upstreamOf(sogo), ...changes }, world)
  t.after(house.stop)
  for (const user of users) await house.addUser(user, `secret-${user}`, `${user}@corp.test`)
  const { administrator } = house
  const rows = async (deviceId: string) => {
    const path = `${devicesPath}?$top=10000`
    const { value } = await administrator.call<Collection<ManagedDevice>>('GET', path)
    return value.filter((row) => row.easDeviceId.toLowerCase() === deviceId.toLowerCase())
  }
  const rowOf = async (deviceId: string, user = 'alice') =>
    (await rows(deviceId)).find((row) => row.userPrincipalName === user)
  return {
    house,
    sogo,
    async apply(...documents) {
      await administrator.call('PUT', '/postern/policies', { documents })
    },
    async enforce() {
      await administrator.call('PUT', '/postern/enforcement', { state: 'enforcing' })
    },
    rows,
    row: rowOf,
    async judge(deviceId, word, user) {
      const row = await rowOf(deviceId, user)
      if (!row) throw new Error(`no client ${deviceId}`)
      await administrator.call('POST', `${devicesPath}/${row.id}/${word}Access`)
    },
    async reached(deviceId) {
      await logged(sogo)
      return (await sogo.requests())
        .flatMap(readLine)
        .filter(({ query }) => query.toLowerCase().includes(deviceId.toLowerCase()))
    },
    send: (request) => send(house, request),
  }
}

/** SOGo as a house is told of it. */
export const upstreamOf = ({ eas, imap }: RealSogo): NonNullable<Config['upstream']> => ({
  eas,
  imap,
  keepAlive: false,
  maxVersion: '16.1',
})

/** The Authorization header of a user of SOGo. */
export function basic(user: string, password = `secret-${user}`): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

function send({ url, authority }: House, given: RawRequest): Promise<TransportAnswer> {
  const { method, query, headers = {}, body = new Uint8Array(0) } = given
  const address = `${url}/Microsoft-Server-ActiveSync${query === undefined ? '' : `?${query}`}`
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(body.length) }
    const options = { method, headers: { ...headers, ...length }, agent: false, ca: authority }
    const request = httpsRequest(address, options, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const seen = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
        const status = response.statusCode ?? 0
        resolve({ status, headers: Object.fromEntries(seen), body: Buffer.concat(pieces) })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

const devicesPath = '/deviceManagement/managedDevices'

let marks = 0

/** SOGo writes its log after the answer: resolves once a request of this moment is in it. */
async function logged(sogo: RealSogo): Promise<void> {
  const mark = `Mark=${++marks}`
  await fetch(`${sogo.eas}?${mark}`, { method: 'OPTIONS', headers: basic('alice') })
  await eventually(async () => (await sogo.requests()).some((line) => line.includes(mark)))
}

function readLine(line: string): Reached[] {
  const [, query, status] = /"POST \S+?\?(\S+) HTTP\/1\.1" (\d+)/.exec(line) ?? []
  if (query === undefined) return []
  const [, command = ''] = /(?:^|&)Cmd=([A-Za-z]+)/.exec(query) ?? []
  return [{ command, query, status: Number(status) }]
}

/** The messages in the real Inbox, read over Dovecot's IMAP. */
export async function mailsOf(sogo: RealSogo, user: string): Promise<readonly RealMail[]> {
  const { hostname, port } = new URL(sogo.imap)
  const client = new ImapFlow({
    host: hostname,
    port: Number(port),
    secure: false,
    auth: { user, pass: `secret-${user}` },
    logger: false,
  })
  await client.connect()
  try {
    await client.mailboxOpen('INBOX', { readOnly: true })
    const mails: RealMail[] = []
    for await (const { source } of client.fetch('1:*', { source: true })) {
      const { from, to, subject, text } = await PostalMime.parse(source ?? '')
      const receiver = to?.[0]?.address ?? ''
      mails.push({
        from: from?.address ?? '',
        to: receiver,
        subject: subject ?? '',
        text: text ?? '',
      })
    }
    return mails
  } finally {
    await client.logout()
  }
}

/** A policy that holds clients which nobody knows: the classic one for Exchange Online, over a rule for phones. */
export function phonesPolicy(osMinimumVersion = '17.0'): readonly PolicyDraft[] {
  return [
    {
      kind: 'compliancePolicy',
      name: 'Phones',
      platform: 'iOS',
      settings: { passwordRequired: true, osMinimumVersion },
    },
    { kind: 'exchangeOnline', enabled: true },
  ]
}

/** The site's own settings. */
export function organization(
  settings: Omit<Extract<PolicyDraft, { kind: 'organization' }>, 'kind'>,
): PolicyDraft {
  return { kind: 'organization', ...settings }
}

/** A phone's model and system, healthy for `phonesPolicy`. */
export const healthyPhone = { model: 'iPhone15C4', os: 'iOS 17.4 21E219' } as const

/** What a phone does with a new account, or after it was told to begin anew: policy if asked, folders, mail. */
export async function setUp(
  phone: EasClient,
  device: { model: string; os?: string } = healthyPhone,
): Promise<void> {
  let seen = await phone.folderSync()
  if ([142, 143, 144, 449].includes(seen.status ?? seen.http)) {
    await phone.provision(device)
    seen = await phone.folderSync()
  }
  if (seen.status === 9) seen = await phone.folderSync('0')
  if (seen.status !== 1) throw new Error(`FolderSync: ${seen.status ?? `HTTP ${seen.http}`}`)
  await phone.syncAll()
  // Until it is quiet, as phones do: after the last message SOGo has a new key to give, and calls that a change.
  await phone.sync()
}

/** Subjects of the messages that the phone holds, in no order. */
export function subjects(phone: EasClient): readonly string[] {
  return [...phone.mails().values()].map((mail) => mail.subject)
}
