import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { callWebhook, type Webhook } from '../webhook/webhook.ts'

/** A short word to a person, outside of mail. */
export interface PushMessage {
  /** The same for every try, so that a receiver can tell a repetition. */
  readonly id: string
  /** Sign-in name of the user. */
  readonly user: string
  readonly device: string
  readonly title: string
  readonly message: string
}

/** Where push notifications go. */
export interface Push {
  /** `refused`: the receiver will never take it. Throws `upstream.unavailable` when it may later. */
  send(message: PushMessage): Promise<'sent' | 'refused'>
}

/**
 * Posts JSON to an address. With a `topic` it is what ntfy publishes, `{ topic, title, message }`, where `{user}` in the
 * topic is the sign-in name; without one it is a webhook, `{ id, user, device, title, message }`. The id is also the
 * header `Idempotency-Key`: a try of which nobody knows whether it arrived is made again.
 */
export function createPush(
  given: Webhook & { readonly topic?: string | undefined; readonly clock: Clock },
): Push {
  const { topic } = given
  return {
    async send(message) {
      const { title, message: text } = message
      const body = topic
        ? { topic: topic.replaceAll('{user}', topicName(message.user)), title, message: text }
        : message
      const headers = { 'content-type': 'application/json', 'idempotency-key': message.id }
      const sent = { headers, body: JSON.stringify(body) }
      return await callWebhook(given, sent, given.clock, async ({ ok, status }) => {
        if (ok) return 'sent'
        if (mayPass(status))
          throw new Failure('upstream.unavailable', `push: the receiver answered ${status}`)
        return 'refused'
      })
    },
  }
}

/** RFC 9110 15: too early, too many, and faults of the server pass; so does a token that an administrator mends. */
const mayPass = (status: number): boolean =>
  status >= 500 || [401, 403, 408, 425, 429].includes(status)

/** Topics of ntfy: letters, digits, `_` and `-`. */
const topicName = (user: string): string => user.toLowerCase().replace(/[^a-z0-9_-]/g, '_')
