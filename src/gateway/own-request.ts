import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import { type EasRequest, writePlainHeaders, writePlainQuery } from '../wire/eas/request.ts'
import type { UpstreamRequest } from './upstream.ts'

/** A request that we make ourselves on a client's behalf; it changes nothing, so it may be repeated. */
export function ownRequest(
  of: { readonly request: EasRequest; readonly user: string; readonly authorization: Secret },
  body: Uint8Array,
  holdSeconds = 0,
): UpstreamRequest {
  const { request, user, authorization } = of
  return {
    method: 'POST',
    query: writePlainQuery(request, user),
    headers: { ...writePlainHeaders(request), 'content-type': 'application/vnd.ms-sync.wbxml' },
    user,
    authorization,
    body,
    repeatable: true,
    answerWithinMs: holdSeconds * 1000 + limits.upstreamAnswerMs.value,
  }
}
