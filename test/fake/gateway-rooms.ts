import type { Admission, Gate } from '../../src/access/gate.ts'
import type { Decision } from '../../src/access/decision.ts'
import {
  type AccessPolicies,
  defaultAccessPolicies,
  type MailboxPolicy,
} from '../../src/access/policy.ts'
import { Failure } from '../../src/base/failures.ts'
import type { Devices, Partnership, PartnershipId } from '../../src/devices/devices.ts'
import { type Facts, mergeFacts } from '../../src/devices/facts.ts'
import type { User, UserId } from '../../src/directory/directory.ts'
import type { Identity } from '../../src/identity/identity.ts'

type Outcome = Decision['outcome']

/** What a fake gate says of a client. */
export interface Word {
  readonly outcome: Outcome
  readonly enforced?: boolean
  readonly stateReason?: Decision['stateReason']
}

/** A gate that says what it was told, and withdraws as the real one does. */
export interface FakeGate extends Pick<Gate, 'admit' | 'fault'> {
  /** Of one partnership, or of all others. Fires `withdrawn` of what is under way and now differs. */
  say(word: Word, partnership?: PartnershipId): void
  /** Admissions that were not released. */
  readonly open: number
  /** The clients' last words on the mailbox policy. */
  readonly policyRefused: Map<PartnershipId, boolean>
  /** Clients whom a fault of ours hit, as the door told. */
  readonly faults: PartnershipId[]
}

/** Makes a gate that allows, enforced, until told otherwise. */
export function createFakeGate(): FakeGate {
  const words = new Map<string, Word>()
  let general: Word = { outcome: 'allow' }
  const faults: PartnershipId[] = []
  const policyRefused = new Map<PartnershipId, boolean>()
  const live = new Set<{ partnership: PartnershipId; outcome: Outcome; end: AbortController }>()
  const wordOf = (partnership: PartnershipId) => words.get(partnership) ?? general
  return {
    say(word, partnership) {
      if (partnership) words.set(partnership, word)
      else general = word
      for (const admitted of live) {
        if (wordOf(admitted.partnership).outcome !== admitted.outcome) admitted.end.abort()
      }
    },
    policyRefused,
    faults,
    async fault(partnership) {
      faults.push(partnership)
    },
    async admit({ partnership, policyRefused: word }) {
      if (word !== undefined) policyRefused.set(partnership, word)
      const { outcome, enforced = true, stateReason = 'unknown' } = wordOf(partnership)
      const admitted = { partnership, outcome, end: new AbortController() }
      live.add(admitted)
      const decision: Decision = {
        outcome,
        judged: outcome,
        enforced,
        state: outcome === 'allow' ? 'allowed' : outcome === 'block' ? 'blocked' : 'quarantined',
        stateReason,
        reasons: [],
        path: [],
      }
      const admission: Admission = {
        decision,
        withdrawn: admitted.end.signal,
        heed: (ear) => admitted.end.signal.addEventListener('abort', () => ear.withdrawn()),
        release: () => void live.delete(admitted),
      }
      return admission
    },
    get open() {
      return live.size
    },
  }
}

/** Partnerships in memory, with what was observed of them. */
export interface FakeDevices extends Pick<Devices, 'partner' | 'observe' | 'seen'> {
  readonly partnerships: Map<string, Partnership>
  readonly facts: Map<string, Facts>
  /** Partnerships with a successful Sync. */
  readonly synced: Set<PartnershipId>
  /** Most partnerships of one user. */
  most: number
  partnershipOf(deviceId: string, user?: string): PartnershipId
}

/** Makes an empty devices room. */
export function createFakeDevices(): FakeDevices {
  const devices: FakeDevices = {
    partnerships: new Map(),
    facts: new Map(),
    synced: new Set(),
    most: 100,
    async partner(user, eas) {
      const key = `${user}/${eas.deviceId.toLowerCase()}`
      const known = devices.partnerships.get(key)
      if (known) return known
      const mine = [...devices.partnerships.keys()].filter((name) => name.startsWith(`${user}/`))
      if (mine.length >= devices.most) throw new Failure('limit.exceeded', 'partnerships')
      const id: PartnershipId = `prt_${devices.partnerships.size + 1}`
      const started = { id, user, eas, firstSeenAt: 0, lastSeenAt: 0, facts: {} }
      devices.partnerships.set(key, started)
      return started
    },
    async observe(subject, facts) {
      devices.facts.set(subject, mergeFacts(devices.facts.get(subject) ?? {}, facts))
    },
    seen(partnership, _at, successSync) {
      if (successSync) devices.synced.add(partnership)
    },
    partnershipOf(deviceId, user = 'alice') {
      const found = devices.partnerships.get(`usr_${user}/${deviceId.toLowerCase()}`)
      if (!found) throw new Error(`no partnership of ${deviceId}`)
      return found.id
    },
  }
  return devices
}

/** The users of the rig: the password of each is `secret-<name>`. */
export const fakeUsers: readonly User[] = ['alice', 'bob', 'carol'].map((name) => ({
  id: `usr_${name}` satisfies UserId,
  name,
  displayName: name,
  mail: `${name}@corp.test`,
  enabled: true,
  role: 'user' as const,
}))

/** Knows the users above, and `user0` to `user9999` for crowds. */
export const fakeIdentity: Pick<Identity, 'authenticate' | 'remembered'> = {
  remembered: () => undefined,
  async authenticate({ name, password }) {
    if (name === 'throttled') throw new Failure('credentials.throttled', 'again later')
    const crowd = /^user\d{1,4}$/.test(name)
    const known = fakeUsers.find((user) => user.name === name || user.mail === name)
    const user =
      known ?? (crowd ? { ...(fakeUsers[0] as User), id: `usr_${name}` as const, name } : undefined) // never empty
    if (!user || password.reveal() !== `secret-${user.name}`)
      throw new Failure('credentials.refused', 'wrong name or password')
    return user
  },
}

/** Access policies of which only the mailbox policy matters here. */
export function createFakeAccess(): {
  current(): AccessPolicies
  setMailboxPolicy(part: Partial<MailboxPolicy>): void
} {
  let policies = defaultAccessPolicies
  return {
    current: () => policies,
    setMailboxPolicy(part) {
      const mailboxPolicy = { ...policies.organization.mailboxPolicy, ...part }
      policies = { ...policies, organization: { ...policies.organization, mailboxPolicy } }
    },
  }
}
