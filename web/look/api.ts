import type { ErrorBody, SessionBody } from '../../src/graph/contract.ts'

const base = '/v1.0'
let csrf = ''

/** An answer that was not a success: what to tell the reader, and the id that the server's log carries. */
export class Refused extends Error {
  readonly status: number
  readonly id: string
  constructor(status: number, message: string, id: string) {
    super(message)
    this.status = status
    this.id = id
  }
}

/** Calls the API of the server that served this page. */
export async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(csrf ? { 'x-postern-csrf': csrf } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw await refusal(response)
  // 204 has no body; its callers ask for no value.
  return (response.status === 204 ? undefined : await response.json()) as T
}

async function refusal(response: Response): Promise<Refused> {
  const body: Partial<ErrorBody> = await response.json().catch(() => ({}))
  const error = body.error
  return new Refused(
    response.status,
    error?.message ?? `the server answered ${response.status}`,
    error?.innerError.id ?? '',
  )
}

/** Notes the session's token, which every later change carries. */
export function keep(session: SessionBody): SessionBody {
  csrf = session.csrf
  return session
}

export const currentSession = async (): Promise<SessionBody> =>
  keep(await call<SessionBody>('GET', '/session'))

export const signIn = async (name: string, password: string): Promise<SessionBody> =>
  keep(await call<SessionBody>('POST', '/session', { name, password }))

export const signOut = (): Promise<void> => call('DELETE', '/session')

export const makeFirstAdministrator = async (draft: {
  token: string
  name: string
  mail: string
  password: string
}): Promise<SessionBody> => keep(await call<SessionBody>('POST', '/session/first', draft))
