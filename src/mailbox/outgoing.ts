import { createHash } from 'node:crypto'
import type { Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { User } from '../directory/directory.ts'
import { headerAddress, headerDate } from './header-text.ts'

/** A message that leaves a built-in mailbox. */
export interface OutgoingMessage {
  /** Envelope addresses. */
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Uint8Array
}

/** The message as its recipients get it, the sender's own copy with Bcc, and everybody it goes to. */
export interface Prepared {
  readonly recipients: readonly string[]
  readonly sent: Uint8Array
  readonly copy: Uint8Array
}

/** A message in two: header fields, unfolded no further than they came, and the body's bytes. */
export interface SplitMessage {
  readonly fields: readonly string[]
  readonly body: Uint8Array
}

/** Cuts a message at its first empty line. */
export function splitMessage(raw: Uint8Array): SplitMessage {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const ends = ['\r\n\r\n', '\n\n'].map((mark) => ({ at: bytes.indexOf(mark), mark }))
  const end = ends.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0]
  const head = bytes.subarray(0, end?.at ?? bytes.length).toString('latin1')
  const body = end ? bytes.subarray(end.at + end.mark.length) : new Uint8Array()
  const fields = head.split(/\r?\n(?![ \t])/).filter((field) => /^[!-9;-~]+[ \t]*:/.test(field))
  return { fields, body }
}

/** Puts a message together again. */
export function joinMessage({ fields, body }: SplitMessage): Uint8Array {
  return Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

/** The lower-case name of a header field. */
export function fieldName(field: string): string {
  return field.slice(0, field.indexOf(':')).trim().toLowerCase()
}

/**
 * Makes a client's message fit to leave: From is the sender, whatever the client wrote, so that nobody writes in another's
 * name; Date and Message-ID are there; Bcc is in the sender's copy only. `mark` makes the id of a repeated message the same.
 */
export async function prepareOutgoing(
  raw: Uint8Array,
  sender: User,
  at: Instant,
  mark: string,
): Promise<Prepared> {
  const { addressParser } = await import('postal-mime')
  const { fields, body } = splitMessage(raw)
  // One From with one address, the sender's: of two, a reader may show either.
  const addresses = (...names: readonly string[]) =>
    fields
      .filter((field) => names.includes(fieldName(field)))
      .map((field) => field.slice(field.indexOf(':') + 1, limits.mimeFieldBytes.value))
      .flatMap((value) => addressParser(value, { flatten: true }))
      .map(({ address = '' }) => address.trim().toLowerCase())
  const authors = addresses('from')
  const isOwn = authors.length === 1 && authors[0] === sender.mail.toLowerCase()
  const kept = fields.filter((field) => {
    const name = fieldName(field)
    return name !== 'sender' && (name !== 'from' || isOwn)
  })
  const names = new Set(kept.map(fieldName))
  const id = createHash('sha256').update(mark).digest('hex').slice(0, 32)
  const domain = sender.mail.split('@')[1] ?? 'postern.invalid'
  const added = [
    ...(names.has('from')
      ? []
      : [`From: ${headerAddress(`${sender.displayName} <${sender.mail}>`)}`]),
    ...(names.has('date') ? [] : [`Date: ${headerDate(at)}`]),
    ...(names.has('message-id') ? [] : [`Message-ID: <${id}@${domain}>`]),
    ...(names.has('mime-version') ? [] : ['MIME-Version: 1.0']),
  ]
  const whole = [...added, ...kept]
  const open = whole.filter((field) => fieldName(field) !== 'bcc')
  return {
    recipients: [...new Set(addresses('to', 'cc', 'bcc'))].filter((address) => address !== ''),
    sent: joinMessage({ fields: open, body }),
    copy: joinMessage({ fields: whole, body }),
  }
}
