import type { ImapFlow } from 'imapflow'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import { readBasic } from './credentials.ts'

/** IMAP of the mail server behind. */
export interface ImapAddress {
  /** `imaps://host:993`, or `imap://host:143` (STARTTLS where offered). */
  readonly url: string
  /** A password that it takes for every user; without it the user's own. */
  readonly secret?: Secret | undefined
}

/** A client for this user, not connected yet; with the site's own password for the mail server, or the user's. */
export async function openClient(
  imap: ImapAddress,
  user: string,
  authorization: Secret,
): Promise<ImapFlow> {
  const { ImapFlow } = await import('imapflow')
  const url = new URL(imap.url)
  const secure = url.protocol === 'imaps:'
  const own = readBasic(authorization.reveal())
  return new ImapFlow({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 993 : 143),
    secure,
    auth: imap.secret
      ? { user, pass: imap.secret.reveal() }
      : { user: own?.name ?? user, pass: own?.password ?? '' },
    logger: false,
    disableAutoIdle: true,
    // Below the idle limits of firewalls and of the library itself.
    maxIdleTime: limits.imapIdleMs.value,
    connectionTimeout: limits.upstreamConnectMs.value,
  })
}

/** The library quotes the server's answer in its messages; only the kind of error may reach the log. */
export function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown
  return 'code' in thrown ? String(thrown.code) : thrown.name
}
