import type { ImapFlow } from 'imapflow'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import { type ImapAddress, nameOf, openClient } from './imap-client.ts'

/** Whether a message with this Message-ID lies in the user's Sent folder; `false` too when that cannot be seen. */
export type SentLookup = (
  user: string,
  authorization: Secret,
  messageId: string,
) => Promise<boolean>

/** Asks the mail server over IMAP: the mailbox itself is the one thing that knows. */
export function createSentLookup(given: { imap: ImapAddress; log: Log }): SentLookup {
  return async (user, authorization, messageId) => {
    let client: ImapFlow | undefined
    try {
      client = await openClient(given.imap, user, authorization)
      // Without a listener an error event would end the process.
      client.on('error', (error) => given.log.warn('imap.sent', { cause: nameOf(error) }))
      await client.connect()
      const folders = await client.list()
      const sent = folders.find((folder) => folder.specialUse === '\\Sent')
      if (!sent) return false
      await client.mailboxOpen(sent.path, { readOnly: true })
      const found = await client.search({ header: { 'message-id': messageId } })
      return found !== undefined && found !== false && found.length > 0
    } catch (thrown) {
      given.log.warn('imap.sent', { cause: nameOf(thrown) })
      return false
    } finally {
      client?.close()
    }
  }
}
