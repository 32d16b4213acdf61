import { limits } from '../../base/limits.ts'
import { lowerCase } from './field-names.ts'

/** The head of a request that the lane takes. */
export interface RequestHead {
  /** The request target as it came. */
  readonly url: string
  /** By lower-case name; none stands twice. */
  readonly headers: Record<string, string>
  readonly bodyBytes: number
  /** Of the head itself, the empty line included. */
  readonly headBytes: number
}

/** `more`: nothing odd so far, but no end either. `odd`: not for the lane. */
export type HeadRead = RequestHead | 'more' | 'odd'

const endOfHead = Buffer.from('\r\n\r\n')

// The target is visible ASCII; a fragment or a backslash is nothing that a phone sends.
const requestLine = /^POST (\/[!"$-[\]-~]*) HTTP\/1\.1\r\n/

// Lines of RFC 9112 5: a name, a colon at once, at most one space, and a value of visible ASCII that neither begins nor
// ends with a blank. No folding, no bare CR or LF, no obs-text.
const fieldLines = /(?:[A-Za-z0-9-]+: ?[!-~](?:[\t -~]*[!-~])?\r\n)+/y

/** What changes how the rest is read, or asks for an answer before the body: node:http knows how. */
const odd = new Set([
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Reads the head of a request, if it is the plain well-formed case: POST to a target that `isOurs`, HTTP/1.1, one Host, one
 * Content-Length, no field twice. Whatever else, however slightly odd, is not read here at all: two readers that
 * understand one request differently are what request smuggling needs (RFC 9112 11.2).
 */
export function readRequestHead(bytes: Buffer, isOurs: (url: string) => boolean): HeadRead {
  const end = bytes.indexOf(endOfHead)
  if (end > limits.laneHeadBytes.value || (end < 0 && bytes.length > limits.laneHeadBytes.value))
    return 'odd'
  if (end < 0) return beginsPlain(bytes) ? 'more' : 'odd'
  const text = bytes.toString('latin1', 0, end + 2)
  const line = requestLine.exec(text)
  const url = line?.[1]
  if (!line || url === undefined || !isOurs(url)) return 'odd'
  const headers = readFields(text, line[0].length)
  if (!headers || !headers['host']) return 'odd'
  const connection = headers['connection']
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return 'odd'
  const announced = headers['content-length']
  if (announced === undefined || !/^\d{1,7}$/.test(announced)) return 'odd'
  const bodyBytes = Number(announced)
  if (bodyBytes > limits.laneBodyBytes.value) return 'odd'
  return { url, headers, bodyBytes, headBytes: end + 4 }
}

const begin = 'POST /'
const bareLineFeed = /(?:^|[^\r])\n/

/** Whether what has come so far may become a request for the lane: anything else goes on at once. */
function beginsPlain(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  return text.startsWith(begin.slice(0, text.length)) && !bareLineFeed.test(text)
}

/** The fields of a head by lower-case name; `undefined` where one is odd or stands twice. */
function readFields(text: string, from: number): Record<string, string> | undefined {
  const headers: Record<string, string> = {}
  fieldLines.lastIndex = from
  // Tried at once, then cut: what a match captures costs more than the match.
  if (!fieldLines.test(text) || fieldLines.lastIndex !== text.length) return undefined
  let at = from
  while (at < text.length) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r', colon)
    const name = lowerCase(text.slice(at, colon))
    // Also a name that every object has, such as `constructor`.
    if (odd.has(name) || headers[name] !== undefined) return undefined
    headers[name] = text.slice(text.startsWith(' ', colon + 1) ? colon + 2 : colon + 1, end)
    at = end + 2
  }
  return headers
}
