import type { Instant } from '../../base/clock.ts'
import type { Judgement, SiteCompliance, Subject } from '../judge.ts'
import type { CompliancePolicy } from '../policy.ts'
import { editionOf } from '../rules/edition.ts'
import { createClasses } from './classes.ts'
import { movedBits, type Plan, planBetween, says } from './plan.ts'
import {
  createPolicySets,
  type DeviceClass,
  placeOf,
  type PolicySet,
  type SetOf,
} from './policy-set.ts'
import { createTable, inDoubt, place, type Table, width } from './table.ts'
import { createValues } from './values.ts'

/** A device as it was judged, and what was saved of that. */
export interface PackedDevice {
  readonly id: string
  readonly owner: string
  readonly subject: Subject
  /** Its memberships were read: else nobody knows them, whatever the subject says. */
  readonly hasMemberships: boolean
  readonly judgement: Judgement
  readonly judgedAt: Instant
}

/** Policies and what the site decides, made ready for packed devices. */
export interface PackedRules {
  /** The set of a class, by the number of the class. */
  set(number: number, one: DeviceClass): PolicySet | undefined
}

/**
 * Every judged device in a record of some words: its class, the set of policies that it was judged by, which checks of that
 * had something to say, and the numbers of its facts. A change of policies then tells in one pass whose verdict could be
 * another one. Whatever is in doubt is one of those: it is judged.
 */
export interface Fleet {
  /** Makes these policies ready. */
  rules(policies: readonly CompliancePolicy[], site: SiteCompliance): PackedRules
  /** Notes what these rules made of a device. */
  put(device: PackedDevice, rules: PackedRules): void
  /** Something of this device may have changed. */
  doubt(id: string): void
  /** Something of the devices of this owner may have changed. */
  doubtOwner(owner: string): void
  doubtAll(): void
  /**
   * Follows a change of policies: a device of which they could say anything else is in doubt after it. Time is not asked:
   * whose verdict ends by time alone has an alarm. Returns how many came into doubt.
   */
  follow(rules: PackedRules): number
  /** Whether what was saved of the device at this moment is what the rules that were followed last would say. */
  holds(id: string, judgedAt: Instant): boolean
}

/** No devices yet. */
export function createFleet(): Fleet {
  const table = createTable()
  const values = createValues()
  const policySets = createPolicySets()
  const classes = createClasses()
  const sets = new Map<number, PolicySet>()
  let followed: PackedRules | undefined
  let current = new Set<number>()

  const doubtAt = (number: number | undefined) => {
    if (number !== undefined) table.words()[number * width + place.set] = inDoubt
  }

  return {
    rules: (policies, site) => rulesOf(policySets.of(policies, site)),

    put({ id, owner, subject, hasMemberships, judgement, judgedAt }, rules) {
      const number = table.numberOf(id, owner)
      const [words, from] = [table.words(), number * width]
      const of = classes.numberOf(classOf(subject, hasMemberships))
      const set = rules.set(of, classes.of(of))
      const bits = set && bitsOf(judgement, set)
      words.fill(0, from, from + width)
      if (!set || !bits) return
      sets.set(set.id, set)
      if (rules === followed) current.add(set.id)
      words[from + place.class] = of
      words[from + place.set] = set.id
      words[from + place.low] = bits[0]
      words[from + place.high] = bits[1]
      values.write(subject.facts, words, from + place.facts)
      table.setJudgedAt(number, judgedAt)
    },

    doubt: (id) => doubtAt(table.find(id)),
    doubtOwner(owner) {
      for (const number of table.ofOwner(owner)) doubtAt(number)
    },
    doubtAll: () => table.clear(),

    follow(rules) {
      const nextSets = classes.all().map((one, number) => rules.set(number, one))
      const nextIds = Int32Array.from(nextSets, (set) => set?.id ?? inDoubt)
      const doubted = passOver(table, nextIds, (number, old) => {
        const [before, after] = [sets.get(old), nextSets[number]]
        return before && after && planBetween(before, after, values)
      })
      followed = rules
      current = new Set(nextIds)
      current.delete(inDoubt)
      sets.clear()
      for (const set of nextSets) if (set) sets.set(set.id, set)
      policySets.keepOnly(current)
      return doubted
    },

    holds(id, judgedAt) {
      const number = table.find(id)
      if (number === undefined || table.judgedAt(number) !== judgedAt) return false
      return current.has(table.words()[number * width + place.set] ?? inDoubt)
    },
  }
}

/** The sets of these rules, each class asked for once. */
function rulesOf(setOf: SetOf): PackedRules {
  const known = new Map<number, PolicySet | undefined>()
  return {
    set(number, one) {
      if (!known.has(number)) known.set(number, setOf(one))
      return known.get(number)
    },
  }
}

function classOf({ platform, facts, forced, memberships }: Subject, has: boolean): DeviceClass {
  return {
    edition: editionOf(platform, facts.osVersion?.value),
    forced: forced ?? false,
    management: facts.androidManagement?.value,
    memberships: has ? memberships : undefined,
  }
}

/** Bits of the checks that have something to say in this judgement; `undefined` where it speaks of others. */
function bitsOf({ policies }: Judgement, { places }: PolicySet): [number, number] | undefined {
  const bits: [number, number] = [0, 0]
  for (const { policy, findings, remediated = [] } of policies)
    for (const setting of [...findings.map(({ rule }) => rule), ...remediated]) {
      const bit = places.get(placeOf(policy, setting))
      if (bit === undefined) return undefined
      bits[bit >>> 5 ? 1 : 0] |= 1 << (bit & 31)
    }
  return bits
}

/** The one pass: who keeps a verdict goes over to the next set, who may not is in doubt. */
function passOver(
  table: Table,
  nextIds: Int32Array,
  planned: (number: number, old: number) => Plan | undefined,
): number {
  const words = table.words()
  const end = table.count() * width
  // By class, as nearly all of a class were judged by the same set.
  const olds = new Int32Array(nextIds.length)
  const plans: (Plan | undefined)[] = Array.from(nextIds, () => undefined)
  let doubted = 0
  for (let from = 0; from < end; from += width) {
    const old = words[from + place.set] ?? inDoubt
    const number = words[from + place.class] ?? 0
    const after = nextIds[number] ?? inDoubt
    if (old === after || old === inDoubt) continue
    if (olds[number] !== old) {
      olds[number] = old
      plans[number] = planned(number, old)
    }
    const plan = plans[number]
    if (!plan || saysOther(plan, words, from)) {
      words[from + place.set] = inDoubt
      doubted += 1
      continue
    }
    words[from + place.set] = after
    if (plan.moves) move(plan.moves, words, from)
  }
  return doubted
}

function saysOther(plan: Plan, words: Int32Array, from: number): boolean {
  const low = (words[from + place.low] ?? 0) & plan.goneLow
  const high = (words[from + place.high] ?? 0) & plan.goneHigh
  return (low | high | says(plan, words, from + place.facts)) !== 0
}

function move(moves: ReadonlyMap<number, number>, words: Int32Array, from: number): void {
  const [low, high] = [words[from + place.low] ?? 0, words[from + place.high] ?? 0]
  if ((low | high) === 0) return
  const [toLow, toHigh] = movedBits(moves, low, high)
  words[from + place.low] = toLow
  words[from + place.high] = toHigh
}
