import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newToken } from '../base/secret.ts'
import { type Connection, connect, type LocalAccess } from '../cli/connection.ts'
import { type Config, readConfig } from '../config.ts'
import type { PortalClient, PolicySet } from '../graph/contract.ts'
import type { LockoutGuardBody } from '../graph/draft-contract.ts'
import { EasClient } from '../phone/phone.ts'
import { webTransport } from '../phone/transport.ts'
import type { EasVersion } from '../wire/eas/version.ts'
import { type Person, signIn } from './person.ts'

/** What the demo needs of a running Postern; `postern.ts` gives it. */
export interface Running {
  readonly url: string
  readonly local: LocalAccess
  readonly welcome: readonly string[]
  stop(): Promise<void>
}

export type Start = (config: Config) => Promise<Running>

export interface PhoneOptions {
  readonly version?: EasVersion
  readonly form?: 'plain' | 'base64'
  readonly deviceType?: string
  readonly userAgent?: string
  readonly wlHeader?: string
  readonly password?: string
}

/** A throw-away Postern with an administrator's line to it. */
export interface Stage {
  readonly url: string
  /** What the start told its reader. */
  readonly welcome: readonly string[]
  readonly administrator: Connection
  addUser(name: string, password?: string, mail?: string): Promise<void>
  /** The portal, as this user. */
  portal(name: string): Promise<Person>
  /** A phone with this user's account; an iPhone of EAS 14.1 unless told otherwise. */
  phone(user: string, deviceId: string, options?: PhoneOptions): EasClient
  apply(osMinimumVersion: string): Promise<void>
  /** Lets one change keep everybody from mail: an accident elsewhere, and meant in a play. */
  liftGuard(): Promise<void>
  deliver(user: string, subject: string): Promise<void>
  stop(): Promise<void>
}

/** Sets the stage in a temporary folder; `stop` leaves nothing behind. */
export async function setStage(start: Start, changes: Partial<Config> = {}): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), 'postern-stage-'))
  const running = await start({
    ...readConfig({ data, listen: '127.0.0.1:0' }, {}),
    mailListen: '127.0.0.1:0',
    log: 'error',
    ...changes,
  })
  const { url, local } = running
  const administrator = await connect(local)
  const passwords = new Map<string, string>()
  const people: Person[] = []
  const passwordOf = (name: string) => passwords.get(name) ?? ''
  return {
    url,
    welcome: running.welcome,
    administrator,
    async addUser(name, password = newToken(), mail = `${name}@example.org`) {
      passwords.set(name, password)
      await administrator.call('POST', '/users', { userPrincipalName: name, mail, password })
    },
    async portal(name) {
      const person = await signIn({
        url,
        authority: local.authority,
        name,
        password: passwordOf(name),
      })
      people.push(person)
      return person
    },
    phone(user, deviceId, options = {}) {
      const { password = passwordOf(user), ...rest } = options
      const transport = webTransport({
        url: `${url}/Microsoft-Server-ActiveSync`,
        user,
        password,
        ca: local.authority,
      })
      const iPhone = {
        version: '14.1' as const,
        deviceType: 'iPhone',
        userAgent: 'Apple-iPhone15C4/2201.100',
      }
      return new EasClient({ ...iPhone, ...rest, transport, deviceId, user })
    },
    async apply(osMinimumVersion) {
      await administrator.call('PUT', '/postern/policies', policiesOf(osMinimumVersion))
    },
    async liftGuard() {
      const guard = await administrator.call<LockoutGuardBody>('GET', '/postern/lockout')
      await administrator.call('PUT', '/postern/lockout', { ...guard, mostPercent: 100 })
    },
    async deliver(user, subject) {
      const message = `From: colleague@example.org\r\nTo: ${user}@example.org\r\nSubject: ${subject}\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n\r\nHello.\r\n`
      await administrator.call(
        'POST',
        `/postern/mailboxes/${user}/messages`,
        new TextEncoder().encode(message),
      )
    },
    async stop() {
      await Promise.all([...people, administrator].map((each) => each.close()))
      await running.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Everybody's iOS devices must be of this version, and noncompliant ones read no mail. */
function policiesOf(osMinimumVersion: string): PolicySet {
  return {
    documents: [
      {
        kind: 'compliancePolicy',
        name: 'Phones',
        platform: 'iOS',
        settings: { passwordRequired: true, osMinimumVersion },
        gracePeriodHours: 0,
        notReported: 'noncompliant',
        assignedTo: 'all',
        excluded: [],
      },
      {
        kind: 'exchangeOnline',
        enabled: true,
        targeted: 'all',
        exempt: [],
        blockNoncompliant: true,
        blockUnsupportedPlatforms: false,
        supportedPlatforms: ['iOS', 'android', 'windows', 'macOS'],
        windowsRequirement: 'domainJoinedOrCompliant',
        requireApproval: false,
      },
    ],
  }
}

/** Confirms every phone of the user that waits, as its user does in the portal. */
export async function confirmAll(person: Person): Promise<readonly PortalClient[]> {
  const { value } = await person.call<{ value: PortalClient[] }>('GET', '/me/clients')
  const confirmed: PortalClient[] = []
  for (const client of value)
    if (client.enrollment === 'open')
      confirmed.push(
        await person.call<PortalClient>('POST', `/me/clients/${client.id}/confirm`, {}),
      )
  return confirmed
}
