import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type GuestType, guestTypes, type NamedLocation } from '../conditional/policy.ts'
import { readNamedLocation } from '../conditional/read-policy.ts'
import type { Identity } from '../conditional/sign-in.ts'

/** A user of the directory, as policies see them. */
export interface FileUser {
  readonly name: string
  readonly identity: Identity
}

/** A directory in Graph's shape, read from a file. */
export interface DirectoryFile {
  readonly users: readonly FileUser[]
  /** By group, all groups above it, near and far; ids in lower case. */
  readonly groupsAbove: ReadonlyMap<string, readonly string[]>
  readonly namedLocations: readonly NamedLocation[]
  /** Names by id, in lower case. */
  readonly names: ReadonlyMap<string, string>
}

const member = z.union([
  z.string(),
  z.looseObject({
    id: z.string(),
    '@odata.type': z.string().nullish(),
    roleTemplateId: z.string().nullish(),
  }),
])
const members = z.array(member).nullish()
/** A list, or an answer of Graph that holds one. */
const list = <T extends z.ZodType>(of: T) =>
  z.union([z.array(of), z.looseObject({ value: z.array(of) }).transform(({ value }) => value)])

const user = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  userType: z.string().nullish(),
  creationType: z.string().nullish(),
  /** Not of Graph's user: which of the six kinds of guest, where it cannot be told from the rest. */
  guestOrExternalUserType: z.enum(guestTypes).nullish(),
  tenantId: z.string().nullish(),
  memberOf: members,
  transitiveMemberOf: members,
})

const group = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  memberOf: members,
  members,
})

const directory = z.looseObject({
  users: list(user).optional(),
  groups: list(group).optional(),
  namedLocations: list(z.unknown()).optional(),
})

type User = z.infer<typeof user>
type Member = z.infer<typeof member>

/**
 * Reads a directory: `{ users, groups, namedLocations }`, each a list in Graph's JSON. Users and groups tell what they are in by
 * `memberOf`, groups also by `members`, as ids or as objects; of roles the template id counts. Throws `policy.invalid`.
 */
export function readDirectoryFile(path: string): DirectoryFile {
  const read = directory.safeParse(readJson(path))
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Failure('policy.invalid', `${path}: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { users = [], groups = [], namedLocations = [] } = read.data
  const above = new Map<string, Set<string>>()
  const put = (below: string, one: string) =>
    above.set(below, (above.get(below) ?? new Set()).add(one))
  for (const { id, memberOf, members: own } of groups) {
    for (const one of memberOf ?? []) put(fold(id), fold(idOf(one)))
    for (const one of own ?? []) put(fold(idOf(one)), fold(id))
  }
  const groupsAbove = closureOf(above)
  const groupNames = namesOf(groups)
  return {
    users: users.map((one) => ({
      name: one.userPrincipalName ?? one.displayName ?? one.id,
      identity: identityOf(one, groupsAbove, groupNames),
    })),
    groupsAbove,
    namedLocations: namedLocations.map((one) => readNamedLocation(one)),
    names: new Map([...namesOf(users), ...groupNames]),
  }
}

function namesOf(
  objects: readonly { readonly id: string; readonly displayName?: string | null | undefined }[],
): ReadonlyMap<string, string> {
  return new Map(
    objects.flatMap(({ id, displayName }): [string, string][] =>
      displayName ? [[fold(id), displayName]] : [],
    ),
  )
}

const fold = (id: string): string => id.toLowerCase()
const idOf = (one: Member): string => (typeof one === 'string' ? one : one.id)
const isRole = (one: Member): one is Exclude<Member, string> =>
  typeof one !== 'string' && (one['@odata.type'] ?? '').endsWith('directoryRole')

function readJson(path: string): unknown {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile()) throw new Failure('not.found', `${path} is no file`)
  if (found.size > limits.directoryFileBytes.value)
    throw new Failure(
      'limit.exceeded',
      `${path} is longer than ${limits.directoryFileBytes.value} bytes`,
    )
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new Failure('policy.invalid', `${path} is no JSON`, { cause })
  }
}

/** Near and far; groups that contain one another are harmless. */
function closureOf(above: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string[]> {
  return new Map(
    [...above.keys()].map((start) => {
      const reached = new Set(above.get(start))
      for (const one of reached) for (const next of above.get(one) ?? []) reached.add(next)
      return [start, [...reached]]
    }),
  )
}

/** Groups by id and by name: policies on disk may name them either way. */
function identityOf(
  one: User,
  groupsAbove: ReadonlyMap<string, readonly string[]>,
  groupNames: ReadonlyMap<string, string>,
): Identity {
  const memberships = [...(one.memberOf ?? []), ...(one.transitiveMemberOf ?? [])]
  const direct = memberships.filter((each) => !isRole(each)).map((each) => fold(idOf(each)))
  const listed = groupsAbove.get(fold(one.id)) ?? []
  const near = [...direct, ...listed]
  const groups = new Set(near.flatMap((id) => [id, ...(groupsAbove.get(id) ?? [])]))
  for (const id of groups) {
    const name = groupNames.get(id)
    if (name) groups.add(fold(name))
  }
  return {
    kind: 'user',
    id: one.id,
    groups,
    roles: new Set(memberships.filter(isRole).map((role) => fold(role.roleTemplateId ?? role.id))),
    guest: guestOf(one),
    tenant: one.tenantId ? fold(one.tenantId) : undefined,
  }
}

/** Source: Microsoft Learn, "Properties of a Microsoft Entra B2B collaboration user". */
function guestOf(one: User): GuestType | undefined {
  if (one.guestOrExternalUserType) return one.guestOrExternalUserType
  const isInvited =
    one.creationType === 'Invitation' || (one.userPrincipalName ?? '').includes('#EXT#')
  if (one.userType === 'Guest') return isInvited ? 'b2bCollaborationGuest' : 'internalGuest'
  return isInvited ? 'b2bCollaborationMember' : undefined
}
