import { headerDate } from './header-text.ts'
import { textToHtml } from './html-text.ts'
import { type Message, readMessage, textOfMessage } from './message.ts'
import { fieldName, joinMessage, splitMessage } from './outgoing.ts'
import type { Instant } from '../base/clock.ts'

/**
 * Adds the original below a reply or a forward, as the client asked by not sending it (MS-ASCMD 2.2.1.19, 2.2.1.20). Only
 * the body is made anew; the client's own header stays. A signed or encrypted message is left alone: it would break.
 */
export async function appendOriginal(
  raw: Uint8Array,
  original: { readonly raw: Uint8Array; readonly receivedAt: Instant },
  kind: 'reply' | 'forward',
): Promise<Uint8Array> {
  const mine = await readMessage(raw)
  if (mine.secured) return raw
  const theirs = await readMessage(original.raw)
  const asHtml = mine.html !== undefined || theirs.html !== undefined
  const heading = headingOf(theirs, original.receivedAt)
  const text = `${textOfMessage(mine).trimEnd()}\n\n${heading}\n\n${textOfMessage(theirs)}`
  const html = asHtml ? `${htmlOf(mine)}<hr>${textToHtml(heading)}<br>${htmlOf(theirs)}` : undefined
  // A reply needs the pictures inside the text that it quotes, not the files.
  const carried = theirs.attachments.filter((one) => kind === 'forward' || one.inline)
  const attachments = [...mine.attachments, ...carried].map((one) => ({
    filename: one.name,
    contentType: one.type,
    content: Buffer.from(one.bytes),
    contentDisposition: one.inline ? 'inline' : 'attachment',
    ...(one.contentId ? { cid: one.contentId } : {}),
  }))
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const composed = await new MailComposer({
    text,
    ...(html === undefined ? {} : { html }),
    attachments,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build()
  const made = splitMessage(composed)
  const own = splitMessage(raw).fields.filter((field) => !isOfBody(field))
  return joinMessage({ fields: [...own, ...made.fields.filter(isOfBody)], body: made.body })
}

const isOfBody = (field: string) => /^(content-.*|mime-version)$/.test(fieldName(field))

const htmlOf = (message: Message) => message.html ?? textToHtml(textOfMessage(message))

function headingOf(message: Message, receivedAt: Instant): string {
  const lines = [
    '-----Original Message-----',
    `From: ${message.from}`,
    `Sent: ${headerDate(receivedAt)}`,
    `To: ${message.to}`,
    ...(message.cc ? [`Cc: ${message.cc}`] : []),
    `Subject: ${message.subject}`,
  ]
  return lines.join('\n')
}
