import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Collection, CollectionDraft, CollectionId } from '../../collections/collection.ts'
import type { Collections, NextCollections } from '../../collections/collections.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import type { CompliancePolicy } from '../../compliance/policy.ts'
import type { DeviceId } from '../../devices/devices.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import { collection as pageOf, urlOf } from '../collection.ts'
import {
  type CollectionMember,
  type CollectionPreview,
  type CollectionRow,
  deploymentStates,
} from '../collections-contract.ts'
import { base } from '../contract.ts'
import { policyNamed } from './deployments.ts'

interface Rooms {
  readonly collections: Collections
  readonly compliance: Compliance
  readonly directory: Directory
  readonly callers: Callers
}

type Keyed = { Params: { id: string } }

const path = `${base}/postern/collections`
const names = z.array(z.string().min(1).max(256)).max(limits.collectionMembers.value)

const parts = {
  displayName: z.string(),
  description: z.string().nullable(),
  collectionType: z.enum(['user', 'device']),
  directMembers: names,
  rule: z.string().nullable(),
  include: names,
  exclude: names,
  limiting: z.string().nullable(),
}

/** What a collection is made of, others by their names. */
const body = z.strictObject({
  ...parts,
  description: parts.description.default(null),
  directMembers: names.default([]),
  rule: parts.rule.default(null),
  include: names.default([]),
  exclude: names.default([]),
  limiting: parts.limiting.default(null),
})
const changeBody = z.strictObject(parts).partial()

/** Collections of users and devices, who is in them, and those that are made of who is in a state. */
export function collectionRoutes(app: FastifyInstance, rooms: Rooms): void {
  readingRoutes(app, rooms)
  changingRoutes(app, rooms)
  previewRoute(app, rooms)
  stateRoutes(app, rooms)
}

function readingRoutes(app: FastifyInstance, { collections, callers }: Rooms): void {
  app.get(path, async (request) => {
    await callers.administrator(request)
    const [all, members] = [await collections.list(), await collections.members()]
    const rows = all.map((one) => rowOf(one, all, countIn(members, one)))
    return pageOf(rows, request.query, { url: urlOf(request), properties: rowNames })
  })

  app.get<Keyed>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    const all = await collections.list()
    const one = found(all, request.params.id)
    return rowOf(one, all, countIn(await collections.members(), one))
  })

  app.get<Keyed>(`${path}/:id/members`, async (request) => {
    await callers.administrator(request)
    const one = found(await collections.list(), request.params.id)
    const rows = memberRows(one, (await collections.members()).get(one.id))
    return pageOf(rows, request.query, { url: urlOf(request), properties: memberNames })
  })
}

const rowNames = ['id', 'displayName', 'description', 'collectionType', 'memberCount', 'rule']
const memberNames = ['id', 'displayName', 'detail']
const nobody = { users: [], devices: [] }

type AllMembers = Awaited<ReturnType<Collections['members']>>

const countIn = (members: AllMembers, { id, kind }: Collection) =>
  (members.get(id) ?? nobody)[kind === 'user' ? 'users' : 'devices'].length

function memberRows(
  { kind }: Collection,
  { users, devices }: NonNullable<ReturnType<AllMembers['get']>> = nobody,
): readonly CollectionMember[] {
  return kind === 'user'
    ? users.map(({ id, name, mail }) => ({ id, displayName: name, detail: mail }))
    : devices.map(({ id, name, facts }) => ({
        id,
        displayName: name,
        detail: [facts.platform?.value, facts.osVersion?.value].filter(Boolean).join(' '),
      }))
}

function changingRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { collections, compliance, callers } = rooms
  const answer = async (all: readonly Collection[], one: Collection) =>
    rowOf(one, all, countIn(await collections.members(), one))

  app.post(path, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const given = await readMembers(rooms, body.parse(request.body))
    const all = await collections.change((before) => [...before, draftOf(given, before)], actor)
    const created = named(all, given.displayName)
    return reply.code(201).send(created && (await answer(all, created)))
  })

  app.patch<Keyed>(`${path}/:id`, async (request) => {
    const { actor } = await callers.administrator(request)
    const given = changeBody.parse(request.body)
    const { directMembers } = await readMembers(rooms, {
      directMembers: given.directMembers ?? [],
    })
    const changed = { ...given, ...(given.directMembers && { directMembers }) }
    const all = await collections.change(
      (before) => changedIn(before, request.params.id, changed),
      actor,
    )
    return await answer(all, found(all, request.params.id))
  })

  app.post<Keyed>(`${path}/:id/members`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { add, remove } = membersBody.parse(request.body)
    const added = await readMembers(rooms, { directMembers: add })
    const removed = await readMembers(rooms, { directMembers: remove })
    const all = await collections.change((before) => {
      const old = found(before, request.params.id)
      const gone = new Set(removed.directMembers)
      const kept = old.direct.filter((id) => !gone.has(id))
      const direct = [...new Set([...kept, ...added.directMembers])] as Collection['direct'] // checked before it is saved
      return before.map((one) => (one === old ? { ...old, direct } : one))
    }, actor)
    return await answer(all, found(all, request.params.id))
  })

  app.delete<Keyed>(`${path}/:id`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const policies = await compliance.policies()
    await collections.change((before) => {
      const gone = found(before, request.params.id)
      const user = policies.find((policy) => isFor(policy, gone.id))
      if (user)
        throw new Failure(
          'collection.invalid',
          `the policy ${JSON.stringify(user.name)} is deployed to it`,
        )
      return before.filter((one) => one !== gone)
    }, actor)
    return reply.code(204).send()
  })
}

