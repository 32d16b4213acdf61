import { Failure } from '../../base/failures.ts'
import { ComposeMail } from '../wbxml/tokens.ts'
import { bytesOf, type Element, find, skimWbxml, textOf } from '../wbxml/wbxml.ts'
import { expectRoot, has, requiredText } from './fields.ts'

/** A SendMail, SmartReply or SmartForward request of 14.0 and later (MS-ASCMD 2.2.1.17). Success is an empty HTTP 200. */
export interface ComposeRequest {
  readonly command: 'SendMail' | 'SmartReply' | 'SmartForward'
  /** The same id twice is one mail: answer 118 to the second. */
  readonly clientId: string
  readonly saveInSentItems: boolean
  readonly replaceMime: boolean
  readonly accountId: string | undefined
  /** The message that is replied to or forwarded. */
  readonly source:
    | {
        readonly folderId: string | undefined
        readonly itemId: string | undefined
        readonly longId: string | undefined
      }
    | undefined
  /** The message (RFC 5322) as sent: a view on the request. */
  readonly mime: Uint8Array
}

/** Reads SendMail, SmartReply or SmartForward; throws Failure request.malformed without ClientId or Mime. */
export function readCompose(root: Element): ComposeRequest {
  expectRoot(root, ComposeMail.SendMail, ComposeMail.SmartReply, ComposeMail.SmartForward)
  const mime = bytesOf(root, ComposeMail.Mime)
  if (!mime || mime.length === 0) throw new Failure('request.malformed', 'Mime is missing')
  const source = find(root, ComposeMail.Source)
  return {
    command:
      root.tag === ComposeMail.SendMail
        ? 'SendMail'
        : root.tag === ComposeMail.SmartReply
          ? 'SmartReply'
          : 'SmartForward',
    clientId: requiredText(root, ComposeMail.ClientId),
    saveInSentItems: has(root, ComposeMail.SaveInSentItems),
    replaceMime: has(root, ComposeMail.ReplaceMime),
    accountId: textOf(root, ComposeMail.AccountId),
    source: source && {
      folderId: textOf(source, ComposeMail.FolderId),
      itemId: textOf(source, ComposeMail.ItemId),
      longId: textOf(source, ComposeMail.LongId),
    },
    mime,
  }
}

/** What tells one message from another, as far as it is known. */
export interface MessageMark {
  readonly clientId: string
  /** With its angle brackets; '' while unknown. */
  readonly messageId: string
}

/**
 * The marks of a message of 14.0 or later out of the first bytes of its request, while the rest is still on its way.
 * `undefined`: no ClientId among them. Never throws: what is wrong with the request is for its reader to say.
 */
export function peekMark(start: Uint8Array): MessageMark | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  let clientId = ''
  try {
    skimWbxml(
      start,
      (_tag, from, to) => void (clientId ||= bytes.toString('utf8', from, to)),
      ComposeMail.ClientId,
    )
  } catch (thrown) {
    // A beginning ends early; so does a forged one.
    if (!(thrown instanceof Failure)) throw thrown
  }
  if (clientId === '') return undefined
  // Header names know no case, and a long value may stand on the next line (RFC 5322 2.2.3).
  const [, messageId = ''] =
    /\nmessage-id:\s*(<[^<>\s]{3,250}>)/i.exec(bytes.toString('latin1')) ?? []
  return { clientId, messageId }
}
