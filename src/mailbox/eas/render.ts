import { limits } from '../../base/limits.ts'
import { type BodyForms, type BodyWish, chooseBody } from '../../wire/eas/body.ts'
import { writeEmail, writeReadFlag } from '../../wire/eas/email.ts'
import { writeFollowUp } from '../../wire/eas/follow-up.ts'
import type { EasVersion } from '../../wire/eas/version.ts'
import type { Element } from '../../wire/wbxml/wbxml.ts'
import type { ContentItem } from '../content.ts'
import { textToHtml } from '../html-text.ts'
import { type Message, readMessage, textOfMessage } from '../message.ts'

/** A message as ApplicationData or Properties. */
export async function renderItem(
  item: ContentItem,
  wish: BodyWish,
  version: EasVersion,
): Promise<readonly Element[]> {
  const raw = await item.raw()
  const message = await readMessage(raw)
  const { from, to, cc, replyTo, subject, importance, conversationId } = message
  const body = chooseBody(formsOf(message, raw, wish), mimeWish(message, wish), version)
  const email = {
    from,
    to,
    ...(cc ? { cc } : {}),
    ...(replyTo ? { replyTo } : {}),
    subject,
    received: item.receivedAt,
    read: item.read,
    importance,
    nativeBodyType: nativeType(message),
    conversationId,
    flag: writeFollowUp(item.flag, version),
    attachments: message.attachments.map((attachment, index) => ({
      displayName: attachment.name,
      fileReference: writeFileReference(item.item, index),
      size: attachment.bytes.length,
      ...(attachment.contentId ? { contentId: attachment.contentId } : {}),
      isInline: attachment.inline,
    })),
  }
  return writeEmail(email, body, version)
}

/** What a changed message tells: its read flag and its follow-up flag. */
export function renderFlags(item: ContentItem, version: EasVersion): readonly Element[] {
  return [...writeReadFlag(item.read), ...writeFollowUp(item.flag, version)]
}

const nativeType = (message: Message): 1 | 2 => (message.html !== undefined ? 2 : 1)

// HTML is made from text only for a client that reads nothing else: everyone else gets what the sender wrote.
function formsOf(message: Message, raw: Uint8Array, wish: BodyWish): BodyForms {
  const text = textOfMessage(message)
  const types = wish.bodyPreferences.map((preference) => preference.type)
  const htmlOnly = types.includes(2) && !types.includes(1)
  const shown = () => textToHtml(text.slice(0, limits.convertedChars.value))
  const html = message.html ?? (htmlOnly ? shown() : undefined)
  return { text, mime: raw, ...(html === undefined ? {} : { html }) }
}

// MIMESupport 1 asks for MIME of signed and encrypted messages only (MS-ASCMD 2.2.3.110).
const mimeWish = (message: Message, wish: BodyWish): BodyWish =>
  message.secured && wish.mimeSupport === 1 ? { ...wish, mimeSupport: 2 } : wish

/** The name by which a client asks for an attachment; it survives moves of the message. */
export function writeFileReference(item: number, index: number): string {
  return `pf:${item}:${index}`
}

/** Takes such a name apart. */
export function readFileReference(text: string): { item: number; index: number } | undefined {
  const found = /^pf:([1-9][0-9]{0,14}):([0-9]{1,4})$/.exec(text)
  return found ? { item: Number(found[1]), index: Number(found[2]) } : undefined
}
