import { Failure } from '../../base/failures.ts'
import {
  type AuthenticationStrength,
  authenticationStrength,
  type ConditionalAccessPolicy,
  type NamedLocation,
} from '../../conditional/policy.ts'
import { faultOf, readNamedLocation, readPolicy } from '../../conditional/read-policy.ts'
import { differences } from './difference.ts'
import type { Json, Kind, Surroundings } from './kind.ts'
import type { Referred } from './names.ts'

/** What a server says of what it keeps. */
const ownOfServer = ['id', 'createdDateTime', 'modifiedDateTime', 'deletedDateTime', 'templateId']

/** Conditional access policies: users, groups and locations by name. */
export const conditionalKind: Kind<ConditionalAccessPolicy> = {
  nameOf: ({ displayName }) => displayName,
  write: (policy, { names }) =>
    without(
      renamed(policy, (kind, id) => names.name(kind, id)),
      ownOfServer,
    ),
  read(document, old, { names, strengths, now, freshId }) {
    const dates = old
      ? { createdDateTime: old['createdDateTime'] ?? null, modifiedDateTime: now }
      : { createdDateTime: now }
    const id = old?.id ?? freshId('cap')
    const { policy } = readPolicy({ ...without(document, ownOfServer), ...dates, id })
    const fault = faultOf(policy)
    if (fault) throw new Failure('policy.invalid', `${fault.code}: ${fault.message}`)
    return withStrength(
      renamed(policy, (kind, name) => names.id(kind, name)),
      strengths,
    )
  },
  compare: (before, after, around) =>
    differences(conditionalKind.write(before, around), conditionalKind.write(after, around)),
}

/** Named locations. */
export const locationKind: Kind<NamedLocation> = {
  nameOf: ({ displayName }) => displayName ?? '',
  write: (location) => without(location, ownOfServer),
  read(document, old, { now, freshId }) {
    const dates = old
      ? { createdDateTime: old['createdDateTime'] ?? null, modifiedDateTime: now }
      : { createdDateTime: now }
    const id = old?.id ?? freshId('loc')
    const plain = without(withoutRemarks(document) as Json, ownOfServer) // an object stays one
    return readNamedLocation({ ...plain, ...dates, id })
  },
  compare: (before, after, around) =>
    differences(locationKind.write(before, around), locationKind.write(after, around)),
  refuseDelete: ({ isTrusted }) => (isTrusted ? 'a trusted location: untrust it first' : undefined),
}

/** Authentication strengths. They keep their ids: those of Microsoft's own are known to everybody. */
export const strengthKind: Kind<AuthenticationStrength> = {
  nameOf: ({ displayName, id }) => displayName ?? id,
  write: (strength) => without(strength, ownOfServer.slice(1)),
  read(document, old) {
    const plain = withoutRemarks(document) as Json // an object stays one
    const read = authenticationStrength.safeParse({ ...plain, ...(old && { id: old.id }) })
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw new Failure('policy.invalid', `${issue?.path.join('.')}: ${issue?.message}`)
  },
  compare: (before, after, around) =>
    differences(strengthKind.write(before, around), strengthKind.write(after, around)),
}

const lists: readonly (readonly [string, Referred])[] = [
  ['Users', 'user'],
  ['Groups', 'group'],
  ['Locations', 'location'],
]

/** The policy with other names for whom and what it refers to. */
function renamed(
  policy: ConditionalAccessPolicy,
  of: (kind: Referred, name: string) => string,
): ConditionalAccessPolicy {
  const { users, locations } = policy.conditions
  const changed = <T extends Record<string, unknown>>(part: T): T => {
    const next: Record<string, unknown> = { ...part }
    for (const [end, kind] of lists)
      for (const list of [`include${end}`, `exclude${end}`]) {
        const ids = next[list]
        if (Array.isArray(ids)) next[list] = ids.map((id) => of(kind, String(id)))
      }
    return next as T // the same keys with the same types
  }
  return {
    ...policy,
    conditions: {
      ...policy.conditions,
      ...(users && { users: changed(users) }),
      ...(locations && { locations: changed(locations) }),
    },
  }
}

/** A strength of our own is found by its name. */
function withStrength(
  policy: ConditionalAccessPolicy,
  strengths: Surroundings['strengths'],
): ConditionalAccessPolicy {
  const grant = policy.grantControls
  const asked = grant?.authenticationStrength
  const known = strengths.find(
    ({ displayName }) =>
      typeof displayName === 'string' &&
      displayName.toLowerCase() === asked?.displayName?.toLowerCase(),
  )
  if (!grant || !asked || !known) return policy
  return {
    ...policy,
    grantControls: { ...grant, authenticationStrength: { ...asked, id: known.id } },
  }
}

/** OData's remarks; types stay, since one tells addresses from countries. */
function withoutRemarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRemarks)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([name]) => name === '@odata.type' || !(name.includes('@odata.') || name.startsWith('#')),
  )
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutRemarks(inner)]))
}

const without = (object: object, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
