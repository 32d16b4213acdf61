import type { FastifyInstance } from 'fastify'
import { Failure } from '../../base/failures.ts'
import { isId } from '../../base/id.ts'
import type { Directory, Everybody, Group, User } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import {
  base,
  groupBody,
  type GroupRow,
  membersBody,
  userBody,
  userChangeBody,
  type UserRow,
} from '../contract.ts'
import { collection, urlOf } from '../collection.ts'

interface Rooms {
  readonly directory: Directory
  readonly callers: Callers
}

/** Users and groups. A user is addressed by id or sign-in name, a group by id or name. */
export function directoryRoutes(app: FastifyInstance, rooms: Rooms): void {
  userRoutes(app, rooms)
  groupRoutes(app, rooms)
}

function userRoutes(app: FastifyInstance, { directory, callers }: Rooms): void {
  async function userOf(key: string): Promise<User> {
    const byId = isId('usr', key) ? await directory.user(key) : undefined
    const user = byId ?? (await directory.find(key))
    if (!user) throw new Failure('not.found', `no user ${JSON.stringify(key)}`)
    return user
  }

  app.get(`${base}/users`, async (request) => {
    await callers.administrator(request)
    const everybody = await directory.everybody()
    return collection(
      everybody.users.map((user) => userRow(user, everybody)),
      request.query,
      { url: urlOf(request) },
    )
  })

  app.post(`${base}/users`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const body = userBody.parse(request.body)
    const draft = {
      name: body.userPrincipalName,
      mail: body.mail,
      ...(body.displayName !== undefined && { displayName: body.displayName }),
      ...(body.password !== undefined && { password: body.password }),
      ...(body.role !== undefined && { role: body.role }),
      ...(body.preferredLanguage !== undefined && { preferredLanguage: body.preferredLanguage }),
    }
    const user = await directory.addUser(draft, actor)
    return reply.code(201).send(userRow(user, { users: [], groups: [] }))
  })

  app.patch<{ Params: { id: string } }>(`${base}/users/:id`, async (request) => {
    const caller = await callers.administrator(request)
    const body = userChangeBody.parse(request.body)
    const { accountEnabled, displayName, mail, password, role, preferredLanguage } = body
    const user = await userOf(request.params.id)
    const losesRights = accountEnabled === false || role === 'user'
    if (losesRights && user.id === caller.user?.id)
      throw new Failure('permission.denied', 'you cannot take your own administrator rights away')
    const change = {
      ...(accountEnabled !== undefined && { enabled: accountEnabled }),
      ...(displayName !== undefined && { displayName }),
      ...(mail !== undefined && { mail }),
      ...(password !== undefined && { password }),
      ...(role !== undefined && { role }),
      ...(preferredLanguage !== undefined && { preferredLanguage }),
    }
    const changed = await directory.changeUser(user.id, change, caller.actor)
    return userRow(changed, await directory.everybody())
  })
}

function groupRoutes(app: FastifyInstance, { directory, callers }: Rooms): void {
  app.get(`${base}/groups`, async (request) => {
    await callers.administrator(request)
    const everybody = await directory.everybody()
    return collection(
      everybody.groups.map((group) => groupRow(group, everybody)),
      request.query,
      { url: urlOf(request) },
    )
  })

  app.post(`${base}/groups`, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const { displayName } = groupBody.parse(request.body)
    const group = await directory.addGroup(displayName, actor)
    return reply.code(201).send(groupRow(group, { users: [], groups: [group] }))
  })

  app.post<{ Params: { id: string } }>(`${base}/groups/:id/members`, async (request) => {
    const { actor } = await callers.administrator(request)
    const { add = [], remove = [] } = membersBody.parse(request.body)
    const everybody = await directory.everybody()
    const group = groupOf(everybody, request.params.id)
    const member = memberOf(everybody)
    const change = { add: add.map(member), remove: remove.map(member) }
    await directory.changeMembers(group.id, change, { actor })
    const after = await directory.everybody()
    return groupRow(groupOf(after, group.id), after)
  })
}

function groupOf(everybody: Everybody, key: string): Group {
  const folded = key.toLowerCase()
  const group = everybody.groups.find(({ id, name }) => id === key || name.toLowerCase() === folded)
  if (!group) throw new Failure('not.found', `no group ${JSON.stringify(key)}`)
  return group
}

/** A member by id, sign-in name, mail address or group name. */
const memberOf = (everybody: Everybody) => (key: string) => {
  const folded = key.toLowerCase()
  const user = everybody.users.find(
    ({ id, name, mail }) =>
      id === key || name.toLowerCase() === folded || mail.toLowerCase() === folded,
  )
  return user?.id ?? groupOf(everybody, key).id
}

function userRow(user: User, everybody: Everybody): UserRow {
  const groups = everybody.groups.filter((group) => group.members.includes(user.id))
  return {
    id: user.id,
    userPrincipalName: user.name,
    displayName: user.displayName,
    mail: user.mail,
    accountEnabled: user.enabled,
    role: user.role,
    memberOf: groups.map((group) => group.name),
    preferredLanguage: user.preferredLanguage ?? null,
  }
}

function groupRow(group: Group, everybody: Everybody): GroupRow {
  const names = new Map<string, string>([
    ...everybody.users.map((user): [string, string] => [user.id, user.name]),
    ...everybody.groups.map((each): [string, string] => [each.id, each.name]),
  ])
  return {
    id: group.id,
    displayName: group.name,
    members: group.members.map((id) => ({
      id,
      name: names.get(id) ?? id,
      isGroup: isId('grp', id),
    })),
  }
}
