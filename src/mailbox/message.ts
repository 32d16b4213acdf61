import { createHash } from 'node:crypto'
import { limits } from '../base/limits.ts'
import { htmlToText, textToHtml } from './html-text.ts'
import { decodeLeaf, type Leaf, leafText, readStructure } from './mime.ts'
import type { Fields } from './mime-fields.ts'

/** One attached file. */
export interface Attachment {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
  readonly contentId: string | undefined
  readonly inline: boolean
}

/** A message taken apart. Header texts are decoded; addresses are joined as `"Name" <a@b>, …`. */
export interface Message {
  readonly from: string
  readonly to: string
  readonly cc: string
  readonly replyTo: string
  readonly subject: string
  /** 0 low, 1 normal, 2 high. */
  readonly importance: 0 | 1 | 2
  readonly text: string | undefined
  readonly html: string | undefined
  readonly attachments: readonly Attachment[]
  /** The same for every message of a thread. */
  readonly conversationId: Uint8Array
  /** Signed or encrypted as a whole: only its MIME form is of use (RFC 8551). */
  readonly secured: boolean
}

/** Takes any bytes apart: mail that was accepted must never make a mailbox unreadable. */
export async function readMessage(raw: Uint8Array): Promise<Message> {
  // Loaded with the first message. Only its readers of small texts are used: its line by line way through a whole message
  // takes 46 s for 9 MB of empty lines.
  const { addressParser, decodeWords } = await import('postal-mime')
  const { fields, leaves } = readStructure(raw, decodeWords)
  const field = (name: string) => fields.get(name) ?? ''
  const people = (name: string) => writeAddresses(addressParser(field(name), { flatten: true }))
  const shown = leaves.filter(isShown)
  return {
    from: people('from'),
    to: people('to'),
    cc: people('cc'),
    replyTo: people('reply-to'),
    subject: oneLine(decodeWords(field('subject'))),
    importance: readImportance(field('importance'), field('x-priority')),
    ...joinTexts(shown),
    attachments: leaves.filter((leaf) => !isShown(leaf)).map(readAttachment),
    conversationId: conversationOf(fields, raw),
    secured: /^(multipart\/signed|application\/(x-)?pkcs7-mime)/i.test(field('content-type')),
  }
}

const fileName = (leaf: Leaf) =>
  oneLine(leaf.disposition.parameters.get('filename') ?? leaf.type.parameters.get('name') ?? '')

// Text without a name is shown, everything else is a file.
const isShown = (leaf: Leaf) =>
  (leaf.type.value === 'text/plain' || leaf.type.value === 'text/html') &&
  leaf.disposition.value !== 'attachment' &&
  fileName(leaf) === ''

function readAttachment(leaf: Leaf, index: number): Attachment {
  const { value } = leaf.type
  const contentId = oneLine(leaf.fields.get('content-id') ?? '').replace(/^<|>$/g, '')
  return {
    name: fileName(leaf) || `attachment-${index + 1}${value === 'message/rfc822' ? '.eml' : ''}`,
    type: /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(value) ? value : 'application/octet-stream',
    bytes: decodeLeaf(leaf),
    contentId: contentId || undefined,
    inline: contentId !== '' && leaf.disposition.value !== 'attachment',
  }
}

/**
 * All shown parts as one body. Forms of the same text stand for one another; texts that follow one another are joined in
 * the richest form that any of them has.
 */
function joinTexts(leaves: readonly Leaf[]): {
  text: string | undefined
  html: string | undefined
} {
  const pieces: { text?: string; html?: string }[] = []
  const alternatives = new Map<number, { text?: string; html?: string }>()
  for (const leaf of leaves) {
    const known = leaf.alternative === 0 ? undefined : alternatives.get(leaf.alternative)
    const piece = known ?? {}
    if (!known) pieces.push(piece)
    if (leaf.alternative !== 0) alternatives.set(leaf.alternative, piece)
    if (leaf.type.value === 'text/html') piece.html = leafText(leaf)
    else piece.text = leafText(leaf)
  }
  const isHtml = pieces.some((piece) => piece.html !== undefined)
  const isText = pieces.some((piece) => piece.text !== undefined)
  const join = (parts: readonly string[], between: string) => parts.join(between)
  return {
    html: isHtml
      ? join(
          pieces.map((piece) => piece.html ?? textToHtml(piece.text ?? '')),
          '<br>\n',
        )
      : undefined,
    text: isText
      ? join(
          pieces.map((piece) => piece.text ?? shownText(piece.html ?? '')),
          '\n',
        )
      : undefined,
  }
}

const shownText = (html: string) => htmlToText(html.slice(0, limits.convertedChars.value))

/** The text of a message: as written, or taken from its HTML. */
export function textOfMessage(message: Message): string {
  return message.text ?? (message.html === undefined ? '' : shownText(message.html))
}

/** What Search looks through: lower case, and only the start of a large message. */
export async function wordsOf(raw: Uint8Array): Promise<string> {
  const message = await readMessage(raw.subarray(0, limits.searchedBytes.value))
  const { subject, from, to, cc } = message
  const words = [subject, from, to, cc, textOfMessage(message)].join('\n').toLowerCase()
  return words.replaceAll('\0', '').slice(0, limits.searchedBytes.value)
}

function writeAddresses(
  addresses: readonly { name: string; address?: string | undefined }[],
): string {
  return addresses
    .map(({ name, address = '' }) => {
      const quoted = oneLine(name).replace(/["\\]/g, '')
      return quoted ? `"${quoted}" <${oneLine(address)}>` : oneLine(address)
    })
    .join(', ')
    .slice(0, limits.addressListChars.value)
}

const oneLine = (text: string) => text.replace(/[\p{Cc}\s]+/gu, ' ').trim()

function readImportance(importance: string, priority: string): 0 | 1 | 2 {
  const told = importance.trim().toLowerCase()
  if (told === 'high' || /^\s*[12]/.test(priority)) return 2
  return told === 'low' || /^\s*[45]/.test(priority) ? 0 : 1
}

function conversationOf(fields: Fields, raw: Uint8Array): Uint8Array {
  const ids = ['references', 'in-reply-to', 'message-id'].map((name) => fields.get(name) ?? '')
  const root = /<[^<>]{1,300}>/.exec(ids.find((text) => text.includes('<')) ?? '')
  const seed = root?.[0] ?? raw.subarray(0, 1000)
  return createHash('sha256').update(seed).digest().subarray(0, 16)
}
