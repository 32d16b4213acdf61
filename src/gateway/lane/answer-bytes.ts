import type { EasAnswer } from '../../mailbox/mailbox.ts'
import type { HeaderValues } from '../upstream.ts'

/** No value has a second line: whatever would begin one ends there. */
const notInValue = /[^\t -~\x80-\xff]/
const clean = (value: string): string =>
  notInValue.test(value) ? value.replaceAll(/[^\t -~\x80-\xff]/g, '') : value

const phrases: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  // node:http has no phrase for it either.
  449: 'Retry With',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

let dateSecond = 0
let dateLine = ''

/** The Date field, which changes once a second. */
function dateAt(now: number): string {
  const second = Math.floor(now / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateLine = `date: ${new Date(second * 1000).toUTCString()}\r\n`
  }
  return dateLine
}

/** How the body of an answer is marked off. */
export type Framing = { readonly bytes: number } | 'chunks' | 'none'

/** The head of an answer; the lengths among `headers` are left out, since `framing` says them. */
export function answerHead(
  status: number,
  headers: HeaderValues,
  { framing, last, now }: { framing: Framing; last: boolean; now: number },
): string {
  let text = `HTTP/1.1 ${status} ${phrases[status] ?? ''}\r\n`
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value === undefined || name === 'content-length' || name === 'transfer-encoding') continue
    if (typeof value === 'string') text += `${name}: ${clean(value)}\r\n`
    else for (const one of value) text += `${name}: ${clean(one)}\r\n`
  }
  if (headers['date'] === undefined) text += dateAt(now)
  if (last) text += 'connection: close\r\n'
  if (framing === 'chunks') text += 'transfer-encoding: chunked\r\n'
  else if (framing !== 'none') text += `content-length: ${framing.bytes}\r\n`
  return `${text}\r\n`
}

/** How an answer of the mail server goes on: with its own length, or in chunks. */
export function framingOf(status: number, headers: HeaderValues): Framing {
  if (status === 204 || status === 304) return 'none'
  const announced = headers['content-length']
  if (typeof announced === 'string' && /^\d{1,15}$/.test(announced))
    return { bytes: Number(announced) }
  return 'chunks'
}

/** The headers of an answer made here, with a type where it has a body. */
export function headersOf(answer: EasAnswer): HeaderValues {
  const headers = answer.headers ?? {}
  if (!answer.body || headers['content-type']) return headers
  return { ...headers, 'content-type': 'application/octet-stream' }
}

/** Head, body and what ends it together, for one write. */
export function joined(head: string, body: Uint8Array, tail = ''): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + body.length + tail.length)
  bytes.write(head, 0, 'latin1')
  bytes.set(body, head.length)
  if (tail !== '') bytes.write(tail, head.length + body.length, 'latin1')
  return bytes
}
