import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../base/failures.ts'
import { graphTypeOf, readGraphPolicy } from '../compliance/graph-json/read.ts'
import { reachOf } from '../compliance/graph-json/targets.ts'
import type { CompliancePolicy } from '../compliance/policy.ts'
import { asSettings, settingsProblem } from '../compliance/settings-schema.ts'
import { policyWarnings } from '../compliance/warnings.ts'
import { policyDocument } from '../graph/contract.ts'
import { type PolicyFile, readPolicyFolder } from './policy-files.ts'

/** The compliance policies of a folder, whoever wrote them. */
export interface ComplianceFolder {
  /** Groups are called what the files call them. */
  readonly policies: readonly CompliancePolicy[]
  /** What was not taken over as it stands, what was left out, and what may not be meant: one line each. */
  readonly remarks: readonly string[]
}

type Group = Exclude<CompliancePolicy['assignedTo'], 'all'>[number]

/**
 * Reads compliance policies: Graph's JSON and our own YAML or JSON documents. A policy of Graph's without assignments is
 * for all devices, since exports leave assignments out. Throws `policy.invalid`, naming the file.
 */
export function readComplianceFolder(path: string): ComplianceFolder {
  const { documents, faults } = readPolicyFolder(path, 'yaml')
  const [fault] = faults
  if (fault) throw new Failure('policy.invalid', `${fault.file}: ${fault.what}`)
  const policies: CompliancePolicy[] = []
  const remarks: string[] = []
  for (const file of documents) {
    const policy = readOne(file, remarks)
    if (policy && !isKnown(policy, policies, file.file)) {
      policies.push(policy)
      for (const { setting, code } of policyWarnings(policy))
        remarks.push(`${file.file}: ${policy.name}: ${setting}: ${code}`)
    }
  }
  if (policies.length === 0)
    throw new Failure('policy.invalid', `${path} holds no compliance policy`)
  return { policies, remarks }
}

function readOne({ file, value }: PolicyFile, remarks: string[]): CompliancePolicy | undefined {
  if (graphTypeOf(value)) return readGraph({ file, value }, remarks)
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const kind: unknown = fields.find(([name]) => name === 'kind')?.[1]
  const other = fields.some(([name]) => name === 'conditions')
    ? 'a conditional access policy'
    : typeof kind === 'string' && kind !== 'compliancePolicy' && kind
  if (other) {
    remarks.push(`${file}: left out: ${other}`)
    return undefined
  }
  return readOwn({ file, value })
}

function readGraph({ file, value }: PolicyFile, remarks: string[]): CompliancePolicy {
  try {
    const { policy, notes } = readGraphPolicy(value)
    for (const { path, code, detail } of notes) remarks.push(`${file}: ${path}: ${code}: ${detail}`)
    const { targets = [] } = policy
    // Groups are what the files call them; nobody looks them up in a directory.
    const reach = reachOf(targets, (id) => id as Group)
    return targets.length > 0
      ? { ...policy, ...reach }
      : { ...policy, assignedTo: 'all', excluded: [] }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    throw new Failure(thrown.code, `${file}: ${thrown.detail}`, { cause: thrown })
  }
}

function readOwn({ file, value }: PolicyFile): CompliancePolicy {
  const read = policyDocument.safeParse(value)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Failure(
      'policy.invalid',
      `${file}: ${issue?.path.join('.') || 'kind'}: ${issue?.message}`,
    )
  }
  if (read.data.kind !== 'compliancePolicy') throw new Failure('policy.invalid', `${file}: kind`)
  const { kind: _, settings, ...rest } = read.data
  const problem = settingsProblem(settings)
  if (problem) throw new Failure('policy.invalid', `${file}: ${rest.name}: ${problem}`)
  // Names of groups stand for their ids; the rest is as the document's schema has it.
  return { ...rest, settings: asSettings(settings) } as unknown as CompliancePolicy
}

/** Baselines hold one policy in several folders; two different ones of one name are a mistake. */
function isKnown(
  policy: CompliancePolicy,
  policies: readonly CompliancePolicy[],
  file: string,
): boolean {
  const other = policies.find(({ name }) => name.toLowerCase() === policy.name.toLowerCase())
  if (!other) return false
  if (isDeepStrictEqual(other, policy)) return true
  throw new Failure(
    'policy.invalid',
    `${file}: two compliance policies are called ${JSON.stringify(policy.name)}`,
  )
}
