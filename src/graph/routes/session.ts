import type { FastifyInstance, FastifyReply } from 'fastify'
import { Failure } from '../../base/failures.ts'
import { Secret } from '../../base/secret.ts'
import type { Access } from '../../access/access.ts'
import type { Directory, User } from '../../directory/directory.ts'
import type { Identity } from '../../identity/identity.ts'
import { isUnattended, readCookie, sessionCookie } from '../caller.ts'
import { base, firstAdministratorBody, type SessionBody, signInBody } from '../contract.ts'

interface Rooms {
  readonly identity: Identity
  readonly directory: Directory
  readonly access: Access
}

/** Sign-in, sign-out, and the one-time link by which the first administrator is made. */
export function sessionRoutes(app: FastifyInstance, { identity, directory, access }: Rooms): void {
  async function begin(user: User, reply: FastifyReply): Promise<SessionBody> {
    const cookie = await identity.startSession(user)
    reply.header(
      'set-cookie',
      `${sessionCookie}=${cookie}; Path=/; HttpOnly; Secure; SameSite=Strict`,
    )
    return describe(cookie)
  }

  async function describe(cookie: string | undefined, unattended = false): Promise<SessionBody> {
    const session = cookie ? await identity.session(cookie, unattended) : undefined
    if (!session) throw new Failure('credentials.refused', 'sign in first')
    const [policies, everybody] = await Promise.all([access.policies(), directory.everybody()])
    const { state, scope } = policies.enforcement
    const names = new Map(everybody.groups.map((group) => [group.id, group.name]))
    const { name, displayName, mail, role, preferredLanguage = null } = session.user
    return {
      user: { name, displayName, mail, role, preferredLanguage },
      csrf: session.csrf,
      site: {
        enforcement: state,
        scope: scope === 'all' ? scope : scope.map((group) => names.get(group) ?? group),
      },
    }
  }

  app.post(`${base}/session`, async (request, reply) => {
    const { name, password } = signInBody.parse(request.body)
    const credentials = {
      kind: 'basic' as const,
      name,
      password: new Secret(password),
      address: request.ip,
    }
    return begin(await identity.authenticate(credentials), reply)
  })

  app.get(`${base}/session`, (request) =>
    describe(readCookie(request.headers.cookie), isUnattended(request)),
  )

  app.delete(`${base}/session`, async (request, reply) => {
    const cookie = readCookie(request.headers.cookie)
    if (cookie) await identity.endSession(cookie)
    reply.header(
      'set-cookie',
      `${sessionCookie}=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0`,
    )
    return reply.code(204).send()
  })

  app.post(`${base}/session/first`, async (request, reply) => {
    const { token, name, mail, password } = firstAdministratorBody.parse(request.body)
    // Read first: a name that is taken must not use the link up.
    if ((await identity.redeemLink('admin', token, true)) === undefined)
      throw new Failure('credentials.refused', 'this link was used or has expired')
    const user = await directory.addUser({ name, mail, password, role: 'administrator' })
    if ((await identity.redeemLink('admin', token)) === undefined) {
      await directory.changeUser(user.id, { enabled: false, role: 'user' })
      throw new Failure('credentials.refused', 'this link was used at the same moment by another')
    }
    return begin(user, reply)
  })
}
