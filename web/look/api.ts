import type { ErrorBody, SessionBody } from '../../src/graph/contract.ts'
import { said } from './said.ts'

const base = '/v1.0'
let csrf = ''

/** Says `ended` when the server knows the session no more, and `begun` with each new one, which is its detail. */
export const sessionNews = new EventTarget()

/** An answer that was not a success: what to tell the reader, and the id that the server's log carries. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly id: string
  /** What an operator can do about it. */
  readonly hint: string
  /** Seconds until another try is of use. */
  readonly waitSeconds: number
  /** What the same change is to be confirmed with, where it would lock people out. */
  readonly confirm: string | undefined

  constructor(status: number, error: ErrorBody['error'], waitSeconds: number) {
    super(error.message)
    this.status = status
    this.code = error.code
    this.id = error.innerError.id
    this.hint = error.innerError.hint
    this.waitSeconds = waitSeconds
    this.confirm = error.innerError.confirm
  }
}

/** How a call is made. */
export interface Call {
  /** The page asks by itself: that is no sign of life of a person. */
  readonly unattended?: boolean
  /** What a refusal of the same change named. */
  readonly confirm?: string | undefined
}

/** Calls the API of the server that served this page. Throws `Refused`, with status 0 where nothing answered. */
export async function call<T>(
  method: string,
  path: string,
  body?: object,
  { unattended = false, confirm }: Call = {},
): Promise<T> {
  const response = await send(path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(csrf && { 'x-postern-csrf': csrf }),
      ...(unattended && { 'x-postern-unattended': '1' }),
      ...(confirm !== undefined && { 'x-postern-confirm': confirm }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) {
    const refused = await refusal(response)
    if (response.status === 401 && !path.startsWith('/session'))
      sessionNews.dispatchEvent(new Event('ended'))
    throw refused
  }
  // The contract names the type per path; 204 has no body, and its callers ask for no value.
  return (response.status === 204 ? undefined : await response.json()) as T
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(base + path, init)
  } catch {
    // Browsers do not say why.
    const innerError = { id: '', hint: said().noAnswerMore }
    const error = { code: 'network', message: said().noAnswer, innerError }
    throw new Refused(0, error, 0)
  }
}

async function refusal(response: Response): Promise<Refused> {
  const { status } = response
  const wait = Number(response.headers.get('retry-after') ?? 0)
  try {
    const body = (await response.json()) as ErrorBody // every error of the API has this shape
    return new Refused(status, body.error, wait)
  } catch {
    const innerError = { id: '', hint: '' }
    const error = { code: `HTTP ${status}`, message: said().unreadable, innerError }
    return new Refused(status, error, wait)
  }
}

/** Notes the session's token, which every later change carries. */
function keep(session: SessionBody): SessionBody {
  const isNew = csrf !== session.csrf
  csrf = session.csrf
  if (isNew) sessionNews.dispatchEvent(new CustomEvent('begun', { detail: session }))
  return session
}

/** The session of the cookie. Throws `Refused` with status 401 when there is none. */
export const currentSession = async (how?: Call): Promise<SessionBody> =>
  keep(await call<SessionBody>('GET', '/session', undefined, how))

/** Whether there is no session any more: whoever waits for it hears of it. */
export async function askWhetherEnded(): Promise<void> {
  try {
    await currentSession({ unattended: true })
  } catch (thrown) {
    if (thrown instanceof Refused && thrown.status === 401)
      sessionNews.dispatchEvent(new Event('ended'))
  }
}

export const signIn = async (name: string, password: string): Promise<SessionBody> =>
  keep(await call<SessionBody>('POST', '/session', { name, password }))

export const signOut = (): Promise<void> => call('DELETE', '/session')

export const makeFirstAdministrator = async (draft: {
  token: string
  name: string
  mail: string
  password: string
}): Promise<SessionBody> => keep(await call<SessionBody>('POST', '/session/first', draft))
