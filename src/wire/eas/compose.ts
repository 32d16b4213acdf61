import { Failure } from '../../base/failures.ts'
import { ComposeMail } from '../wbxml/tokens.ts'
import { bytesOf, type Element, find, textOf } from '../wbxml/wbxml.ts'
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
