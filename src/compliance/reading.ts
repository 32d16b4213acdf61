import type { Instant } from '../base/clock.ts'
import { isAssigned } from './assignment.ts'
import type { CompiledPolicy, CompiledSetting } from './compile.ts'
import type { CompliancePolicy } from './policy.ts'
import type { Subject } from './judge.ts'
import type { Ruling } from './rules/rule.ts'
import type { Finding, SettingState } from './verdict.ts'

/** One policy applied to one device; its state follows later, since grace counts from the whole device. */
export interface Reading {
  readonly policy: CompliancePolicy
  readonly applies: boolean
  readonly failed: readonly Finding[]
  readonly erred: readonly Finding[]
  readonly remediated: readonly string[]
  /** Since when it fails, where a rule can tell. */
  readonly since: Instant | undefined
  /** When a rule that passes will say otherwise. */
  readonly until: readonly Instant[]
}

/** One setting of a policy on a device. */
export interface SettingResult {
  readonly setting: string
  readonly state: SettingState
  readonly required: Finding['required']
  /** Where it is not simply met. */
  readonly measured?: Finding['measured']
  readonly hint?: string
}

/** The policies that are assigned to the subject, read. `note` is told of every setting of those that apply. */
export function readPolicies(
  compiled: readonly CompiledPolicy[],
  subject: Subject,
  now: Instant,
  note?: (policy: CompliancePolicy, result: SettingResult) => void,
): readonly Reading[] {
  const readings: Reading[] = []
  for (const one of compiled) {
    if (!isAssigned(one.policy, subject.memberships)) continue
    const applies = appliesTo(one, subject.facts.androidManagement?.value)
    readings.push(applies ? readPolicy(one, subject, now, note) : idle(one.policy))
  }
  return readings
}

/** Whether it is for a device that says that it is managed like this. */
export function appliesTo({ fits, management }: CompiledPolicy, told: string | undefined): boolean {
  if (!fits) return false
  // Silence about how it is managed must not be the way out.
  return !management || !told || told === management
}

const nothing: readonly never[] = []

function idle(policy: CompliancePolicy): Reading {
  return {
    policy,
    applies: false,
    failed: nothing,
    erred: nothing,
    remediated: nothing,
    since: undefined,
    until: nothing,
  }
}

function readPolicy(
  { policy, settings }: CompiledPolicy,
  subject: Subject,
  now: Instant,
  note?: (policy: CompliancePolicy, result: SettingResult) => void,
): Reading {
  // Most settings of most devices are met: a list is made when something goes into it.
  let failed: readonly Finding[] = nothing
  let erred: readonly Finding[] = nothing
  let remediated: readonly string[] = nothing
  let until: readonly Instant[] = nothing
  let since: Instant | undefined
  for (const setting of settings) {
    if (setting.class === 'notApplicable') {
      note?.(policy, resultOf(setting, 'notApplicable'))
      continue
    }
    const ruling = setting.check(subject, now)
    const state = stateOf(ruling, setting, policy, subject)
    note?.(policy, resultOf(setting, state, ruling))
    if (state === 'remediated') remediated = [...remediated, setting.setting]
    else if (state === 'error') erred = [...erred, findingOf(policy, setting, ruling)]
    else if (state === 'noncompliant') failed = [...failed, findingOf(policy, setting, ruling)]
    if (ruling.says === 'pass' && ruling.until !== undefined) until = [...until, ruling.until]
    if (ruling.says === 'fail' && state === 'noncompliant')
      since = Math.min(since ?? now, ruling.since ?? now)
  }
  return { policy, applies: true, failed, erred, remediated, since, until }
}

/** How a setting stands by what its rule says. */
export function stateOf(
  { says }: Ruling,
  setting: CompiledSetting,
  policy: CompliancePolicy,
  subject: Pick<Subject, 'forced'>,
): SettingState {
  if (says === 'pass') return 'compliant'
  // What management forces on the device cannot stay unmet; where nobody forces it, it counts like any other.
  if (setting.class === 'remediated' && subject.forced) return 'remediated'
  if (says === 'error') return 'error'
  if (says === 'notReported' && policy.notReported === 'compliant') return 'unknown'
  return 'noncompliant'
}

const measuredOf = (ruling: Ruling): Finding['measured'] =>
  ruling.says === 'fail' || ruling.says === 'error' ? ruling.measured : 'notReported'

function findingOf(policy: CompliancePolicy, setting: CompiledSetting, ruling: Ruling): Finding {
  return {
    rule: setting.setting,
    policy: policy.name,
    measured: measuredOf(ruling),
    required: setting.required,
    ...(ruling.says === 'fail' && ruling.hint && { hint: ruling.hint }),
  }
}

function resultOf(
  { setting, required }: CompiledSetting,
  state: SettingState,
  ruling?: Ruling,
): SettingResult {
  if (!ruling || ruling.says === 'pass') return { setting, state, required }
  return {
    setting,
    state,
    required,
    measured: measuredOf(ruling),
    ...(ruling.says === 'fail' && ruling.hint && { hint: ruling.hint }),
  }
}
