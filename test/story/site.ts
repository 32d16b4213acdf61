import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { z } from 'zod'
import type { Connection } from '../../src/cli/connection.ts'
import type { Config } from '../../src/config.ts'
import type { PhoneOptions } from '../../src/demo/stage.ts'
import type { Collection, ManagedDevice, policyDocument } from '../../src/graph/contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import type { World } from '../../src/postern.ts'
import { type House, startHouse } from '../house.ts'
import { type Post, startPost } from './post.ts'

/** A policy document as an administrator writes it: what is not said has its default. */
export type PolicyDraft = z.input<typeof policyDocument>

/** What an administrator does, in short. */
export interface Desk {
  apply(...documents: readonly PolicyDraft[]): Promise<void>
  /** Begins enforcing: for these groups, or for all. */
  enforce(...groups: readonly string[]): Promise<void>
  group(name: string, ...members: readonly string[]): Promise<void>
  leave(group: string, member: string): Promise<void>
  /** The row of a client on the devices page. */
  row(deviceId: string): Promise<ManagedDevice>
  act(deviceId: string, action: Action): Promise<void>
}

type Action = 'allowAccess' | 'blockAccess' | 'resetAccess' | 'retire'

/** A whole Postern with its administrator, and the mail server that takes its notices. */
export interface Site extends Desk {
  readonly house: House
  readonly post: Post
}

/** Opens one for one test. `changes` go over the configuration. */
export async function openSite(
  t: TestContext,
  changes: Partial<Config> = {},
  world: World = {},
): Promise<Site> {
  const post = await startPost()
  // In the order of these lines: the house first, which may be sending just then.
  t.after(() => house.stop())
  t.after(post.stop)
  const smtp = { url: post.url, from: 'postern@example.org' }
  const house = await startHouse({ smtp, ...changes }, world)
  return { house, post, ...deskOf(house.administrator) }
}

const devices = '/deviceManagement/managedDevices'

/** The administrator at this connection. */
export function deskOf(administrator: Connection): Desk {
  const row = async (deviceId: string) => {
    const { value } = await administrator.call<Collection<ManagedDevice>>('GET', devices)
    const found = value.find((one) => one.easDeviceId === deviceId)
    assert.ok(found, `no client ${deviceId}`)
    return found
  }
  return {
    row,
    async apply(...documents) {
      await administrator.call('PUT', '/postern/policies', { documents })
    },
    async enforce(...groups) {
      const scope = groups.length > 0 ? groups : 'all'
      await administrator.call('PUT', '/postern/enforcement', { state: 'enforcing', scope })
    },
    async group(displayName, ...members) {
      await administrator.call('POST', '/groups', { displayName })
      await administrator.call('POST', `/groups/${displayName}/members`, { add: members })
    },
    async leave(group, member) {
      await administrator.call('POST', `/groups/${group}/members`, { remove: [member] })
    },
    async act(deviceId, action) {
      await administrator.call('POST', `${devices}/${(await row(deviceId)).id}/${action}`)
    },
  }
}

/** The classic policy for Exchange Online: all phones are known, and these ones have a password and a new system. */
export function phonesPolicy(
  osMinimumVersion: string,
  online: Omit<Extract<PolicyDraft, { kind: 'exchangeOnline' }>, 'kind' | 'enabled'> = {},
): readonly PolicyDraft[] {
  return [
    {
      kind: 'compliancePolicy',
      name: 'Phones',
      platform: 'iOS',
      settings: { passwordRequired: true, osMinimumVersion },
    },
    { kind: 'exchangeOnline', enabled: true, ...online },
  ]
}

/** An iPhone as it tells of itself. */
export const iPhone = (version: string) => ({ model: 'iPhone15C4', os: `iOS ${version} 21E219` })

/** What a phone does with a new account, or when it was told to begin anew: the policy if asked, folders, mail. */
export async function settle(phone: EasClient, version = '17.4'): Promise<void> {
  let seen = await phone.folderSync()
  if (seen.status === 9) seen = await phone.folderSync('0')
  if (seen.http === 449) {
    await provision(phone, version)
    seen = await phone.folderSync('0')
  }
  assert.equal(seen.status, 1, `FolderSync: ${seen.status ?? `HTTP ${seen.http}`}`)
  const synced = await phone.syncAll()
  assert.equal(synced.collection?.status ?? 1, 1)
}

