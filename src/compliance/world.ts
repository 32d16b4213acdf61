import type { Device, DeviceId, Devices } from '../devices/devices.ts'
import type { Database } from '../store/store.ts'
import { forcesSettings } from './forcing.ts'
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

/** What a judgement rests on, read before the transaction that keeps it. */
export interface World {
  readonly devices: ReadonlyMap<DeviceId, Device | undefined>
  readonly policies: readonly CompliancePolicy[]
  readonly memberships: MembershipsOf
  readonly profileReaches: ProfileReachOf
  readonly site: SiteCompliance
  readonly judge: Judge
  /** The same for packed devices. */
  readonly packed: PackedRules
  /** Some policy speaks of memberships; else they were not read. */
  readonly hasMemberships: boolean
  /** The policies and what the site decides, to be compared. */
  readonly rules: string
}

type Rules = Omit<World, 'devices' | 'memberships' | 'profileReaches'>

/**
 * Makes what reads a world for devices. The policies are read and made ready anew only when they are others than the last
 * time.
 */
export function createLook(rooms: {
  readonly db: Database
  readonly devices: Devices
  readonly reach: Reach
  readonly fleet: Fleet
}): (ids: readonly DeviceId[]) => Promise<World> {
  const { db, devices, reach, fleet } = rooms
  let ready: Rules | undefined
  const rulesNow = async () => {
    const texts = await readPolicyTexts(db)
    const site = await siteOf(db)
    const rules = JSON.stringify([texts, site])
    if (ready?.rules !== rules) ready = { ...rulesOf(texts, site, fleet), rules }
    return ready
  }
  return async (ids) => {
    const rules = await rulesNow()
    const memberships = await reach.memberships(rules.policies)
    const profileReaches = await reach.profiles(rules.policies)
    const known = new Map((await devices.findDevices(ids)).map((one) => [one.id, one]))
    const found = new Map(ids.map((id) => [id, known.get(id)]))
    return { ...rules, memberships, profileReaches, devices: found }
  }
}

function rulesOf(
  texts: readonly string[],
  site: SiteCompliance,
  fleet: Fleet,
): Omit<Rules, 'rules'> {
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

/** Whether a judgement of this device in the one world rests on the same as one in the other. */
export function sameWorld(one: World, other: World, id: DeviceId): boolean {
  if (one.rules !== other.rules) return false
  const [a, b] = [one.devices.get(id), other.devices.get(id)]
  if (!a || !b) return a === b
  return (
    sameValue(a, b) &&
    sameMembers(one.memberships(a), other.memberships(b)) &&
    one.profileReaches(a) === other.profileReaches(b)
  )
}

/** Whether two values of JSON say the same. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function sameMembers(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}
