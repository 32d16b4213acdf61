import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { ConditionalAccess } from '../../access/policy.ts'
import { newId } from '../../base/id.ts'
import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import {
  faultOf,
  readNamedLocation,
  readPolicy,
  writePolicy,
} from '../../conditional/read-policy.ts'
import type { ConditionalAccessPolicy, NamedLocation } from '../../conditional/policy.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { collection, urlOf } from '../collection.ts'
import { base } from '../contract.ts'

interface Rooms {
  readonly access: Access
  readonly callers: Callers
  readonly clock: Clock
}

type Keyed = { Params: { id: string } }

const path = `${base}/identity/conditionalAccess`

/** Conditional access policies and named locations, as Microsoft Graph has them (`conditionalAccessRoot`). */
export function conditionalAccessRoutes(app: FastifyInstance, rooms: Rooms): void {
  keptRoutes<ConditionalAccessPolicy>(app, rooms, {
    name: 'policies',
    idKind: 'cap',
    read: checkedPolicy,
    write: writePolicy,
    of: ({ policies }) => policies,
    put: (set, policies) => ({ ...set, policies }),
    refuseDelete: () => undefined,
  })
  keptRoutes<NamedLocation>(app, rooms, {
    name: 'namedLocations',
    idKind: 'loc',
    read: readNamedLocation,
    write: (location) => location,
    of: ({ namedLocations }) => namedLocations,
    put: (set, namedLocations) => ({ ...set, namedLocations }),
    refuseDelete: ({ isTrusted }) =>
      isTrusted ? 'a trusted location: untrust it first' : undefined,
  })
}

/** One of the lists of conditional access. */
interface Kept<T> {
  readonly name: string
  readonly idKind: string
  readonly read: (document: object) => T
  readonly write: (item: T) => object
  readonly of: (set: ConditionalAccess) => readonly T[]
  readonly put: (set: ConditionalAccess, items: readonly T[]) => ConditionalAccess
  /** Why this one may not be deleted. */
  readonly refuseDelete: (item: T) => string | undefined
}

/** Checked as Graph checks it, its numbers and words included. */
function checkedPolicy(document: object): ConditionalAccessPolicy {
  const { policy } = readPolicy(document)
  const fault = faultOf(policy)
  if (fault) throw new Failure('policy.invalid', `${fault.code}: ${fault.message}`)
  return policy
}

/** List, one, create, change and delete. */
function keptRoutes<T extends { readonly id: string }>(
  app: FastifyInstance,
  { access, callers, clock }: Rooms,
  { name, idKind, read, write, of, put, refuseDelete }: Kept<T>,
): void {
  /** Changes the list within one transaction, so that two administrators lose nothing of each other's. */
  const change = async (
    next: (items: readonly T[]) => readonly T[],
    actor: string,
    request: FastifyRequest,
  ) =>
    access.change(
      ({ conditionalAccess: set }) => ({ conditionalAccess: put(set, next(of(set))) }),
      actor,
      undefined,
      changeOptions(request),
    )
  const items = async () => of((await access.policies()).conditionalAccess)
  const timestamp = () => new Date(clock.now()).toISOString()

  app.get(`${path}/${name}`, async (request) => {
    await callers.administrator(request)
    return collection((await items()).map(write), request.query, { url: urlOf(request) })
  })

  app.get<Keyed>(`${path}/${name}/:id`, async (request) => {
    await callers.administrator(request)
    return write(found(await items(), request.params.id))
  })

  app.post(`${path}/${name}`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const id = newId(idKind, clock.now())
    const item = read({ ...objectOf(request.body), id, createdDateTime: timestamp() })
    await change((before) => [...before, item], actor, request)
    return reply.code(201).send(write(item))
  })

  app.patch<Keyed>(`${path}/${name}/:id`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const body = objectOf(request.body)
    await change(
      (before) => {
        const old = found(before, request.params.id)
        const changed = read({ ...old, ...body, id: old.id, modifiedDateTime: timestamp() })
        return before.map((item) => (item === old ? changed : item))
      },
      actor,
      request,
    )
    return reply.code(204).send()
  })

  app.delete<Keyed>(`${path}/${name}/:id`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    await change(
      (before) => {
        const gone = found(before, request.params.id)
        const why = refuseDelete(gone)
        if (why !== undefined) throw new Failure('policy.invalid', why)
        return before.filter((item) => item !== gone)
      },
      actor,
      request,
    )
    return reply.code(204).send()
  })
}

function found<T extends { readonly id: string }>(items: readonly T[], id: string): T {
  const item = items.find((one) => one.id.toLowerCase() === id.toLowerCase())
  if (!item) throw new Failure('not.found', `nothing here has the id ${id}`)
  return item
}

function objectOf(body: unknown): object {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Failure('request.malformed', 'the body is an object in JSON')
  return body
}
