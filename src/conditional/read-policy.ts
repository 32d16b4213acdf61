import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { normalisePolicy } from './normalise.ts'
import {
  type ConditionalAccessPolicy,
  conditionalAccessPolicy,
  namedLocation,
  type NamedLocation,
} from './policy.ts'

/** Something about a policy that its author should know. */
export interface Note {
  /** Where, in the way of `conditions.users.includeGroups`. */
  readonly path: string
  /** `unknown`: a property that is kept and means nothing here. `placeholder`: to be replaced before the policy is used. */
  readonly kind: 'unknown' | 'placeholder'
  readonly what: string
}

/** Graph's own metadata of a policy; kept, and no condition. */
const metadata = new Set([
  'createdDateTime',
  'modifiedDateTime',
  'deletedDateTime',
  'templateId',
  'partialEnablementStrategy',
])

/**
 * Reads a policy in Graph's JSON, normalised, with what its author should know. Throws `policy.invalid` with the path where
 * it is none. Conditions that cannot be evaluated are told by `preparePolicy`, since that depends on what is known.
 */
export function readPolicy(document: unknown): {
  readonly policy: ConditionalAccessPolicy
  readonly notes: readonly Note[]
} {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new Failure('policy.invalid', 'a policy is an object')
  const normal = normalisePolicy({ ...document })
  const policy = parse(conditionalAccessPolicy, normal)
  const notes = [
    ...unknownKeys(conditionalAccessPolicy, normal, ''),
    ...placeholders(normal['conditions'], 'conditions'),
  ]
  return { policy, notes }
}

/** Reads a named location in Graph's JSON. Throws `policy.invalid` with the path where it is none. */
export function readNamedLocation(document: unknown): NamedLocation {
  return parse(namedLocation, document)
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Failure('policy.invalid', `${issue?.path.join('.') || 'policy'}: ${issue?.message}`)
}

/** A policy as Graph gives it: with the properties that are always there. */
export function writePolicy(policy: ConditionalAccessPolicy): ConditionalAccessPolicy {
  return {
    createdDateTime: null,
    modifiedDateTime: null,
    deletedDateTime: null,
    templateId: null,
    ...policy,
  }
}

/** Why Graph would refuse to save the policy: its code and message. */
export interface Fault {
  readonly code: 1032 | 1064
  readonly message: string
}

/** What Graph checks when a policy is created or changed, besides its shape. */
export function faultOf({ conditions, grantControls }: ConditionalAccessPolicy): Fault | undefined {
  const { clientAppTypes, applications, userRiskLevels } = conditions
  if (clientAppTypes.length === 0)
    return { code: 1064, message: "'clientAppTypes' condition does not support []" }
  if (!grantControls?.builtInControls?.includes('passwordChange')) return undefined
  const everyApp = applications?.includeApplications?.includes('All') === true
  const narrowed = !clientAppTypes.includes('all') || !userRiskLevels?.length || !everyApp
  const others = grantControls.builtInControls.some(
    (name) => name !== 'passwordChange' && name !== 'mfa',
  )
  return narrowed || others
    ? {
        code: 1032,
        message: 'ConditionalActionPolicy validation failed due to InvalidPasswordResetControl',
      }
    : undefined
}

/** Properties that no schema names and that hold something. */
function unknownKeys(schema: z.core.$ZodType, value: unknown, path: string): readonly Note[] {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, n) => unknownKeys(inner.element, item, `${path}[${n}]`))
  if (!(inner instanceof z.ZodObject) || typeof value !== 'object' || value === null) return []
  const shape: Readonly<Record<string, z.core.$ZodType>> = inner.shape
  return Object.entries(value).flatMap(([name, part]) => {
    const where = path ? `${path}.${name}` : name
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (known) return unknownKeys(known, part, where)
    // Conditions that are not known are told as such, and fail closed.
    if (path === 'conditions' || metadata.has(name) || part === null) return []
    return [{ path: where, kind: 'unknown' as const, what: 'this property means nothing here' }]
  })
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap())
    : schema
}

/** Published sets hold `<Group of exceptions>` where an id belongs. */
function placeholders(value: unknown, path: string): readonly Note[] {
  if (typeof value === 'string')
    return /^<.*>$/.test(value)
      ? [{ path, kind: 'placeholder', what: `${value} stands for an id` }]
      : []
  if (Array.isArray(value)) return value.flatMap((item) => placeholders(item, path))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => placeholders(part, `${path}.${name}`))
}
