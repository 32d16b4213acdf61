import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import type { GroupId } from '../directory/directory.ts'
import {
  type EmailProfile,
  type ProfileType,
  profileSettings,
  profileTypes,
} from './email-profile.ts'

const prefix = '#microsoft.graph.'

/** A profile as it is written down, before it has an id and a version of its own. */
export type ProfileDraft = Pick<
  EmailProfile,
  'type' | 'displayName' | 'description' | 'settings'
> & {
  readonly id?: string
  /** Absent where nothing was said of it. */
  readonly assignments?: Pick<EmailProfile, 'assignedTo' | 'excluded'>
}

/** What Graph adds to any configuration; nothing of it is a setting. */
const envelope = {
  '@odata.type': z.string(),
  '@odata.context': z.string().optional(),
  id: z.string().max(64).optional(),
  displayName: z.string().trim().min(1).max(256),
  description: z.string().max(1000).nullable().optional(),
  createdDateTime: z.string().optional(),
  lastModifiedDateTime: z.string().optional(),
  version: z.number().optional(),
  roleScopeTagIds: z.array(z.string()).optional(),
  supportsScopeTags: z.boolean().optional(),
  assignments: z.array(z.unknown()).max(1000).optional(),
}
const envelopeNames = new Set(Object.keys(envelope))

const target = z.object({
  target: z.union([
    z.object({
      '@odata.type': z.enum([
        `${prefix}allLicensedUsersAssignmentTarget`,
        `${prefix}allDevicesAssignmentTarget`,
      ]),
    }),
    z.object({
      '@odata.type': z.enum([
        `${prefix}groupAssignmentTarget`,
        `${prefix}exclusionGroupAssignmentTarget`,
      ]),
      groupId: z.string().min(1).max(256),
    }),
  ]),
})

/** Reads a profile in Graph's JSON; `groupNamed` knows a group by id or name. Throws `policy.invalid`, naming the property. */
export function readProfile(body: unknown, groupNamed: (key: string) => GroupId): ProfileDraft {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Failure('policy.invalid', 'a profile is an object in JSON')
  const entries = Object.entries(body)
  const head = parse(
    z.strictObject(envelope),
    Object.fromEntries(entries.filter(([name]) => envelopeNames.has(name))),
    'profile',
  )
  const type = typeOf(head['@odata.type'])
  const rest = Object.fromEntries(entries.filter(([name]) => !envelopeNames.has(name)))
  const settings = parse(profileSettings[type], rest, head.displayName)
  return {
    ...(head.id !== undefined && { id: head.id }),
    type,
    displayName: head.displayName,
    description: head.description ?? '',
    settings: Object.fromEntries(
      Object.entries(settings).filter(([, value]) => value !== undefined),
    ),
    ...(head.assignments && { assignments: readAssignments(head.assignments, groupNamed) }),
  }
}

/** Reads Graph's `assignments`. Throws `policy.invalid`, and what `groupNamed` throws. */
export function readAssignments(
  list: readonly unknown[],
  groupNamed: (key: string) => GroupId,
): Pick<EmailProfile, 'assignedTo' | 'excluded'> {
  const targets = list.map((one, at) => parse(target, one, `assignments[${at}]`).target)
  const groups = (name: string) =>
    targets.flatMap((one) =>
      'groupId' in one && one['@odata.type'] === prefix + name ? [groupNamed(one.groupId)] : [],
    )
  return {
    assignedTo: targets.some((one) => !('groupId' in one))
      ? 'all'
      : groups('groupAssignmentTarget'),
    excluded: groups('exclusionGroupAssignmentTarget'),
  }
}

/** Writes a profile as Graph has it, its assignments within it; with names of groups, or with their ids. */
export function writeProfile(
  profile: EmailProfile,
  nameOf: (group: GroupId) => string = (group) => group,
): Readonly<Record<string, unknown>> {
  return {
    '@odata.type': prefix + profile.type,
    id: profile.id,
    displayName: profile.displayName,
    description: profile.description,
    createdDateTime: new Date(profile.createdAt).toISOString(),
    lastModifiedDateTime: new Date(profile.modifiedAt).toISOString(),
    version: profile.version,
    ...profile.settings,
    assignments: writeAssignments(profile, nameOf),
  }
}

/** Writes Graph's `assignments`. */
export function writeAssignments(
  { assignedTo, excluded }: Pick<EmailProfile, 'assignedTo' | 'excluded'>,
  nameOf: (group: GroupId) => string = (group) => group,
): readonly object[] {
  const to = (name: string, group?: GroupId) => ({
    target: { '@odata.type': prefix + name, ...(group && { groupId: nameOf(group) }) },
  })
  return [
    ...(assignedTo === 'all'
      ? [to('allLicensedUsersAssignmentTarget')]
      : assignedTo.map((group) => to('groupAssignmentTarget', group))),
    ...excluded.map((group) => to('exclusionGroupAssignmentTarget', group)),
  ]
}

function typeOf(name: string): ProfileType {
  const type = profileTypes.find((one) => name === prefix + one)
  if (!type)
    throw new Failure('policy.invalid', `@odata.type: no mail profile is ${JSON.stringify(name)}`)
  return type
}

function parse<T extends z.ZodType>(schema: T, value: unknown, of: string): z.infer<T> {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Failure('policy.invalid', `${of}: ${issue?.path.join('.') ?? ''}: ${issue?.message}`)
}
