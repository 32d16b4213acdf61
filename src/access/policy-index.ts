import { createEvaluator, type Evaluator } from '../conditional/conditional.ts'
import type { UserId } from '../directory/directory.ts'
import type { AppliedPolicy } from './decision.ts'
import type { AccessLevel, AccessPolicies, ConditionalAccess, DeviceAccessRule } from './policy.ts'

/** A mailbox's own settings, made for looking up; device ids in lower case. */
export interface MailboxIndex {
  readonly activeSyncEnabled: boolean
  readonly allowed: ReadonlySet<string>
  readonly blocked: ReadonlySet<string>
}

/** What administrators say, made for looking up instead of searching. */
export interface PolicyIndex {
  readonly mailboxes: ReadonlyMap<UserId, MailboxIndex>
  /** By level; within one level by name, so that the order in which rules were saved says nothing. */
  readonly rules: Readonly<Record<AccessLevel, readonly DeviceAccessRule[]>>
  /** `undefined` where there is no policy to ask. */
  readonly evaluator: Evaluator | undefined
  /** What each conditional access policy demands and sets, by its id. */
  readonly controls: ReadonlyMap<string, Controls>
}

/** Names of the controls of a conditional access policy. */
export type Controls = Required<Pick<AppliedPolicy, 'grantControls' | 'sessionControls'>>

const known = new WeakMap<AccessPolicies, PolicyIndex>()

/** The index of these policies: built once per value, which nobody changes in place. */
export function indexOf(policies: AccessPolicies): PolicyIndex {
  let index = known.get(policies)
  if (!index) {
    index = build(policies)
    known.set(policies, index)
  }
  return index
}

const evaluators = new WeakMap<ConditionalAccess, Evaluator>()
/** Of policies that nobody asked yet: what they have in common with those that they were edited from. */
const lineages = new WeakMap<ConditionalAccess, Evaluator['lineage']>()

/** Says that policies were edited from others, so that to ask them costs what was changed. */
export function noteEdit(
  { conditionalAccess: before }: AccessPolicies,
  after: AccessPolicies,
): void {
  const lineage = evaluators.get(before)?.lineage ?? lineages.get(before)
  if (lineage) lineages.set(after.conditionalAccess, lineage)
}

/** Kept apart, since the policies stay the same when a mailbox changes. */
function evaluatorOf(set: ConditionalAccess): Evaluator | undefined {
  if (set.policies.length === 0) return undefined
  let evaluator = evaluators.get(set)
  if (!evaluator) {
    const whole = { ...set, strengths: set.authenticationStrengths }
    evaluator = createEvaluator(whole, undefined, lineages.get(set))
    evaluators.set(set, evaluator)
  }
  return evaluator
}

function build({
  casMailboxes,
  deviceAccessRules,
  conditionalAccess,
}: AccessPolicies): PolicyIndex {
  const mailboxes = new Map<UserId, MailboxIndex>()
  for (const { user, activeSyncEnabled, allowedDeviceIds, blockedDeviceIds } of casMailboxes) {
    const allowed = new Set(allowedDeviceIds.map((id) => id.toLowerCase()))
    const blocked = new Set(blockedDeviceIds.map((id) => id.toLowerCase()))
    mailboxes.set(user, { activeSyncEnabled, allowed, blocked })
  }
  const sorted = [...deviceAccessRules].sort((a, b) => (a.name < b.name ? -1 : 1))
  const of = (level: AccessLevel) => sorted.filter((rule) => rule.accessLevel === level)
  const evaluator = evaluatorOf(conditionalAccess)
  return {
    mailboxes,
    rules: { block: of('block'), quarantine: of('quarantine'), allow: of('allow') },
    evaluator,
    controls: new Map(
      evaluator?.prepared.map(({ policy, grant, sessionControls }) => [
        policy.id,
        { grantControls: grant.controls.map(({ name }) => name), sessionControls },
      ]),
    ),
  }
}
