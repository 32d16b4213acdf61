import { asFailure, Failure } from '../base/failures.ts'
import type { PolicySet } from '../conditional/conditional.ts'
import {
  type AuthenticationStrength,
  authenticationStrength,
  type ConditionalAccessPolicy,
  type NamedLocation,
} from '../conditional/policy.ts'
import { type Note, readNamedLocation, readPolicy } from '../conditional/read-policy.ts'
import { isNamedLocation, isObject, type Json, namesIn } from './graph-forms.ts'
import { readPolicyFolder } from './policy-files.ts'

/** A folder of conditional access policies, with whatever an export put beside them. */
export interface ConditionalFolder {
  readonly set: PolicySet
  /** For each policy of the set: where it stands, and what its author should know. */
  readonly sources: readonly { readonly file: string; readonly notes: readonly Note[] }[]
  /** Names by id, in lower case: of groups, locations, whatever has both. */
  readonly names: ReadonlyMap<string, string>
  /** What could not be read: no JSON, or no policy though it looks like one. */
  readonly faults: readonly { readonly file: string; readonly what: string }[]
}

/**
 * Reads policies, named locations and authentication strengths in Graph's JSON. Other documents that have an id and a name lend
 * their names, and so does the migration table of an IntuneManagement export.
 */
export function readConditionalFolder(path: string): ConditionalFolder {
  const { documents, faults: unread } = readPolicyFolder(path)
  const policies: ConditionalAccessPolicy[] = []
  const namedLocations: NamedLocation[] = []
  const strengths: AuthenticationStrength[] = []
  const sources: { file: string; notes: readonly Note[] }[] = []
  const names = new Map<string, string>()
  const faults = [...unread]
  for (const { file, value } of documents) {
    if (!isObject(value)) continue
    try {
      if ('conditions' in value) {
        const { policy, notes } = readPolicy(value)
        policies.push(policy)
        sources.push({ file, notes })
      } else if (isNamedLocation(value)) namedLocations.push(readNamedLocation(value))
      else if (Array.isArray(value['allowedCombinations'])) strengths.push(readStrength(value))
    } catch (thrown) {
      faults.push({ file, what: asFailure(thrown).detail })
    }
    for (const [id, name] of namesIn(value)) names.set(id, name)
  }
  return { set: { policies, namedLocations, strengths }, sources, names, faults }
}

function readStrength(value: Json): AuthenticationStrength {
  const read = authenticationStrength.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Failure('policy.invalid', `${issue?.path.join('.')}: ${issue?.message}`)
}
