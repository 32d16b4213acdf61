import type { Device } from '../devices/devices.ts'
import type { Store, Tx } from '../store/store.ts'
import { forcesSettings } from './forcing.ts'
import { newsOfReach } from './hearing.ts'
import {
  createJudge,
  type Judge,
  type Judgement,
  type SiteCompliance,
  type Subject,
} from './judge.ts'
import {
  type MembershipsOf,
  type ProfileReachOf,
  type Reach,
  speaksOfMemberships,
} from './memberships.ts'
import type { Fleet, PackedRules } from './packed/fleet.ts'
import type { CompliancePolicy } from './policy.ts'
import { readPolicyTexts } from './records.ts'
import { siteOf } from './site.ts'

/** What a judgement rests on besides the device, read before the transaction that keeps it. */
export interface World {
  readonly policies: readonly CompliancePolicy[]
  readonly memberships: MembershipsOf
  readonly profileReaches: ProfileReachOf
  readonly site: SiteCompliance
  readonly judge: Judge
  /** The same for packed devices. */
  readonly packed: PackedRules
  /** Some policy speaks of memberships; else they were not read. */
  readonly hasMemberships: boolean
}

type Rules = Omit<World, 'memberships' | 'profileReaches'> & {
  /** All of it as a text, to be compared. */
  readonly text: string
}

/** The world, and how far in the journal it is known to be true. */
interface Known {
  readonly world: World
  readonly upTo: number
}

/** Looks at the world, and knows by the journal whether it has changed. */
export interface Look {
  /** As it is now. */
  now(): Promise<World>
  /** As it was when it was last looked at: whoever judges by it asks `holds`. */
  last(): Promise<World>
  /** Whether it is still what is true in this transaction, and so until the end of that. */
  holds(tx: Tx, world: World): Promise<boolean>
  /** There is news of it at this number. */
  forget(seq: number): void
}

/** News of what devices are judged by, themselves apart. */
const newsOfWorld = [...newsOfReach, 'compliance.policies']

/** Looks; the policies are made ready anew only when they are others than the last time. */
export function createLook(rooms: {
  readonly store: Store
  readonly reach: Reach
  readonly fleet: Fleet
}): Look {
  const { store, reach, fleet } = rooms
  const { journal } = store
  let known: Known | undefined
  let ready: Rules | undefined

  async function rulesNow() {
    const texts = await readPolicyTexts(store.db)
    const site = await siteOf(store.db)
    const text = JSON.stringify([texts, site])
    if (ready?.text !== text) ready = { ...rulesOf(texts, site, fleet), text }
    return ready
  }

  /** All that was appended up to this number is in what is read now. */
  async function read(upTo: number) {
    const rules = await rulesNow()
    const memberships = await reach.memberships(rules.policies)
    const profileReaches = await reach.profiles(rules.policies)
    const world = { ...rules, memberships, profileReaches }
    if (!known || known.upTo <= upTo) known = { world, upTo }
    return world
  }

  /** What has become of it; `undefined` where somebody has looked anew meanwhile. */
  async function newsSince(before: Known, within?: Tx) {
    const news = await journal.since(before.upTo, within)
    if (known?.world !== before.world) return undefined
    const upTo = Math.max(known.upTo, ...news.values())
    if (newsOfWorld.some((kind) => news.has(kind)))
      return { upTo, ofReach: newsOfReach.some((kind) => news.has(kind)) }
    // The next to ask reads less of the journal.
    known = { ...before, upTo }
    return 'none'
  }

  async function now(): Promise<World> {
    const before = known
    if (!before) {
      const head = await journal.head()
      reach.forget()
      return await read(head)
    }
    const news = await newsSince(before)
    if (news === 'none') return before.world
    if (!news) return await now()
    if (news.ofReach) reach.forget()
    return await read(news.upTo)
  }

  return {
    now,
    last: async () => known?.world ?? (await now()),
    async holds(tx, world) {
      const before = known
      return before?.world === world && (await newsSince(before, tx)) === 'none'
    },
    forget(seq) {
      if (known && known.upTo < seq) known = undefined
    },
  }
}

function rulesOf(
  texts: readonly string[],
  site: SiteCompliance,
  fleet: Fleet,
): Omit<Rules, 'text'> {
  const policies = texts.map((text) => JSON.parse(text) as CompliancePolicy) // checked before it was written
  return {
    policies,
    site,
    judge: createJudge(policies, site),
    packed: fleet.rules(policies, site),
    hasMemberships: policies.some(speaksOfMemberships),
  }
}

/** The device as it is judged in this world. */
export function subjectOf(
  device: Device,
  { memberships, profileReaches }: Pick<World, 'memberships' | 'profileReaches'>,
  before: Judgement | undefined,
): Subject {
  return {
    facts: device.facts,
    platform: device.facts.platform?.value ?? 'unknown',
    lastReportAt: device.lastReportAt,
    memberships: memberships(device),
    profileReaches: profileReaches(device),
    before,
    forced: forcesSettings(device.channel),
  }
}
