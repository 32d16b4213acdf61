import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { EasRequest } from '../../wire/eas/request.ts'
import { atLeast } from '../../wire/eas/version.ts'
import { type Element, readWbxml } from '../../wire/wbxml/wbxml.ts'
import type { Content } from '../content.ts'
import type { Source } from '../keys.ts'
import { type Commands, type Ended, type Outcome, refuse } from './answer.ts'
import type { Queue } from './queue.ts'

/** Mail as one EAS client sees it: answers every command of the protocol, holds Ping and waiting Sync itself. */
export interface MailView {
  /** `ended` fires when the view is no longer the client's: held Ping answers Status 7, held Sync Status 12, at once. */
  answer(request: EasRequest, body: Uint8Array, ended: Ended): Promise<Outcome>
}

/** Serves one client from one mailbox. */
export function createView(options: {
  partnership: string
  source: Source
  content: () => Content
  commands: Commands
  queue: Queue
}): MailView {
  const { partnership, source, commands, queue } = options

  async function begin(request: EasRequest, body: Uint8Array, ended: Ended): Promise<Outcome> {
    const root = readBody(request, body)
    if (root === 'unreadable') return refuse(request, 102)
    const command = commands.served[request.command] ?? commands.otherwise
    const content = options.content()
    try {
      return await command({ request, root, body, ended, partnership, source, content })
    } catch (thrown) {
      // The readers refuse what breaks the schema; everything else is the door's to log and answer.
      if (isOfTheClient(thrown)) return refuse(request, 103)
      throw thrown
    }
  }

  return {
    // The queue is left when an answer begins to be held.
    answer: (request, body, ended) => queue.run(partnership, () => begin(request, body, ended)),
  }
}

const isOfTheClient = (thrown: unknown) =>
  thrown instanceof Failure &&
  (thrown.code === 'request.malformed' || thrown.code === 'limit.exceeded')

const composing = new Set(['SendMail', 'SmartReply', 'SmartForward'])

// Mail is sent as message/rfc822 up to 12.1 and inside WBXML from 14.0 on (MS-ASHTTP 2.2.1.1.2.2).
function readBody(request: EasRequest, body: Uint8Array): Element | undefined | 'unreadable' {
  const isMail = composing.has(request.command)
  if (body.length === 0 || (isMail && !atLeast(request.version, '14.0'))) return undefined
  try {
    return isMail ? readWbxml(body, limits.easMessageBytes.value) : readWbxml(body)
  } catch (thrown) {
    if (isOfTheClient(thrown)) return 'unreadable'
    throw thrown
  }
}
