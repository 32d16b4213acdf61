import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { callWebhook, type Webhook } from '../webhook/webhook.ts'

/** Where events go. */
export interface Receiver extends Webhook {
  /** What it calls itself: the `aud` of its events. */
  readonly audience: string
}

/** Refused for good, with the code of RFC 8935 section 2.4 where the receiver gave one. */
export interface Refusal {
  readonly code: string
}

const refusalBody = z.object({ err: z.string().max(64) })
const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' }

/** Pushes a signed event (RFC 8935 section 2). Throws `upstream.unavailable` where it may be taken later. */
export function pushEvent(
  receiver: Receiver,
  event: string,
  clock: Clock,
): Promise<'taken' | Refusal> {
  return callWebhook(receiver, { headers, body: event }, clock, async (response) => {
    if (response.ok) return 'taken'
    // Only this status says that it is the event that is wrong; all else may pass, or be mended by an administrator.
    if (response.status === 400) return await readRefusal(response)
    throw new Failure('upstream.unavailable', `signals: the receiver answered ${response.status}`)
  })
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
