import type { Transporter } from 'nodemailer'
import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import type { Notice } from './notices.ts'

/** A notice on its way to one address. */
export interface Mail extends Notice {
  readonly to: string
  /** The same for every try, so that a mail server can tell a repetition. */
  readonly messageId: string
  readonly at: Instant
}

/** Sends mail over SMTP. */
export interface Mailer {
  /** `refused`: the server will never take it for this address. Throws `upstream.unavailable` when it may later. */
  deliver(mail: Mail): Promise<'sent' | 'refused'>
}

/**
 * `smtpUrl` is `smtp://host[:port]` or `smtps://…`; `credentials` are `user:password`. A password is only sent over TLS;
 * a server on this very machine may speak plain text, its certificate being nobody's.
 */
export function createMailer(given: { smtpUrl: string; credentials?: Secret | undefined }): Mailer {
  let opened: Promise<Transporter> | undefined
  return {
    async deliver(mail) {
      opened ??= open(given.smtpUrl, given.credentials)
      const transport = await opened
      try {
        await transport.sendMail(messageOf(mail))
        return 'sent'
      } catch (thrown) {
        if (isFinal(thrown)) return 'refused'
        throw new Failure('upstream.unavailable', 'the mail server did not take a notice', {
          cause: thrown,
        })
      }
    },
  }
}

/** The mail as an RFC 5322 message, for a mailbox that is reached without SMTP. */
export async function writeMessage(mail: Mail): Promise<Uint8Array> {
  const { createTransport } = await import('nodemailer')
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message } = await writer.sendMail(messageOf(mail))
  if (!(message instanceof Uint8Array)) throw new Failure('internal', 'the message was not written')
  return message
}

// Loaded with the first mail: most starts send none.
async function open(smtpUrl: string, credentials: Secret | undefined): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  const url = new URL(smtpUrl)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'smtps:'
  const here = host === 'localhost' || host === '::1' || host.startsWith('127.')
  const text =
    credentials?.reveal() ??
    `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const colon = text.indexOf(':')
  const auth =
    colon > 0 ? { auth: { user: text.slice(0, colon), pass: text.slice(colon + 1) } } : {}
  const timeout = limits.smtpTimeoutMs.value
  return createTransport({
    host,
    port: url.port ? Number(url.port) : secure ? 465 : colon > 0 ? 587 : 25,
    secure,
    ...auth,
    requireTLS: !secure && !here && colon > 0,
    ignoreTLS: !secure && here,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // A notice holds no attachment: nothing in it may ever make the mailer read a file or fetch a page.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function messageOf(mail: Mail) {
  return {
    from: mail.from,
    // As an object it is one address, whatever commas it holds.
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: new Date(mail.at),
    messageId: mail.messageId,
    // RFC 3834 5: no robot shall answer, and no out-of-office.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** A 5xx answer about this recipient or this message (RFC 5321 4.2.1); about sign-in or sender it is our set-up. */
function isFinal(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('responseCode' in thrown) || !('command' in thrown))
    return false
  return (
    Number(thrown.responseCode) >= 500 &&
    (thrown.command === 'RCPT TO' || thrown.command === 'DATA')
  )
}
