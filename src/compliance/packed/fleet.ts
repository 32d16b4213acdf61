import type { Instant } from '../../base/clock.ts'
import type { Judgement, SiteCompliance, Subject } from '../judge.ts'
import type { CompliancePolicy } from '../policy.ts'
import { editionOf } from '../rules/edition.ts'
import { createClasses } from './classes.ts'
import { createCohorts } from './cohorts.ts'
import { createPlans } from './plan.ts'
import {
  createPolicySets,
  type DeviceClass,
  placeOf,
  type PolicySet,
  type SetOf,
} from './policy-set.ts'
import { sweep, type Way } from './sweep.ts'
import { createTable, inDoubt } from './table.ts'
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

  const doubtRow = (row: number | undefined) => {
    if (row !== undefined) table.columns().cohorts[row] = inDoubt
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
      columns.low[row] = bits[0]
      columns.high[row] = bits[1]
      columns.judgedAt[row] = judgedAt
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
      const plans = createPlans(values)
      const ways = cohorts.all().map((cohort): Way => {
        const set = cohort && rules.set(cohort.of, classes.of(cohort.of))
        if (!set) return { to: inDoubt, plan: undefined }
        const to = next.numberOf(cohort.of, set)
        if (set === cohort.set) return { to, plan: undefined }
        const plan = plans.between(cohort.set, set)
        return plan ? { to, plan } : { to: inDoubt, plan }
      })
      const doubted = sweep(table.columns(), table.count(), ways, values)
      cohorts = next
      followed = rules
      current = new Set(next.all().flatMap((cohort) => (cohort ? [cohort.set.id] : [])))
      policySets.keepOnly(current)
      return doubted
    },

    holds(id, judgedAt) {
      const row = table.find(id)
      const { cohorts: of, judgedAt: moments } = table.columns()
      if (row === undefined || moments[row] !== judgedAt) return false
      const cohort = cohorts.find(of[row] ?? inDoubt)
      return cohort !== undefined && current.has(cohort.set.id)
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
