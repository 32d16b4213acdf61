import type { MailView } from '../../src/mailbox/mailbox.ts'
import type { Transport } from '../../src/phone/transport.ts'
import { readEasRequest } from '../../src/wire/eas/request.ts'

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
    const answer = await view.answer(request, body, ended)
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      body: answer.body ?? new Uint8Array(),
    }
  }
}
