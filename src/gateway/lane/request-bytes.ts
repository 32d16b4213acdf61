import { Failure } from '../../base/failures.ts'
import type { UpstreamRequest } from '../upstream.ts'

/** What no field value may hold (RFC 9110 5.5). */
const notInValue = /[^\t -~\x80-\xff]/

/** The address of the mail server, taken apart once. */
export type Target = Pick<URL, 'pathname' | 'search' | 'host'>

/** The bytes of a request with its body, which go out in one write. Throws `request.malformed` for a value of two lines. */
export function writeRequest(
  { pathname, search, host }: Target,
  request: Pick<UpstreamRequest, 'method' | 'query' | 'headers'>,
  body: Uint8Array | undefined,
  authorization: string,
): Buffer {
  const { method, query, headers } = request
  const path = pathname + (query ? `?${query}` : search)
  let fields = ''
  for (const name of Object.keys(headers)) fields += `${name}: ${checked(headers[name] ?? '')}\r\n`
  const length = body?.length ?? 0
  const lengthField = method === 'POST' ? `Content-Length: ${length}\r\n` : ''
  const head = `${method} ${checked(path)} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n${fields}Authorization: ${checked(authorization)}\r\n${lengthField}\r\n`
  const bytes = Buffer.allocUnsafe(head.length + length)
  bytes.write(head, 0, 'latin1')
  if (body) bytes.set(body, head.length)
  return bytes
}

function checked(value: string): string {
  if (notInValue.test(value)) throw new Failure('request.malformed', 'a header value of two lines')
  return value
}
