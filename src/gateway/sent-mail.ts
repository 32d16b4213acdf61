import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { EasAnswer } from '../mailbox/mailbox.ts'
import type { Store } from '../store/store.ts'
import { type MessageMark, peekMark } from '../wire/eas/compose.ts'
import { atLeast } from '../wire/eas/version.ts'
import type { EasCall } from './call.ts'
import { findSent, saveSent } from './records.ts'
import { refuse } from './refusals.ts'
import type { SentLookup } from './sent-lookup.ts'

/** Sends the message on; calls `taken` when the mail server says that it has it. */
export type PassMail = (taken: () => void) => Promise<EasAnswer | undefined>

/**
 * Keeps one message from going out twice. A phone that lost the answer sends its message again under the same ClientId;
 * mail servers behind know nothing of that (SOGo sends both), so it is known here, over restarts and nodes.
 */
export interface SentMail {
  /** Passes the message, or answers 118 (MS-ASCMD 2.2.2, MessagePreviouslySent) when the mail server has it already. */
  send(call: EasCall, pass: PassMail): Promise<EasAnswer | undefined>
}

interface Parts {
  readonly store: Store
  /** Says of a message whose answer was lost whether it went out. Without it such a message is sent again. */
  readonly lookup: SentLookup | undefined
  readonly clock: Clock
}

/** Keeps ClientIds for `limits.clientIdKeepMs`. Clients of up to 12.1, and those that pack the request, send none. */
export function createSentMail(parts: Parts): SentMail {
  const { store, clock } = parts
  const underWay = new Map<string, Promise<unknown>>()
  const note = (call: EasCall, clientId: string, taken: boolean): Promise<void> => {
    const at = clock.now()
    const sent = { partnership: call.partnership.id, clientId, taken, at }
    return store.transact((tx) => saveSent(tx, sent, at - limits.clientIdKeepMs.value))
  }
  const sendOnce = async (call: EasCall, mark: MessageMark, pass: PassMail) => {
    if (await wentOut(parts, call, mark)) {
      await note(call, mark.clientId, true)
      return refuse('sentBefore', call.request)
    }
    await note(call, mark.clientId, false)
    let isTaken = false
    try {
      return await pass(() => {
        isTaken = true
      })
    } finally {
      if (isTaken) await note(call, mark.clientId, true)
    }
  }
  return {
    async send(call, pass) {
      const mark = await markOf(call)
      if (!mark) return await pass(() => {})
      const key = `${call.partnership.id} ${mark.clientId}`
      // The second try may come while the first is still with the mail server.
      const sending = (underWay.get(key) ?? Promise.resolve()).then(() =>
        sendOnce(call, mark, pass),
      )
      const settled = sending.catch(() => {})
      underWay.set(key, settled)
      try {
        return await sending
      } finally {
        if (underWay.get(key) === settled) underWay.delete(key)
      }
    },
  }
}

async function markOf({ carried, request }: EasCall) {
  const packed = carried.headers['content-encoding'] !== undefined
  if (packed || !atLeast(request.version, '14.0')) return undefined
  const mark = peekMark(await carried.readStart())
  const tooLong = mark && mark.clientId.length > limits.clientIdChars.value
  return tooLong ? undefined : mark
}

async function wentOut(
  { store, lookup }: Parts,
  { partnership, caller }: EasCall,
  { clientId, messageId }: MessageMark,
): Promise<boolean> {
  const before = await findSent(store.db, partnership.id, clientId)
  if (before !== 'begun') return before === 'taken'
  if (!lookup || messageId === '') return false
  return await lookup(caller.user.name, caller.authorization, messageId)
}
