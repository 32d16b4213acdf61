import type { Instant } from '../../base/clock.ts'
import type { Judgement, SiteCompliance, Subject } from '../judge.ts'
import type { CompliancePolicy } from '../policy.ts'
import { editionOf } from '../rules/edition.ts'
import { createClasses } from './classes.ts'
import { type Cohort, type Cohorts, createCohorts } from './cohorts.ts'
import { createForesight, type SetOfNumber } from './foresight.ts'
import { createPlans } from './plan.ts'
import {
  createPolicySets,
  nobodys,
  type DeviceClass,
  placeOf,
  type PolicySet,
  type SetOf,
} from './policy-set.ts'
import { sweep, type Way } from './sweep.ts'
import { type Columns, createTable, inDoubt } from './table.ts'
import { createValues, type Values } from './values.ts'

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

/** All that devices are judged by. */
export interface Rules {
  readonly policies: readonly CompliancePolicy[]
  readonly site: SiteCompliance
}

/** Policies and what the site decides, made ready for packed devices. */
export interface PackedRules {
  /** The set of a class, by the number of the class. */
  set(number: number, one: DeviceClass): PolicySet | undefined
}

/**
 * Every judged device in a row of some columns: its cohort (a class, and the set of policies that judged it), which checks
 * of that had something to say, and codes of its facts. A change of policies then tells in one pass whose verdict could be
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
  /**
   * Follows nothing, but tells whether what was saved of a device at a moment is what both rules would say of it, the device
   * as it is known when it is asked about.
   */
  foresee(before: Rules, after: Rules): (id: string, judgedAt: Instant) => boolean
  /** Whether what was saved of the device at this moment is what the rules that were followed last would say. */
  holds(id: string, judgedAt: Instant): boolean
}

/** No devices yet. */
export function createFleet(): Fleet {
  const table = createTable()
  const values = createValues()
  const policySets = createPolicySets()
  const classes = createClasses()
  let cohorts = createCohorts()
  let followed: PackedRules | undefined
  /** The sets of the rules that were followed last. */
  let current = new Set<number>()

  const numbered = (rules: PackedRules) => (of: number) => rules.set(of, classes.of(of))
  const doubtRow = (row: number | undefined) => {
    if (row !== undefined) table.columns().cohorts[row] = inDoubt
  }

  /** The row of a device that was judged at this moment, and its cohort, where nothing of it is in doubt. */
  const judged = (id: string, judgedAt: Instant): [number, Cohort | undefined] => {
    const row = table.find(id) ?? -1
    const { cohorts: of, judgedAt: moments } = table.columns()
    return [row, moments[row] === judgedAt ? cohorts.find(of[row] ?? inDoubt) : undefined]
  }

  return {
    rules: (policies, site) => rulesOf(policySets.of(policies, site)),

    put({ id, owner, subject, hasMemberships, judgement, judgedAt }, rules) {
      const row = table.rowOf(id, owner)
      doubtRow(row)
      const of = classes.numberOf(classOf(subject, hasMemberships))
      const set = rules.set(of, classes.of(of))
      const bits = set && bitsOf(judgement, set)
      if (!set || !bits) return
      if (rules === followed) current.add(set.id)
      const columns = table.columns()
      setRow(columns, row, bits, judgedAt)
      values.write(subject.facts, columns.codes, row)
      columns.cohorts[row] = cohorts.numberOf(of, set)
    },

    doubt: (id) => doubtRow(table.find(id)),
    doubtOwner(owner) {
      for (const row of table.ofOwner(owner)) doubtRow(row)
    },
    doubtAll: () => table.clear(),

    follow(rules) {
      const next = createCohorts()
      const ways = waysTo(cohorts, next, numbered(rules), values)
      const doubted = sweep(table.columns(), table.count(), ways, values)
      cohorts = next
      followed = rules
      current = new Set(next.all().flatMap((cohort) => (cohort ? [cohort.set.id] : [])))
      policySets.keepOnly(current)
      return doubted
    },

    foresee(before, after) {
      const setOf = ({ policies, site }: Rules) =>
        numbered(rulesOf(policySets.ofDraft(policies, site)))
      const foresight = createForesight(setOf(before), setOf(after), values)
      return (id, judgedAt) => {
        const [row, cohort] = judged(id, judgedAt)
        return cohort !== undefined && foresight(cohort, table.columns(), row)
      }
    },

    holds: (id, judgedAt) => current.has(judged(id, judgedAt)[1]?.set.id ?? nobodys),
  }
}

function setRow({ low, high, judgedAt }: Columns, row: number, bits: Bits, at: Instant): void {
  low[row] = bits[0]
  high[row] = bits[1]
  judgedAt[row] = at
}

/** Where each cohort goes to by the next sets. */
function waysTo(cohorts: Cohorts, next: Cohorts, setOf: SetOfNumber, values: Values): Way[] {
  const plans = createPlans(values)
  return cohorts.all().map((cohort): Way => {
    const set = cohort && setOf(cohort.of)
    if (!set) return { to: inDoubt, plan: undefined }
    const to = next.numberOf(cohort.of, set)
    if (set === cohort.set) return { to, plan: undefined }
    const plan = plans.between(cohort.set, set)
    return plan ? { to, plan } : { to: inDoubt, plan }
  })
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

type Bits = [low: number, high: number]

/** Bits of the checks that have something to say in this judgement; `undefined` where it speaks of others. */
function bitsOf({ policies }: Judgement, { places }: PolicySet): Bits | undefined {
  const bits: Bits = [0, 0]
  for (const { policy, findings, remediated = [] } of policies)
    for (const setting of [...findings.map(({ rule }) => rule), ...remediated]) {
      const bit = places.get(placeOf(policy, setting))
      if (bit === undefined) return undefined
      bits[bit >>> 5 ? 1 : 0] |= 1 << (bit & 31)
    }
  return bits
}
