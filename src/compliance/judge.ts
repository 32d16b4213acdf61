import { day, hour, type Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Facts, Platform } from '../devices/facts.ts'
import { compilePolicies } from './compile.ts'
import type { CompliancePolicy } from './policy.ts'
import { type Reading, readPolicies } from './reading.ts'
import { editionOf } from './rules/edition.ts'
import type { ComplianceSettings } from './settings.ts'
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
  /** Groups of its owner, nested ones included, and collections; `undefined` where nobody knows them. */
  readonly memberships: ReadonlySet<string> | undefined
  /** Whether a mail profile for its platform is for its owner; `undefined` where the site has none, or nobody knows. */
  readonly profileReaches?: boolean | undefined
  /** The judgement before this one. */
  readonly before: Judgement | undefined
  /** Management forces on it what its platform lets be forced: see `SettingClass`. Default: nobody does. */
  readonly forced?: boolean
  /** What configuration sets on it, where that is known: compliance wins over it. */
  readonly configuration?: ComplianceSettings
}

/** What a site decides for all of its devices. */
export interface SiteCompliance {
  /** A device that no policy applies to is noncompliant. Default: it is compliant. */
  readonly secureByDefault: boolean
  /** Days of silence after which a device is noncompliant; Graph: `deviceComplianceCheckinThresholdDays`. */
  readonly checkinThresholdDays: number
  /** How long a fact that makes no sense leaves the earlier state standing. */
  readonly errorHoldMs: number
}

/** As documented for the system that this one stands in for. */
export const defaultSiteCompliance: SiteCompliance = {
  secureByDefault: false,
  checkinThresholdDays: 30,
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

/** A set of policies that is ready to judge many devices. */
export interface Judge {
  (subject: Subject, now: Instant): Judgement
}

/**
 * Judges one device at one moment. Pure: the same question has the same answer until `recheckAt`. The order of the
 * policies means nothing. For many devices, `createJudge` once.
 */
export function judgeDevice(
  subject: Subject,
  policies: readonly CompliancePolicy[],
  site: SiteCompliance,
  now: Instant,
): Judgement {
  return createJudge(policies, site)(subject, now)
}

/** Makes policies ready once, so that nothing of them is read again for a device. */
export function createJudge(policies: readonly CompliancePolicy[], site: SiteCompliance): Judge {
  const compiled = compilePolicies(policies)
  return (subject, now) => {
    const edition = editionOf(subject.platform, subject.facts.osVersion?.value)
    return conclude(readPolicies(compiled(edition), subject, now), subject, site, now)
  }
}

/** The judgement that follows from what the policies found. */
export function conclude(
  readings: readonly Reading[],
  subject: Subject,
  site: SiteCompliance,
  now: Instant,
): Judgement {
  const heardAt = lastHeard(subject)
  const applying = readings.filter((reading) => reading.applies)
  const silence = silenceOf(heardAt, site, now)
  if (applying.length === 0) return judgeWithoutPolicy(readings, site, silence)
  if (heardAt === undefined) return judgeUnheard(readings)
  if (silence.findings.length === 0 && applying.every(isMet))
    return concludeMet(readings, [...applying.flatMap(({ until }) => until), ...silence.until], now)
  const failingSince = since(applying, subject.before, now)
  const results = readings.map((reading) => resultOf(reading, failingSince, now))
  const state = worstState([...states(applying, results), ...silence.states])
  const ends = graceEnds(applying, failingSince).filter((end) => end > now)
  const findings = [...results.flatMap((result) => result.findings), ...silence.findings]
  const judged = {
    findings,
    policies: results,
    ...(failingSince !== undefined && { failingSince }),
  }
  const moments = [...applying.flatMap((reading) => reading.until), ...ends, ...silence.until]
  if (state === 'error') {
    const healthyRest = applying.map((reading) => stateWithoutErrors(reading, failingSince, now))
    return hold(judged, worstState([...healthyRest, ...silence.states]), ends, moments, {
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

const isMet = ({ failed, erred }: Reading): boolean => failed.length === 0 && erred.length === 0

/** The same as for any other, in fewer steps: of many devices most are healthy. */
function concludeMet(
  readings: readonly Reading[],
  moments: readonly Instant[],
  now: Instant,
): Judgement {
  return {
    state: 'compliant',
    findings: [],
    policies: readings.map(({ policy, applies, remediated }) => ({
      policy: policy.name,
      state: applies ? 'compliant' : 'notApplicable',
      findings: [],
      ...(remediated.length > 0 && { remediated }),
    })),
    ...recheck(moments, now),
  }
}

/** When the device was last heard of; a device that reports nothing by itself is heard of through its facts. */
function lastHeard({ lastReportAt, facts }: Subject): Instant | undefined {
  if (lastReportAt !== undefined) return lastReportAt
  const moments = Object.values(facts).map(({ at }) => at)
  return moments.length > 0 ? Math.max(...moments) : undefined
}

interface Silence {
  readonly states: readonly ComplianceState[]
  readonly findings: readonly Finding[]
  readonly until: readonly Instant[]
}

/** Whether the device has been silent for longer than the site lets any be; no grace helps it. */
function silenceOf(
  heardAt: Instant | undefined,
  { checkinThresholdDays: required }: SiteCompliance,
  now: Instant,
): Silence {
  if (heardAt === undefined) return { states: [], findings: [], until: [] }
  const end = heardAt + required * day
  if (now < end) return { states: [], findings: [], until: [end] }
  const measured = new Date(heardAt).toISOString()
  const finding = { rule: 'isActive', policy: '', measured, required }
  return { states: ['noncompliant'], findings: [finding], until: [] }
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

function resultOf(reading: Reading, failingSince: Instant | undefined, now: Instant): PolicyResult {
  const { policy, applies, failed, erred, remediated } = reading
  const state = !applies
    ? 'notApplicable'
    : erred.length > 0
      ? 'error'
      : stateWithoutErrors(reading, failingSince, now)
  return {
    policy: policy.name,
    state,
    findings: [...failed, ...erred],
    ...(remediated.length > 0 && { remediated }),
  }
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

function judgeWithoutPolicy(
  readings: readonly Reading[],
  site: SiteCompliance,
  { states, findings, until: [recheckAt] }: Silence,
): Judgement {
  const policies = readings.map(({ policy }) => without(policy, 'notApplicable'))
  const moment = recheckAt !== undefined && { recheckAt }
  if (site.secureByDefault) {
    const finding = { rule: 'policyAssigned', policy: '', measured: false, required: true }
    return { state: 'noncompliant', findings: [finding, ...findings], policies, ...moment }
  }
  const state = worstState([readings.length > 0 ? 'notApplicable' : 'compliant', ...states])
  return { state, findings, policies, ...moment }
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

function without(policy: CompliancePolicy, state: ComplianceState): PolicyResult {
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