/** The set with one of them changed in some of its parts. */
function changedIn(
  before: readonly Collection[],
  key: string,
  given: z.infer<typeof changeBody>,
): ReturnType<NextCollections> {
  const old = found(before, key)
  const merged = body.parse({ ...documentOf(old, before), ...given })
  return before.map((one) => (one === old ? { ...draftOf(merged, before), id: old.id } : one))
}

const previewBody = changeBody.extend({ id: z.string().optional() })

/** What a new collection, or a changed one, would hold: asked before it is saved. */
function previewRoute(app: FastifyInstance, rooms: Rooms): void {
  const { collections, callers } = rooms
  app.post(`${path}/preview`, async (request): Promise<CollectionPreview> => {
    await callers.administrator(request)
    const { id: key, ...given } = previewBody.parse(request.body)
    const { directMembers } = await readMembers(rooms, { directMembers: given.directMembers ?? [] })
    const changed = { ...given, ...(given.directMembers && { directMembers }) }
    const now = await collections.members()
    const { collections: all, members } = await collections.tried((before) =>
      key === undefined
        ? [...before, draftOf(body.parse(changed), before)]
        : changedIn(before, key, changed),
    )
    const one = found(all, key ?? changed.displayName ?? '')
    return previewOf(memberRows(one, now.get(one.id)), memberRows(one, members.get(one.id)))
  })
}

function previewOf(
  before: readonly CollectionMember[],
  after: readonly CollectionMember[],
): CollectionPreview {
  const without = (some: readonly CollectionMember[], others: readonly CollectionMember[]) => {
    const ids = new Set(others.map(({ id }) => id))
    return some.filter(({ id }) => !ids.has(id))
  }
  const [joining, leaving] = [without(after, before), without(before, after)]
  const most = limits.collectionPage.value
  return {
    memberCount: after.length,
    joinCount: joining.length,
    joining: joining.slice(0, most),
    leaveCount: leaving.length,
    leaving: leaving.slice(0, most),
  }
}

const membersBody = z.strictObject({ add: names.default([]), remove: names.default([]) })

const isFor = ({ assignedTo, excluded }: CompliancePolicy, id: CollectionId) =>
  (assignedTo !== 'all' && assignedTo.includes(id)) || excluded.includes(id)

/** Users may be named by their sign-in names too. */
async function readMembers<T extends { readonly directMembers: readonly string[] }>(
  { directory }: Rooms,
  given: T,
): Promise<T> {
  const directMembers: string[] = []
  for (const one of given.directMembers) {
    const user = /^(usr|dev)_/.test(one) ? undefined : await directory.find(one)
    if (!user && !/^(usr|dev)_/.test(one))
      throw new Failure('not.found', `no user ${JSON.stringify(one)}`)
    directMembers.push(user?.id ?? one)
  }
  return { ...given, directMembers }
}

type Body = z.infer<typeof body>

function draftOf(given: Body, all: readonly Collection[]): CollectionDraft {
  const idOf = (name: string) => found(all, name).id
  return {
    name: given.displayName,
    ...(given.description && { description: given.description }),
    kind: given.collectionType,
    direct: given.directMembers as Collection['direct'], // checked before it is saved
    ...(given.rule && { rule: given.rule }),
    include: given.include.map(idOf),
    exclude: given.exclude.map(idOf),
    ...(given.limiting && { limiting: idOf(given.limiting) }),
  }
}

function documentOf(one: Collection, all: readonly Collection[]): Body {
  const nameOf = (id: CollectionId) => all.find((other) => other.id === id)?.name ?? id
  return {
    displayName: one.name,
    description: one.description ?? null,
    collectionType: one.kind,
    directMembers: [...one.direct],
    rule: one.rule ?? null,
    include: one.include.map(nameOf),
    exclude: one.exclude.map(nameOf),
    limiting: one.limiting === undefined ? null : nameOf(one.limiting),
  }
}

function rowOf(one: Collection, all: readonly Collection[], memberCount: number): CollectionRow {
  return {
    id: one.id,
    ...documentOf(one, all),
    memberCount,
    createdDateTime: new Date(one.createdAt).toISOString(),
    lastModifiedDateTime: new Date(one.modifiedAt).toISOString(),
  }
}

const named = (all: readonly Collection[], name: string) =>
  all.find((one) => one.name.toLowerCase() === name.toLowerCase())

/** By id or name. */
function found(all: readonly Collection[], key: string): Collection {
  const one = all.find(({ id }) => id === key) ?? named(all, key)
  if (!one) throw new Failure('not.found', `no collection ${JSON.stringify(key)}`)
  return one
}

const fromStateBody = z.strictObject({
  displayName: z.string(),
  policy: z.string(),
  state: z.enum(deploymentStates),
})

function stateRoutes(app: FastifyInstance, { collections, compliance, callers }: Rooms): void {
  // A collection of those who are in this state now, to do something about them.
  app.post(`${path}/fromState`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const { displayName, policy, state } = fromStateBody.parse(request.body)
    const { id } = await policyNamed(compliance, policy)
    const direct: DeviceId[] = []
    await compliance.deployed((_kept, one) => {
      if (one.state === state) direct.push(one.device.id)
    }, id)
    const draft: CollectionDraft = {
      name: displayName,
      kind: 'device',
      direct,
      include: [],
      exclude: [],
    }
    const all = await collections.change((before) => [...before, draft], actor)
    const created = found(all, displayName)
    return reply.code(201).send(rowOf(created, all, countIn(await collections.members(), created)))
  })
}
