import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'

/** An address of somebody else's that takes messages by POST. */
export interface Webhook {
  readonly url: string
  /** Bearer token that it asks for. */
  readonly token?: Secret | undefined
}

/**
 * Posts a message, and reads the answer in the same `limits.pushTimeoutMs`. A redirect is an answer and is not followed: it would
 * carry the token elsewhere. Throws `upstream.unavailable` where there is no answer, and whatever `read` throws as a `Failure`.
 */
export async function callWebhook<T>(
  { url, token }: Webhook,
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  clock: Clock,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const patience = new AbortController()
  const cancel = clock.after(limits.pushTimeoutMs.value, () => patience.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        ...message.headers,
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      },
      body: message.body,
      signal: patience.signal,
    })
    try {
      return await read(response)
    } finally {
      // What is left unread would keep the connection.
      await response.body?.cancel().catch(() => {})
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure('upstream.unavailable', 'the receiver does not answer', { cause })
  } finally {
    cancel()
  }
}
