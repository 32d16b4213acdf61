import { limits } from '../../base/limits.ts'
import type { HeaderValues } from '../upstream.ts'
import { lowerCase } from './field-names.ts'

/** The head of an answer of a mail server. */
export interface AnswerHead {
  readonly status: number
  readonly headers: HeaderValues
  /** `undefined`: in chunks. */
  readonly bodyBytes: number | undefined
  readonly headBytes: number
  /** The connection may carry another request. */
  readonly kept: boolean
}

/** `odd`: to be asked again and read by node:http. */
export type AnswerRead = AnswerHead | 'more' | 'odd'

const endOfHead = Buffer.from('\r\n\r\n')
const statusLine = /^HTTP\/1\.1 ([2-5]\d\d)(?: [\t -~\x80-\xff]*)?\r\n/
const fieldLines = /(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*/y

/**
 * Reads the head of an answer to POST or OPTIONS (RFC 9112 4, 6.3): with a length, or in chunks and nothing else. An interim
 * answer, one that ends with its connection, and one with two lengths are odd.
 */
export function readAnswerHead(bytes: Buffer): AnswerRead {
  const end = bytes.indexOf(endOfHead)
  if (end > limits.httpHeaderBytes.value) return 'odd'
  if (end < 0) return bytes.length > limits.httpHeaderBytes.value ? 'odd' : 'more'
  const text = bytes.toString('latin1', 0, end + 2)
  const line = statusLine.exec(text)
  const headers = line && readFields(text, line[0].length)
  if (!line || !headers) return 'odd'
  const status = Number(line[1])
  const bodyBytes = lengthOf(status, headers)
  if (bodyBytes === 'odd') return 'odd'
  const kept = tokenOf(headers['connection']) !== 'close'
  return { status, headers, bodyBytes, headBytes: end + 4, kept }
}

const tokenOf = (value: string | string[] | undefined) =>
  typeof value === 'string' ? value.trim().toLowerCase() : undefined

function lengthOf(status: number, headers: HeaderValues): number | undefined | 'odd' {
  const announced = headers['content-length']
  const coding = headers['transfer-encoding']
  const connection = tokenOf(headers['connection'])
  if (connection !== undefined && connection !== 'close' && connection !== 'keep-alive')
    return 'odd'
  if (status === 204 || status === 304) return coding === undefined ? 0 : 'odd'
  if (coding !== undefined)
    return announced === undefined && tokenOf(coding) === 'chunked' ? undefined : 'odd'
  if (typeof announced !== 'string' || !/^\d{1,15}$/.test(announced)) return 'odd'
  return Number(announced)
}

/** Only cookies may stand twice. */
function readFields(text: string, from: number): HeaderValues | undefined {
  const headers: Record<string, string | string[] | undefined> = {}
  fieldLines.lastIndex = from
  if (!fieldLines.test(text) || fieldLines.lastIndex !== text.length) return undefined
  let at = from
  while (at < text.length) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r', colon)
    const name = lowerCase(text.slice(at, colon))
    const value = withoutBlanks(text, colon + 1, end)
    const before = headers[name]
    if (name === 'set-cookie') headers[name] = Array.isArray(before) ? [...before, value] : [value]
    else if (before === undefined && name !== '__proto__') headers[name] = value
    else return undefined
    at = end + 2
  }
  return headers
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** What stands between `from` and `end`, without the blanks around it (RFC 9110 5.5): only space and tab are any. */
function withoutBlanks(text: string, from: number, end: number): string {
  let first = from
  let last = end
  while (first < last && isBlank(text.charCodeAt(first))) first += 1
  while (last > first && isBlank(text.charCodeAt(last - 1))) last -= 1
  return text.slice(first, last)
}
