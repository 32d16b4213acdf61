import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { UserId } from '../directory/directory.ts'
import type { Store } from '../store/store.ts'
import { wordsOf } from './message.ts'
import { ownFolder, storeMessage } from './own.ts'

/** Stores an RFC 5322 message in the user's Inbox, durably, before it resolves. Throws `limit.exceeded`. */
export type Deliver = (user: UserId, message: Uint8Array) => Promise<void>

/** Delivery into built-in mailboxes. */
export function createDelivery(deps: { store: Store; clock: Clock }): Deliver {
  const { store, clock } = deps
  return async (user, message) => {
    if (message.length > limits.easMessageBytes.value) {
      throw new Failure('limit.exceeded', 'the message is larger than easMessageBytes')
    }
    const words = await wordsOf(message)
    const arrived = { raw: message, words, receivedAt: clock.now(), read: false }
    await store.transact((tx) => storeMessage(store, tx, user, ownFolder('inbox'), arrived))
  }
}
