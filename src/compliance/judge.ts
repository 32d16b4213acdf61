import { hour, type Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Facts, Platform } from '../devices/facts.ts'
import type { CompliancePolicy } from './compliance.ts'
import { rules } from './rules/registry.ts'
import type { Rule } from './rules/rule.ts'
import {
  type ComplianceState,
  countedState,
  type Finding,
  type PolicyResult,
  type Verdict,
  worstState,
} from './verdict.ts'

/** What one device is judged by, besides the policies. */
export interface Subject {
  readonly facts: Facts
  readonly platform: Platform
  readonly lastReportAt: Instant | undefined
  /** Groups of its owner, nested ones included. */
  readonly ownerGroups: ReadonlySet<string>
  /** The judgement before this one. */
  readonly before: Judgement | undefined
}

/** What a site decides for all of its devices. */
export interface SiteCompliance {
  /** A device that no policy applies to is noncompliant. Default: it is compliant. */
  readonly secureByDefault: boolean
  /** How long a fact that makes no sense leaves the earlier state standing. */
  readonly errorHoldMs: number
}

/** As documented for the system that this one stands in for. */
export const defaultSiteCompliance: SiteCompliance = {
  secureByDefault: false,
  errorHoldMs: limits.complianceErrorHoldMs.value,
}

/** A verdict with what the next judgement needs to know of this one. */
export interface Judgement extends Verdict {
  /** Since when the device has been failing; the base of grace. */
  readonly failingSince?: Instant
  /** Since when a fact of it makes no sense. */
  readonly erringSince?: Instant
  /** What counted before that. */
  readonly beforeError?: { readonly state: ComplianceState; readonly graceUntil?: Instant }
}

/** One policy applied to one device; state follows later, since grace counts from the whole device. */
interface Reading {
  readonly policy: CompliancePolicy
  readonly applies: boolean
  readonly failed: readonly Finding[]
  readonly erred: readonly Finding[]
  /** Since when it fails, where a rule can tell. */
  readonly since: Instant | undefined
  /** When a rule that passes will say otherwise. */
  readonly until: readonly Instant[]
}

/**
 * Judges one device at one moment. Pure: the same question has the same answer until `recheckAt`. The order of the
 * policies means nothing.
 */
export function judgeDevice(
  subject: Subject,
  policies: readonly CompliancePolicy[],
  site: SiteCompliance,
  now: Instant,
): Judgement {
  const readings = policies
    .filter((policy) => isAssigned(policy, subject.ownerGroups))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((policy) => readPolicy(policy, subject, now))
  const applying = readings.filter((reading) => reading.applies)
  if (applying.length === 0) return judgeWithoutPolicy(readings, site)
  if (hasNeverReported(subject)) return judgeUnheard(readings)
  const failingSince = since(applying, subject.before, now)
  const results = readings.map((reading) => stateOf(reading, failingSince, now))
  const state = worstState(states(applying, results))
  const ends = graceEnds(applying, failingSince).filter((end) => end > now)
  const findings = results.flatMap((result) => result.findings)
  const judged = {
    findings,
    policies: results,
    ...(failingSince !== undefined && { failingSince }),
  }
  const moments = [...applying.flatMap((reading) => reading.until), ...ends]
  if (state === 'error') {
    const healthyRest = applying.map((reading) => stateWithoutErrors(reading, failingSince, now))
    return hold(judged, worstState(healthyRest), ends, moments, {
      before: subject.before,
      site,
      now,
    })
  }
  return {
    state,
    ...judged,
    ...(state === 'inGracePeriod' && { graceUntil: Math.min(...ends) }),
    ...recheck(moments, now),
  }
}

function isAssigned(policy: CompliancePolicy, groups: ReadonlySet<string>): boolean {
  if (policy.excluded.some((group) => groups.has(group))) return false
  return policy.assignedTo === 'all' || policy.assignedTo.some((group) => groups.has(group))
}

/** Enrolled a moment ago, and nothing is known yet. */
function hasNeverReported(subject: Subject): boolean {
  return subject.lastReportAt === undefined && Object.keys(subject.facts).length === 0
}

function readPolicy(policy: CompliancePolicy, subject: Subject, now: Instant): Reading {
  const applies = policy.platform === 'all' || policy.platform === subject.platform
  const failed: Finding[] = []
  const erred: Finding[] = []
  const until: Instant[] = []
  const sinces: Instant[] = []
  for (const rule of applies ? rules : []) {
    if (!meansSomething(rule, subject.platform)) continue
    const ruling = rule.judge(policy.settings, subject, now)
    if (!ruling) continue
    if (ruling.says === 'pass') {
      if (ruling.until !== undefined) until.push(ruling.until)
      continue
    }
    const silent = ruling.says === 'notReported'
    if (silent && policy.notReported === 'compliant') continue
    const measured = silent ? 'notReported' : ruling.measured
    const finding = { rule: rule.name, policy: policy.name, measured, required: ruling.required }
    if (ruling.says === 'error') erred.push(finding)
    else failed.push(finding)
    if (ruling.says === 'fail') sinces.push(ruling.since ?? now)
  }
  return { policy, applies, failed, erred, since: least(sinces), until }
}

function meansSomething(rule: Rule, platform: Platform): boolean {
  return !rule.platforms || rule.platforms.includes(platform)
}

