import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../base/failures.ts'
import { readCliEnvironment } from '../config.ts'
import { base, type ErrorBody } from '../graph/contract.ts'
import { actorHeader } from '../graph/history-contract.ts'

/** The API of a running Postern. */
export interface Connection {
  call<T>(
    method: string,
    path: string,
    body?: object | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T>
  close(): Promise<void>
}

/** What a running Postern leaves in its data folder for the CLI of the same machine (mode 0600). */
export interface LocalAccess {
  readonly url: string
  readonly token: string
  /** PEM of the CA that signed its TLS certificate. */
  readonly authority: string
}

export const localAccessFile = 'local.json'

/** Reads where the server is and how to prove that we may: environment first, then the data folder. */
export function findLocalAccess(data: string): LocalAccess {
  const { url, token } = readCliEnvironment()
  if (url && token) return { url, token: token.reveal(), authority: '' }
  const file = join(data, localAccessFile)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LocalAccess // written by us alone
  } catch (cause) {
    throw new Failure(
      'not.found',
      `no running Postern found: cannot read ${file}; name its data folder with --data, or set POSTERN_URL and POSTERN_TOKEN`,
      { cause },
    )
  }
}

/** Connects over HTTPS; nothing is sent until the first call. */
export async function connect(access: LocalAccess): Promise<Connection> {
  const { Agent, fetch } = await import('undici')
  const actor = actorHere()
  const dispatcher = new Agent(access.authority ? { connect: { ca: access.authority } } : {})
  return {
    async call<T>(
      method: string,
      path: string,
      body?: object | Uint8Array,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<T> {
      const raw = body instanceof Uint8Array
      let response: Awaited<ReturnType<typeof fetch>>
      try {
        response = await fetch(new URL(base + path, access.url), {
          method,
          dispatcher,
          headers: {
            ...(actor !== undefined && { [actorHeader]: actor }),
            ...headers,
            authorization: `Bearer ${access.token}`,
            ...(body && { 'content-type': raw ? 'message/rfc822' : 'application/json' }),
          },
          ...(body && { body: raw ? body : JSON.stringify(body) }),
        })
      } catch (cause) {
        throw new Failure(
          'store.unavailable',
          `${access.url} does not answer; is Postern running?`,
          { cause },
        )
      }
      if (!response.ok) throw await refusal(response)
      return (response.status === 204 ? undefined : await response.json()) as T // the contract names the type per path
    },
    close: () => dispatcher.close(),
  }
}

/** Who types: as the environment says, else the account of this process. For the history of changes. */
function actorHere(): string | undefined {
  const { actor } = readCliEnvironment()
  try {
    return encodeURIComponent(actor ?? userInfo().username).replaceAll('%40', '@')
  } catch {
    return undefined // a container may run under a number that has no name
  }
}

/** An answer that was not a success, said by the server in its own words. */
export class Refusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

async function refusal(response: { status: number; json(): Promise<unknown> }): Promise<Refusal> {
  const body = (await response.json().catch(() => ({}))) as Partial<ErrorBody> // checked field by field
  const { code = String(response.status), message = 'refused', innerError } = body.error ?? {}
  const hint = innerError ? `\n  ${innerError.hint} (id ${innerError.id})` : ''
  return new Refusal(code, `${message}${hint}`)
}
