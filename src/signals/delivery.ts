import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'

/** Where events go. */
export interface Receiver {
  readonly url: string
  /** What it calls itself: the `aud` of its events. */
  readonly audience: string
  /** Bearer token that it asks for. */
  readonly token?: Secret | undefined
}

/** Refused for good, with the code of RFC 8935 section 2.4 where the receiver gave one. */
export interface Refusal {
  readonly code: string
}

const refusalBody = z.object({ err: z.string().max(64) })

/** Pushes a signed event (RFC 8935 section 2). Throws `upstream.unavailable` where it may be taken later. */
export async function pushEvent(
  { url, token }: Receiver,
  event: string,
  clock: Clock,
): Promise<'taken' | Refusal> {
  const patience = new AbortController()
  const cancel = clock.after(limits.pushTimeoutMs.value, () => patience.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A redirect would carry the token elsewhere.
      redirect: 'manual',
      headers: {
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      },
      body: event,
      signal: patience.signal,
    })
    if (response.ok) {
      await response.body?.cancel()
      return 'taken'
    }
    // Only this status says that it is the event that is wrong; all else may pass, or be mended by an administrator.
    if (response.status === 400) return await readRefusal(response)
    await response.body?.cancel()
    throw new Failure('upstream.unavailable', `signals: the receiver answered ${response.status}`)
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure('upstream.unavailable', 'signals: the receiver does not answer', { cause })
  } finally {
    cancel()
  }
}

async function readRefusal(response: Response): Promise<Refusal> {
  const text = await readSome(response)
  try {
    return { code: refusalBody.parse(JSON.parse(text)).err }
  } catch {
    return { code: 'unknown' }
  }
}

/** Of what a receiver says no more than it can need to say. */
async function readSome(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > limits.signalAnswerChars.value) break
  }
  return text
}
