import type { FastifyRequest } from 'fastify'
import { Failure } from '../base/failures.ts'
import { equalSecrets } from '../base/secret.ts'
import type { Secret } from '../base/secret.ts'
import type { User } from '../directory/directory.ts'
import type { Identity } from '../identity/identity.ts'
import { csrfHeader, unattendedHeader } from './contract.ts'
import { actorHeader } from './history-contract.ts'

/** Who is calling the API. */
export interface Caller {
  /** For the audit: a user name; `local` for the token of the data folder, with whom its holder says to be: `local:ann`. */
  readonly actor: string
  readonly administrator: boolean
  readonly user: User | undefined
}

/**
 * Tells callers by their cookie or token. Throws `credentials.refused` or `permission.denied`. `unattended`: the page
 * asks by itself, as the header of that name says too; that keeps no idle session alive.
 */
export interface Callers {
  anyone(request: FastifyRequest, unattended?: boolean): Promise<Caller>
  administrator(request: FastifyRequest, unattended?: boolean): Promise<Caller>
  /** A signed-in person, never a token. */
  person(request: FastifyRequest, unattended?: boolean): Promise<{ user: User }>
}

export const sessionCookie = 'postern_session'

/** The session cookie's value, by RFC 6265 section 5.4 syntax. */
export function readCookie(header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === sessionCookie && value) return value
  }
  return undefined
}

/** Whether a page asks by itself, because something changed, and no person did anything. */
export function isUnattended(request: FastifyRequest): boolean {
  return request.headers[unattendedHeader] !== undefined
}

/** Nobody proves it, so it is marked; a name of another shape is none. */
function localActor({ headers }: FastifyRequest): string {
  const said = headers[actorHeader]
  return typeof said === 'string' && /^[\w.@\\-]{1,64}$/.test(said) ? `local:${said}` : 'local'
}

/** `localToken` is the secret of the data folder: whoever can read it owns the site already. */
export function createCallers(identity: Identity, localToken: Secret): Callers {
  async function fromCookie(
    request: FastifyRequest,
    unattended: boolean,
  ): Promise<Caller | undefined> {
    const cookie = readCookie(request.headers.cookie)
    const session = cookie ? await identity.session(cookie, unattended) : undefined
    if (!session) return undefined
    // A cookie travels with forged requests too; the csrf token does not.
    const safe = request.method === 'GET' || request.method === 'HEAD'
    const csrf = request.headers[csrfHeader]
    if (!safe && (typeof csrf !== 'string' || !equalSecrets(csrf, session.csrf)))
      throw new Failure('permission.denied', `the header ${csrfHeader} is missing or wrong`)
    return {
      actor: session.user.name,
      administrator: session.user.role === 'administrator',
      user: session.user,
    }
  }

  async function anyone(
    request: FastifyRequest,
    unattended = isUnattended(request),
  ): Promise<Caller> {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer !== undefined) {
      if (equalSecrets(bearer, localToken.reveal()))
        return { actor: localActor(request), administrator: true, user: undefined }
      throw new Failure('credentials.refused', 'the token is not known')
    }
    const caller = await fromCookie(request, unattended)
    if (!caller) throw new Failure('credentials.refused', 'sign in first')
    return caller
  }

  return {
    anyone,
    async administrator(request, unattended) {
      const caller = await anyone(request, unattended)
      if (!caller.administrator) throw new Failure('permission.denied', 'administrators only')
      return caller
    },
    async person(request, unattended) {
      const { user } = await anyone(request, unattended)
      if (!user) throw new Failure('permission.denied', 'this page is for a signed-in user')
      return { user }
    },
  }
}
