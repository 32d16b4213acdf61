import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import type { Collections } from '../../collections/collections.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { Directory, GroupId } from '../../directory/directory.ts'
import type { EmailProfile } from '../../profiles/email-profile.ts'
import {
  type ProfileDraft,
  readAssignments,
  readProfile,
  writeAssignments,
  writeProfile,
} from '../../profiles/graph-json.ts'
import type { Profiles } from '../../profiles/profiles.ts'
import type { Callers } from '../caller.ts'
import { collection } from '../collection.ts'
import { assignBody, profileSet } from '../actions-contract.ts'
import { base, policySet } from '../contract.ts'
import { readPolicies } from '../policy-names.ts'
import { profileWarnings } from '../profile-warnings.ts'

interface Rooms {
  readonly profiles: Profiles
  readonly compliance: Compliance
  readonly directory: Directory
  readonly collections: Collections
  readonly callers: Callers
}

type Keyed = { Params: { id: string } }

const path = `${base}/deviceManagement/deviceConfigurations`

/** Mail profiles as Graph's `deviceConfigurations`, and where a policy demands one of users who get none. */
export function profileRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { profiles, callers } = rooms

  app.get(path, async (request) => {
    await callers.administrator(request)
    return collection((await profiles.list()).map(row), request.query)
  })

  app.get<Keyed>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    return row(await found(profiles, request.params.id))
  })

  app.post(path, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const draft = readProfile(request.body, await groupsOf(rooms))
    if ((await profiles.find(draft.id ?? draft.displayName)) !== undefined)
      throw new Failure('name.taken', `there is a profile ${draft.displayName} already`)
    const [made] = await profiles.put([draft], actor)
    return reply.code(201).send(made && row(made))
  })

  app.patch<Keyed>(`${path}/:id`, async (request) => {
    const { actor } = await callers.administrator(request)
    const old = await found(profiles, request.params.id)
    const body = typeof request.body === 'object' ? request.body : {}
    const { assignments: _, ...written } = writeProfile(old)
    const draft = readProfile({ ...written, ...body }, await groupsOf(rooms))
    const [after] = await profiles.put([{ ...draft, id: old.id }], actor)
    return after && row(after)
  })

  app.delete<Keyed>(`${path}/:id`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    await profiles.remove(request.params.id, actor)
    return reply.code(204).send()
  })

  app.get<Keyed>(`${path}/:id/assignments`, async (request) => {
    await callers.administrator(request)
    const assignments = writeAssignments(await found(profiles, request.params.id))
    return collection(assignments, request.query)
  })

  app.post<Keyed>(`${path}/:id/assign`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { id, type, displayName, description, settings } = await found(
      profiles,
      request.params.id,
    )
    const { assignments } = assignBody.parse(request.body)
    const targets = readAssignments(assignments, await groupsOf(rooms))
    const draft = { id, type, displayName, description, settings, assignments: targets }
    const [after] = await profiles.put([draft], actor)
    return collection(after ? writeAssignments(after) : [], request.query)
  })

  folderRoutes(app, rooms)
}

/** Not Graph's: folders of profiles, by names of groups, and the check that profiles and policies meet. */
function folderRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { profiles, compliance, directory, collections, callers } = rooms

  app.get(`${base}/postern/profiles`, async (request) => {
    await callers.administrator(request)
    const { groups } = await directory.everybody()
    const names = new Map(groups.map(({ id, name }) => [id, name]))
    const nameOf = (id: GroupId) => names.get(id) ?? id
    return { value: (await profiles.list()).map((profile) => writeProfile(profile, nameOf)) }
  })

  app.put(`${base}/postern/profiles`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { value, check } = profileSet.parse(request.body)
    const groupNamed = await groupsOf(rooms)
    const drafts = value.map((one) => readProfile(one, groupNamed))
    const policies = await compliance.policies()
    if (!check) await profiles.put(drafts, actor)
    const kept = await profiles.list()
    const after = check ? drafts.reduce(withDraft, kept.map(targetsOf)) : kept
    return { warnings: await profileWarnings(rooms, policies, after) }
  })

  app.get(`${base}/postern/profiles/warnings`, async (request) => {
    await callers.administrator(request)
    const policies = await compliance.policies()
    return { warnings: await profileWarnings(rooms, policies, await profiles.list()) }
  })

  // Before a set of policies is saved: what would be wrong then.
  app.post(`${base}/postern/profiles/warnings`, async (request) => {
    await callers.administrator(request)
    const { groups } = await directory.everybody()
    const coming = readPolicies(
      policySet.parse(request.body),
      groups,
      await collections.list(),
    ).compliance
    return { warnings: await profileWarnings(rooms, coming ?? [], await profiles.list()) }
  })
}

type Targeted = Pick<EmailProfile, 'id' | 'type' | 'displayName' | 'assignedTo' | 'excluded'>

const targetsOf = ({ id, type, displayName, assignedTo, excluded }: EmailProfile): Targeted => ({
  id,
  type,
  displayName,
  assignedTo,
  excluded,
})

/** Whom all are for once this one is put. */
function withDraft(all: readonly Targeted[], draft: ProfileDraft): Targeted[] {
  const name = draft.displayName.toLowerCase()
  const isOld = (one: Targeted) => one.id === draft.id || one.displayName.toLowerCase() === name
  const { id = '', type, displayName, assignments } = draft
  const nobody = { assignedTo: [], excluded: [] }
  const fresh = { ...nobody, ...all.find(isOld), id, type, displayName, ...assignments }
  return [...all.filter((one) => !isOld(one)), fresh]
}

const row = (profile: EmailProfile) => writeProfile(profile)

async function found(profiles: Profiles, key: string): Promise<EmailProfile> {
  const profile = await profiles.find(key)
  if (!profile) throw new Failure('not.found', `there is no profile ${key}`)
  return profile
}

async function groupsOf({ directory }: Rooms): Promise<(key: string) => GroupId> {
  const { groups } = await directory.everybody()
  return (key) => {
    const wanted = key.toLowerCase()
    const group = groups.find(({ id, name }) => id === key || name.toLowerCase() === wanted)
    if (!group) throw new Failure('policy.invalid', `there is no group ${JSON.stringify(key)}`)
    return group.id
  }
}