/**
 * The start of the present spell of failing. An error between two failures does not end the spell: else a client that
 * sends nonsense for a moment would get its grace anew.
 */
function since(
  applying: readonly Reading[],
  before: Judgement | undefined,
  now: Instant,
): Instant | undefined {
  const failing = applying.filter((reading) => reading.failed.length > 0)
  const erring = applying.some((reading) => reading.erred.length > 0)
  if (failing.length === 0) return erring ? before?.failingSince : undefined
  return least([now, ...failing.flatMap((one) => one.since ?? []), ...known(before?.failingSince)])
}

function stateOf(reading: Reading, failingSince: Instant | undefined, now: Instant): PolicyResult {
  const { policy, applies, failed, erred } = reading
  const state = !applies
    ? 'notApplicable'
    : erred.length > 0
      ? 'error'
      : stateWithoutErrors(reading, failingSince, now)
  return { policy: policy.name, state, findings: [...failed, ...erred] }
}

function stateWithoutErrors(
  { policy, failed }: Reading,
  failingSince: Instant | undefined,
  now: Instant,
): ComplianceState {
  if (failed.length === 0) return 'compliant'
  return now < (failingSince ?? now) + policy.gracePeriodHours * hour
    ? 'inGracePeriod'
    : 'noncompliant'
}

// A policy that is not applicable stands beside the others in the result but does not weigh: by the documented ranks it
// would outweigh `unknown`, and a device that nobody heard of would pass because of a policy for another platform.
function states(
  applying: readonly Reading[],
  results: readonly PolicyResult[],
): readonly ComplianceState[] {
  const weighing = new Set(applying.map(({ policy }) => policy.name))
  return results.filter(({ policy }) => weighing.has(policy)).map(({ state }) => state)
}

function graceEnds(
  applying: readonly Reading[],
  failingSince: Instant | undefined,
): readonly Instant[] {
  if (failingSince === undefined) return []
  return applying
    .filter((reading) => reading.failed.length > 0)
    .map(({ policy }) => failingSince + policy.gracePeriodHours * hour)
}

function judgeWithoutPolicy(readings: readonly Reading[], site: SiteCompliance): Judgement {
  const policies = readings.map(({ policy }) => resultOf(policy, 'notApplicable'))
  if (site.secureByDefault) {
    const finding = { rule: 'policyAssigned', policy: '', measured: false, required: true }
    return { state: 'noncompliant', findings: [finding], policies }
  }
  return { state: readings.length > 0 ? 'notApplicable' : 'compliant', findings: [], policies }
}

function judgeUnheard(readings: readonly Reading[]): Judgement {
  return {
    state: 'unknown',
    findings: readings.flatMap((reading) => reading.failed),
    policies: readings.map(({ policy, applies, failed }) => ({
      policy: policy.name,
      state: applies ? 'unknown' : 'notApplicable',
      findings: failed,
    })),
  }
}

function resultOf(policy: CompliancePolicy, state: ComplianceState): PolicyResult {
  return { policy: policy.name, state, findings: [] }
}

/**
 * An error leaves the earlier state standing for a week, then the device is noncompliant whatever its grace. What else
 * fails meanwhile counts at once, so nonsense in one fact never excuses another, and no state is held that was not
 * reached before: a device that began with nonsense has nothing to hold.
 */
function hold(
  judged: Omit<Judgement, 'state'>,
  rest: ComplianceState,
  graceEnds: readonly Instant[],
  moments: readonly Instant[],
  { before, site, now }: { before: Judgement | undefined; site: SiteCompliance; now: Instant },
): Judgement {
  const erringSince = before?.erringSince ?? now
  const end = erringSince + site.errorHoldMs
  const erredBefore = before?.erringSince !== undefined
  const earlier = erredBefore ? before.beforeError : before && earlierOf(before)
  const kept = { ...judged, erringSince, ...(earlier && { beforeError: earlier }) }
  if (now >= end) return { ...kept, state: 'noncompliant', ...recheck(moments, now) }
  const earlierEnd = earlier?.graceUntil
  const over = earlierEnd !== undefined && now >= earlierEnd
  const holds = earlier && opens(earlier.state) && !over
  const heldState = holds ? worstState([earlier.state, rest]) : undefined
  const graceUntil = heldState === 'inGracePeriod' && least([...graceEnds, ...known(earlierEnd)])
  return {
    ...kept,
    state: 'error',
    ...(heldState && { heldState }),
    ...(typeof graceUntil === 'number' && { graceUntil }),
    ...recheck([...moments, end, ...known(earlierEnd)], now),
  }
}

function earlierOf(before: Judgement): NonNullable<Judgement['beforeError']> {
  const { graceUntil } = before
  return { state: countedState(before), ...(graceUntil !== undefined && { graceUntil }) }
}

function opens(state: ComplianceState): boolean {
  return state === 'compliant' || state === 'inGracePeriod' || state === 'notApplicable'
}

function recheck(moments: readonly Instant[], now: Instant): { recheckAt?: Instant } {
  const next = least(moments.filter((moment) => moment > now))
  return next === undefined ? {} : { recheckAt: next }
}

function least(moments: readonly Instant[]): Instant | undefined {
  return moments.length > 0 ? Math.min(...moments) : undefined
}

function known(moment: Instant | undefined): readonly Instant[] {
  return moment === undefined ? [] : [moment]
}
