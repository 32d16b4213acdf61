import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { createDetailedJudge, type Detail, type PolicyDetail } from './detail.ts'
import { type DeviceLine, readDeviceLine } from './device-line.ts'
import type { SiteCompliance } from './judge.ts'
import type { CompliancePolicy } from './policy.ts'
import { isSettingName, ruleOf } from './rules/registry.ts'
import type { Finding } from './verdict.ts'

/** Judges devices line by line, as `postern judge` does; needs no server and no store. */
export interface LineJudge {
  /** One verdict as plain data for one line of JSON. Throws `request.malformed` or `limit.exceeded`, which name the line. */
  (line: string, number: number): PrintedVerdict
}

/** A verdict as it is printed; times are ISO 8601. */
export interface PrintedVerdict {
  readonly id: string
  readonly state: Detail['state']
  readonly heldState?: string
  readonly policies: readonly PrintedPolicy[]
  readonly findings: readonly PrintedFinding[]
  readonly graceUntil?: string
  /** The first moment at which the verdict can differ, nothing else changing; null where none is. */
  readonly recheckAt: string | null
  readonly failingSince?: string
  readonly erringSince?: string
  readonly beforeError?: { readonly state: string; readonly graceUntil?: string }
  readonly conflicts?: Detail['conflicts']
  readonly overridden?: Detail['overridden']
  readonly ignored?: readonly string[]
}

type PrintedPolicy = { readonly name: string } & Omit<PolicyDetail, 'policy' | 'findings'>

interface PrintedFinding {
  readonly setting: string
  readonly policy: string
  readonly measured: Finding['measured']
  readonly required: Finding['required']
  readonly title?: string
  readonly fix?: string
  readonly hint?: string
}

/** A judge of lines; groups of the policies are called what the lines call them. */
export function createLineJudge(
  policies: readonly CompliancePolicy[],
  site: SiteCompliance,
  now: Instant,
): LineJudge {
  const judge = createDetailedJudge(policies, site)
  return (text, number) => {
    const line = read(text, number, now)
    return print(line, judge(line.subject, now))
  }
}

function read(text: string, number: number, now: Instant): DeviceLine {
  try {
    return readDeviceLine(text, now)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    throw new Failure(thrown.code, `line ${number}: ${thrown.detail}`, { cause: thrown })
  }
}

function print({ id, ignored }: DeviceLine, detail: Detail): PrintedVerdict {
  const { heldState, conflicts, overridden, beforeError } = detail
  return {
    id,
    state: detail.state,
    ...(heldState && { heldState }),
    policies: detail.policies.map(printPolicy),
    findings: detail.findings.map(printFinding),
    ...printTime('graceUntil', detail.graceUntil),
    recheckAt: detail.recheckAt === undefined ? null : iso(detail.recheckAt),
    ...printTime('failingSince', detail.failingSince),
    ...printTime('erringSince', detail.erringSince),
    ...(beforeError && {
      beforeError: {
        state: beforeError.state,
        ...printTime('graceUntil', beforeError.graceUntil),
      },
    }),
    ...(conflicts.length > 0 && { conflicts }),
    ...(overridden.length > 0 && { overridden }),
    ...(ignored.length > 0 && { ignored }),
  }
}

function printPolicy({
  policy,
  state,
  severity,
  remediated,
  settings,
}: PolicyDetail): PrintedPolicy {
  return {
    name: policy,
    state,
    ...(severity && { severity }),
    ...(remediated && { remediated }),
    settings,
  }
}

function printFinding({ rule, ...finding }: Finding): PrintedFinding {
  const known = isSettingName(rule) && ruleOf(rule)
  return { setting: rule, ...finding, ...(known && { title: known.title, fix: known.fix }) }
}

const iso = (moment: Instant) => new Date(moment).toISOString()

function printTime<N extends string>(
  name: N,
  moment: Instant | undefined,
): { readonly [K in N]?: string } {
  // The one key is the name that was asked for.
  return (moment === undefined ? {} : { [name]: iso(moment) }) as { readonly [K in N]?: string }
}
