import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import type { User } from '../directory/directory.ts'
import type { Identity } from '../identity/identity.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import type { Carried } from './carried.ts'

/** An authenticated caller. The password lives only as long as the request, or its held Ping. */
export interface Caller {
  readonly user: User
  /** The Authorization header as it came, for the upstream. */
  readonly authorization: Secret
  readonly address: string
}

/** Name and password out of Basic credentials (RFC 7617 2): `undefined` for anything else. */
export function readBasic(header: string): { name: string; password: string } | undefined {
  const [, token] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header) ?? []
  if (token === undefined || token.length > 8192) return undefined
  const text = Buffer.from(token, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  // A control character would forge log lines and headers further on.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (colon < 1 || /[\u0000-\u001f\u007f]/.test(text)) return undefined
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The sign-in name without a Windows domain before it: phones send `CORP\alice`, or `\alice` when it is left empty. */
export function signInName(name: string): string {
  return name.slice(name.lastIndexOf('\\') + 1)
}

/** What of a request says who asks. */
export type Asking = Pick<Carried, 'headers' | 'peer'>

/** Where the caller comes from. Behind our own proxy the last entry of X-Forwarded-For counts: earlier ones can be invented. */
export function clientAddress({ headers, peer }: Asking, behindProxy: boolean): string {
  const forwarded = headers['x-forwarded-for']
  const last = behindProxy
    ? String(forwarded ?? '')
        .split(',')
        .pop()
        ?.trim()
    : undefined
  return last || (peer ?? 'unknown')
}

export interface Credentials {
  /** The caller, or what to answer instead. The answer is the same for every account and every device. */
  check(asking: Asking): Checked | Promise<Checked>
}

type Checked = { readonly caller: Caller } | { readonly answer: EasAnswer }

/** Turns an Authorization header into a user, through `identity`. Any fault leaves nobody. */
export function createCredentials(parts: {
  identity: Pick<Identity, 'authenticate' | 'remembered'>
  log: Log
  behindProxy: boolean
}): Credentials {
  const { identity, log, behindProxy } = parts
  const refused = (thrown: unknown): Checked => {
    if (thrown instanceof Failure && thrown.code === 'credentials.refused')
      return { answer: unauthorized }
    if (thrown instanceof Failure && thrown.code === 'credentials.throttled')
      return { answer: later(retryAfter(thrown)) }
    const id = log.error('credentials.fault', thrown)
    return { answer: { ...later(limits.retryAfterSeconds.value), body: Buffer.from(id) } }
  }
  return {
    check(asking) {
      const header = String(asking.headers['authorization'] ?? '')
      const basic = readBasic(header)
      if (!basic) return { answer: unauthorized }
      const address = clientAddress(asking, behindProxy)
      const accept = (user: User): Checked => {
        return { caller: { user, authorization: new Secret(header), address } }
      }
      try {
        const name = signInName(basic.name)
        const credentials = {
          kind: 'basic',
          name,
          password: new Secret(basic.password),
          address,
        } as const
        const user = identity.remembered(credentials)
        return user ? accept(user) : identity.authenticate(credentials).then(accept, refused)
      } catch (thrown) {
        return refused(thrown)
      }
    },
  }
}

const unauthorized: EasAnswer = {
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="Postern", charset="UTF-8"' },
}

// EAS knows 503 with Retry-After, not 429 (MS-ASHTTP 2.2.2.2).
const later = (seconds: number): EasAnswer => ({
  status: 503,
  headers: { 'retry-after': String(seconds) },
})

function retryAfter(failure: Failure): number {
  const seconds = 'retryAfterSeconds' in failure ? Number(failure.retryAfterSeconds) : 0
  return seconds > 0 ? seconds : limits.retryAfterSeconds.value
}
