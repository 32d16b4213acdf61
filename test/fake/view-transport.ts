import type { EasAnswer, MailView } from '../../src/mailbox/mailbox.ts'
import type { Transport } from '../../src/phone/transport.ts'
import { readEasRequest } from '../../src/wire/eas/request.ts'

/** The answer of a view, however long it is held. */
export async function wholeAnswer(asked: ReturnType<MailView['answer']>): Promise<EasAnswer> {
  const outcome = await asked
  if (!('tell' in outcome)) return outcome
  return await new Promise((answered, failed) => outcome.tell({ answered, failed }))
}

/** Straight into a mail view, without a door: no policy keys, no authentication. */
export function viewTransport(
  view: MailView,
  ended: AbortSignal = new AbortController().signal,
): Transport {
  return async (_method, query, headers, body) => {
    const request = readEasRequest({
      query,
      protocolVersion: headers['ms-asprotocolversion'],
      policyKey: headers['x-ms-policykey'],
      acceptMultiPart: headers['ms-asacceptmultipart'],
    })
    const answer = await wholeAnswer(view.answer(request, body, ended))
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      body: answer.body ?? new Uint8Array(),
    }
  }
}
