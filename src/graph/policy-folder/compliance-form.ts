import { isDeepStrictEqual } from 'node:util'
import { defaultAccessPolicies } from '../../access/policy.ts'
import { Failure } from '../../base/failures.ts'
import { graphTypeOf, readGraphPolicy } from '../../compliance/graph-json/read.ts'
import { reachOf } from '../../compliance/graph-json/targets.ts'
import { writeGraphPolicy } from '../../compliance/graph-json/write.ts'
import type { AssignmentTarget, CompliancePolicy } from '../../compliance/policy.ts'
import { policyDocument } from '../contract.ts'
import { readPolicies, writePolicies } from '../policy-names.ts'
import { differences, type PropertyChange } from './difference.ts'
import type { Names } from './names.ts'
import type { Json, Surroundings } from './kind.ts'

/** What a system says of a policy that it keeps, and what is no part of the policy. */
const ownOfServer = ['id', 'createdDateTime', 'lastModifiedDateTime', 'version']

/** A policy as a file holds it: in Graph's JSON where that can say all of it, else as a document of ours. */
export function writeCompliance(policy: CompliancePolicy, around: Surroundings): Json {
  return graphForm(policy, around.names) ?? ownForm(policy, around)
}

/** The properties that differ, by the names of Graph's JSON where it can say both. */
export function compareCompliance(
  before: CompliancePolicy,
  after: CompliancePolicy,
  around: Surroundings,
): readonly PropertyChange[] {
  const [old, next] = [graphForm(before, around.names), graphForm(after, around.names)]
  return old && next
    ? differences(old, next)
    : differences(ownForm(before, around), ownForm(after, around))
}

/**
 * Reads a document of either form. What a document of Graph's leaves out altogether, its assignments or its actions, stays as
 * it is; a new policy is then for nobody. Throws `policy.invalid`.
 */
export function readCompliance(
  document: Json,
  old: CompliancePolicy | undefined,
  { names, everybody, collections }: Surroundings,
): CompliancePolicy {
  if (graphTypeOf(document)) return readGraph(document, old, names)
  const read = policyDocument.safeParse(document)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Failure('policy.invalid', `${issue?.path.join('.') || 'kind'}: ${issue?.message}`)
  }
  const [policy] =
    readPolicies({ documents: [read.data] }, everybody.groups, collections).compliance ?? []
  if (!policy) throw new Failure('policy.invalid', 'is no compliance policy')
  return policy
}

function readGraph(
  document: Json,
  old: CompliancePolicy | undefined,
  names: Names,
): CompliancePolicy {
  const { policy } = readGraphPolicy(without(document, ownOfServer))
  const saysWhen = 'scheduledActionsForRule' in document
  const { gracePeriodHours, actions, origin, ...rest } = policy
  const ruleName = saysWhen ? undefined : old?.origin?.['ruleName']
  const whole = { ...origin, ...(ruleName !== undefined && { ruleName }) }
  const taken = saysWhen ? actions : old?.actions
  return {
    ...rest,
    gracePeriodHours: saysWhen ? gracePeriodHours : (old?.gracePeriodHours ?? 0),
    ...(taken && { actions: withGroups(taken, (name) => knownOr(name, names)) }),
    ...(Object.keys(whole).length > 0 && { origin: whole }),
    ...('assignments' in document
      ? assigned((policy.targets ?? []).map((one) => withId(one, (id) => names.id('target', id))))
      : assigned(old ? targetsOf(old) : [])),
  }
}

/** Who is told by mail may be somebody whom only another system knows. */
function knownOr(name: string, names: Names): string {
  try {
    return names.id('group', name)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'policy.invalid') return name
    throw thrown
  }
}

type Reach = Pick<CompliancePolicy, 'assignedTo' | 'excluded' | 'targets'>
type Group = CompliancePolicy['excluded'][number]

function assigned(targets: readonly AssignmentTarget[]): Reach {
  const reach = reachOf(targets, (id) => id as Group) // looked up, or kept, as one
  return { ...reach, ...(targets.length > 0 && { targets }) }
}

/** Graph's targets of a policy, which a document of ours does not have. */
function targetsOf({ targets, assignedTo, excluded }: Reach): readonly AssignmentTarget[] {
  const kept = targets && reachOf(targets, (id) => id as Group) // as it was looked up
  if (targets && isDeepStrictEqual(kept, { assignedTo, excluded })) return targets
  const included: readonly AssignmentTarget[] =
    assignedTo === 'all'
      ? [{ kind: 'allDevices' }]
      : assignedTo.map((id) => ({ kind: id.startsWith('col_') ? 'collection' : 'group', id }))
  return [...included, ...excluded.map((id) => ({ kind: 'exclusionGroup' as const, id }))]
}

const withId = (target: AssignmentTarget, of: (id: string) => string): AssignmentTarget =>
  target.id === undefined ? target : { ...target, id: of(target.id) }

type Actions = NonNullable<CompliancePolicy['actions']>

const withGroups = (actions: Actions, of: (name: string) => string): Actions =>
  actions.map(({ notificationMessageCCList: list, ...rest }) => ({
    ...rest,
    ...(list && { notificationMessageCCList: list.map(of) }),
  }))

/** Graph's JSON, where it can say all of the policy. */
function graphForm(policy: CompliancePolicy, names: Names): Json | undefined {
  const { type, severity = 'none', notReported, actions, origin } = policy
  if (!type || severity !== 'none' || notReported !== 'noncompliant') return undefined
  const targets = targetsOf(policy).map((one) => withId(one, (id) => names.name('target', id)))
  const named = {
    ...policy,
    targets,
    ...(actions && { actions: withGroups(actions, (id) => names.name('group', id)) }),
    ...(origin && { origin: without(origin, ownOfServer) }),
  }
  try {
    const written = writeGraphPolicy(named)
    const again = readGraphPolicy(written).policy
    if (!isDeepStrictEqual(again.unsupported, policy.unsupported)) return undefined
    // Left out, they would be said to be of no matter.
    return 'assignments' in written ? written : { ...written, assignments: [] }
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'policy.invalid') return undefined
    throw thrown
  }
}

function ownForm(policy: CompliancePolicy, { everybody, collections }: Surroundings): Json {
  const { targets: _, origin, ...rest } = policy
  const kept = origin && without(origin, ownOfServer)
  const plain = { ...rest, ...(kept && Object.keys(kept).length > 0 && { origin: kept }) }
  const [document] = writePolicies(
    [plain],
    defaultAccessPolicies,
    everybody.groups,
    collections,
  ).documents
  return { ...document }
}

const without = (object: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
