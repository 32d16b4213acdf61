import { Failure } from '../../base/failures.ts'

/** What an XML property list can hold (Apple's PropertyList-1.0.dtd); numbers are integers. */
export type Plist =
  | string
  | number
  | boolean
  | Date
  | Uint8Array
  | readonly Plist[]
  | { readonly [key: string]: Plist }

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`

/**
 * Writes an XML property list; keys keep their order. Throws `request.malformed` for what XML 1.0 cannot hold, a number
 * that is no safe integer, and a date that is none.
 */
export function writePlist(value: Plist): string {
  return `${head}${lines(value, '')}</plist>\n`
}

function lines(value: Plist, indent: string): string {
  if (typeof value === 'string') return `${indent}<string>${text(value)}</string>\n`
  if (typeof value === 'boolean') return `${indent}<${value}/>\n`
  if (typeof value === 'number') return `${indent}<integer>${integer(value)}</integer>\n`
  if (value instanceof Date) return `${indent}<date>${moment(value)}</date>\n`
  if (value instanceof Uint8Array) return `${indent}<data>${base64(value)}</data>\n`
  const deeper = `${indent}\t`
  if (isList(value)) {
    const items = value.map((item) => lines(item, deeper)).join('')
    return items ? `${indent}<array>\n${items}${indent}</array>\n` : `${indent}<array/>\n`
  }
  const entries = Object.entries(value)
    .map(([key, item]) => `${deeper}<key>${text(key)}</key>\n${lines(item, deeper)}`)
    .join('')
  return entries ? `${indent}<dict>\n${entries}${indent}</dict>\n` : `${indent}<dict/>\n`
}

/** `Array.isArray` does not narrow a read-only list. */
const isList = (
  value: readonly Plist[] | { readonly [key: string]: Plist },
): value is readonly Plist[] => Array.isArray(value)

/** XML 1.0 section 2.2 `Char`. A carriage return would come back as a line feed (2.11), so it is written as a reference. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
}

function text(value: string): string {
  const [wrong] = forbidden.exec(value) ?? []
  if (wrong !== undefined)
    throw malformed(`the character U+${(wrong.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
  return value.replace(/[&<>\r]/g, (one) => escapes[one] ?? one)
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw malformed(`the number ${value}`)
  return String(value)
}

/** To the second: Apple's readers take no fraction. */
function moment(value: Date): string {
  if (Number.isNaN(value.getTime())) throw malformed('a date that is none')
  return `${value.toISOString().slice(0, -5)}Z`
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const malformed = (what: string) =>
  new Failure('request.malformed', `a property list cannot hold ${what}`)