/** Takes the policy, and tells what it is in the way of its EAS version. */
async function provision(phone: EasClient, version: string): Promise<void> {
  await phone.provision(iPhone(version))
  if (phone.version < '14.1') await phone.sendDeviceInformation(iPhone(version))
}

/** Subjects of the messages that the phone holds. */
export const subjects = (phone: EasClient): readonly string[] =>
  [...phone.mails().values()].map((mail) => mail.subject)

/** The text of the only message that the phone holds. */
export function onlyMail(phone: EasClient): { readonly subject: string; readonly text: string } {
  const [mail, second] = phone.mails().values()
  assert.ok(mail && !second, `the phone holds ${JSON.stringify(subjects(phone))}`)
  return { subject: mail.subject, text: mail.body?.data ?? '' }
}

/** A phone of this user that is enrolled through notice and portal, and has its mail. */
export async function knownPhone(
  { house }: Pick<Site, 'house'>,
  user: string,
  deviceId: string,
  options: PhoneOptions & { readonly os?: string } = {},
): Promise<EasClient> {
  const { os = '17.4', ...rest } = options
  const phone = house.phone(user, deviceId, rest)
  await settle(phone, os)
  await confirm(house, user, deviceId)
  await settle(phone, os)
  return phone
}

/** The user confirms this phone in the portal as theirs. */
export async function confirm(house: House, user: string, deviceId: string): Promise<void> {
  const person = await house.portal(user)
  const { value } = await person.call<{ value: { id: string; easDeviceId: string }[] }>(
    'GET',
    '/me/clients',
  )
  const client = value.find((one) => one.easDeviceId === deviceId)
  assert.ok(client, `${user} sees no ${deviceId} in the portal`)
  await person.call('POST', `/me/clients/${client.id}/confirm`, {})
}

/** A Ping and a waiting Sync that are held open. */
export interface Held {
  /** Status of the Ping once it has ended. */
  readonly ping: Promise<number | undefined>
  /** Status of the Sync once it has ended; 1 also for an empty answer: nothing happened. */
  readonly sync: Promise<number | undefined>
  /** Both, in this order; rejects when one is still held after some seconds. */
  ended(): Promise<readonly (number | undefined)[]>
  /** How many of the two have ended by now. */
  readonly over: number
}

/** Holds both for ten minutes, and resolves when they are held. */
export async function hold(phone: EasClient): Promise<Held> {
  let over = 0
  const counted = <T>(status: Promise<T>) => status.finally(() => (over += 1))
  const wait = phone.version === '12.1' ? { wait: 10 } : { heartbeatSeconds: 600 }
  const ping = counted(
    phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] }).then(({ status }) => status),
  )
  const sync = counted(
    phone
      .sync(phone.inbox, wait)
      .then(({ status, collection, empty }) => status ?? collection?.status ?? (empty ? 1 : 0)),
  )
  await arrived(phone)
  assert.equal(over, 0, 'a request ended at once instead of being held')
  const ended = () => soon(Promise.all([ping, sync]), `${phone.deviceId} is still held`)
  return {
    ping,
    sync,
    ended,
    get over() {
      return over
    },
  }
}

/** Resolves when requests that were sent before have arrived and are held: others that were sent later are answered. */
export async function arrived(phone: EasClient): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await phone.options()
    await pause(20)
  }
}

/** The promise, but no longer than some seconds: a test says what it waited for instead of timing out. */
export async function soon<T>(promise: Promise<T>, what: string, ms = 5000): Promise<T> {
  const cancel = new AbortController()
  const late = pause(ms, undefined, { signal: cancel.signal }).then(() =>
    assert.fail(`${what} after ${ms} ms`),
  )
  // Cancelled when the promise was in time.
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel.abort()
  }
}

/** Resolves once it holds. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = 5000,
): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) assert.fail(`${what}: not within ${ms} ms`)
    await pause(20)
  }
}
