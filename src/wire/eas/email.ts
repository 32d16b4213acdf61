import type { Instant } from '../../base/clock.ts'
import { AirSyncBase, Email, Email2 } from '../wbxml/tokens.ts'
import { type Element, element } from '../wbxml/wbxml.ts'
import { type ChosenBody, writeBody } from './body.ts'
import { bit } from './fields.ts'
import { atLeast, type EasVersion } from './version.ts'

/** A message as the list of a mail client shows it. Header texts are decoded; addresses stay `"Name" <a@b>`, joined by commas. */
export interface EmailItem {
  readonly from: string
  readonly to: string
  readonly cc?: string
  readonly replyTo?: string
  readonly subject: string
  readonly received: Instant
  readonly read: boolean
  /** 0 low, 1 normal, 2 high. */
  readonly importance?: 0 | 1 | 2
  /** What the sender wrote: 1 text, 2 HTML. */
  readonly nativeBodyType: 1 | 2
  /** Opaque id of the conversation, up to 16 bytes; 14.0 and later. */
  readonly conversationId?: Uint8Array
  readonly attachments?: readonly EmailAttachment[]
  /** The Flag element (`writeFollowUp` makes it); without one an empty Flag says "no flag". 12.0 and later. */
  readonly flag?: readonly Element[]
}

/** An attachment as it is listed; its bytes are asked for later by `fileReference`. */
export interface EmailAttachment {
  readonly displayName: string
  /** What ItemOperations or GetAttachment will ask for. */
  readonly fileReference: string
  readonly size: number
  readonly contentId?: string
  readonly isInline?: boolean
}

/** Longest To and From of the published schema. */
const addressesLength = 32_768

/** The children of ApplicationData (or Properties) of a message, in the tags of this version. */
export function writeEmail(
  item: EmailItem,
  body: ChosenBody | undefined,
  version: EasVersion,
): readonly Element[] {
  const flags = atLeast(version, '12.0')
  const conversations = atLeast(version, '14.0')
  const fields: readonly (Element | false | undefined)[] = [
    element(Email.To, item.to.slice(0, addressesLength)),
    item.cc ? element(Email.Cc, item.cc) : undefined,
    element(Email.From, item.from.slice(0, addressesLength)),
    item.replyTo ? element(Email.ReplyTo, item.replyTo) : undefined,
    element(Email.Subject, item.subject),
    element(Email.DateReceived, easDate(item.received)),
    element(Email.DisplayTo, displayNames(item.to)),
    element(Email.ThreadTopic, threadTopic(item.subject)),
    element(Email.Importance, item.importance ?? 1),
    element(Email.Read, bit(item.read)),
    writeAttachments(item.attachments ?? [], version),
    ...(body ? writeBody(body, item.nativeBodyType, version) : []),
    element(Email.MessageClass, 'IPM.Note'),
    element(Email.InternetCPID, 65001),
    ...(flags ? (item.flag ?? [element(Email.Flag)]) : []),
    flags && element(Email.ContentClass, 'urn:content-classes:message'),
    conversations && item.conversationId && element(Email2.ConversationId, item.conversationId),
  ]
  return fields.filter((field) => field !== undefined && field !== false)
}

function writeAttachments(
  list: readonly EmailAttachment[],
  version: EasVersion,
): Element | undefined {
  if (list.length === 0) return undefined
  if (!atLeast(version, '12.0'))
    return element(
      Email.Attachments,
      list.map((one) =>
        element(
          Email.Attachment,
          element(Email.AttName, one.fileReference),
          element(Email.AttSize, one.size),
          element(Email.AttMethod, 1),
          element(Email.DisplayName, one.displayName),
        ),
      ),
    )
  return element(
    AirSyncBase.Attachments,
    list.map((one) =>
      element(
        AirSyncBase.Attachment,
        element(AirSyncBase.DisplayName, one.displayName),
        element(AirSyncBase.FileReference, one.fileReference),
        element(AirSyncBase.Method, 1),
        element(AirSyncBase.EstimatedDataSize, one.size),
        one.contentId !== undefined && element(AirSyncBase.ContentId, one.contentId),
        one.isInline === true && element(AirSyncBase.IsInline, 1),
      ),
    ),
  )
}

/**
 * `"Ann" <a@x>, b@y` gives `Ann; b@y`. One pass over the characters: strangers write these headers, and an expression
 * that tries again from every quote or bracket would take minutes on a long one.
 */
function displayNames(addresses: string): string {
  const names: string[] = []
  let name = ''
  let address = ''
  let quoted = false
  let bracketed = false
  const finish = () => {
    const shown = name.trim() || address.trim()
    if (shown) names.push(shown)
    name = ''
    address = ''
  }
  for (const char of addresses.slice(0, addressesLength)) {
    if (char === '"' && !bracketed) quoted = !quoted
    else if (char === '<' && !quoted) bracketed = true
    else if (char === '>' && bracketed) bracketed = false
    else if (char === ',' && !quoted && !bracketed) finish()
    else if (bracketed) address += char
    else name += char
  }
  finish()
  return names.join('; ')
}

function threadTopic(subject: string): string {
  let topic = subject.trimStart()
  for (;;) {
    const prefix = /^(?:re|fwd?|aw|wg):/i.exec(topic)
    if (!prefix) return topic
    topic = topic.slice(prefix[0].length).trimStart()
  }
}

/** The one child that tells of a changed Read flag. */
export function writeReadFlag(read: boolean): readonly Element[] {
  return [element(Email.Read, bit(read))]
}

/** The EAS form of an instant: `2026-10-05T07:00:00.000Z`. */
export function easDate(at: Instant): string {
  return new Date(at).toISOString()
}
