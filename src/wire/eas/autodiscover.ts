import { SaxesParser } from 'saxes'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'

const schemas = 'http://schemas.microsoft.com/exchange/autodiscover'
const requestSchema = `${schemas}/mobilesync/requestschema/2006`
const responseSchema = `${schemas}/mobilesync/responseschema/2006`
const envelopeSchema = `${schemas}/responseschema/2006`

/** What an EAS client asks of Autodiscover v1 (MS-ASCMD 2.2.1.1). */
export interface AutodiscoverRequest {
  readonly emailAddress: string
  /** Whether it is an EAS client that asks: only the mobilesync schema is answered. */
  readonly acceptsMobileSync: boolean
}

/** Deepest real request has three levels. */
const maxDepth = 8

/**
 * Reads the v1 request. The XML comes from strangers: no DTD and so no entities of their own, bounded in size and depth,
 * nothing fetched. Throws Failure request.malformed or limit.exceeded.
 */
export function readAutodiscover(bytes: Uint8Array): AutodiscoverRequest {
  if (bytes.length > limits.autodiscoverBytes.value)
    throw new Failure(
      'limit.exceeded',
      `autodiscover: more than ${limits.autodiscoverBytes.value} bytes`,
    )
  const fields = readFields(decode(bytes))
  const emailAddress = (fields.get('EMailAddress') ?? '').trim()
  const [local, domain] = emailAddress.split('@')
  const isAddress = local && domain && /^[^\s<>"\u0000-\u001f\u007f]+$/.test(emailAddress)
  if (!isAddress || emailAddress.length > 254) throw malformed('EMailAddress is no address')
  return {
    emailAddress,
    acceptsMobileSync: (fields.get('AcceptableResponseSchema') ?? '').trim() === responseSchema,
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw malformed('not UTF-8', cause)
  }
}

/** The texts of Autodiscover/Request by element name; the first of each counts. */
function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const path: string[] = []
  const parser = new SaxesParser({ xmlns: true })
  let piece = ''
  parser.on('error', (fault) => {
    throw malformed('not well-formed', fault)
  })
  parser.on('doctype', () => {
    throw malformed('a DOCTYPE')
  })
  parser.on('opentag', (tag) => {
    if (path.length === maxDepth) throw malformed('elements too deep')
    // Clients differ in the namespace of the envelope; the local names do not.
    path.push(tag.local)
    piece = ''
  })
  parser.on('text', (more) => {
    piece += more
  })
  parser.on('closetag', () => {
    const name = path.join('/')
    const field = /^Autodiscover\/Request\/(\w+)$/.exec(name)?.[1]
    if (field && !fields.has(field)) fields.set(field, piece)
    path.pop()
    piece = ''
  })
  parser.write(text).close()
  return fields
}

function malformed(what: string, cause?: unknown): Failure {
  return new Failure('request.malformed', `autodiscover: ${what}`, { cause })
}

/** The request as a client writes it. For tests and pretend devices. */
export function writeAutodiscoverRequest(emailAddress: string): string {
  return document(
    requestSchema,
    `<Request><EMailAddress>${escape(emailAddress)}</EMailAddress>` +
      `<AcceptableResponseSchema>${responseSchema}</AcceptableResponseSchema></Request>`,
  )
}

/** Who the answer is for, and where the client shall go: `url` is the EAS endpoint. */
export interface AutodiscoverAnswer {
  readonly emailAddress: string
  readonly displayName: string
  readonly url: string
  /** Language of the answer, `en:us` unless told. */
  readonly culture?: string
}

/** Writes the v1 answer: Settings with the one MobileSync server. */
export function writeAutodiscover(answer: AutodiscoverAnswer): string {
  const { emailAddress, displayName, url, culture = 'en:us' } = answer
  const server = `<Type>MobileSync</Type><Url>${escape(url)}</Url><Name>${escape(url)}</Name>`
  return response(
    emailAddress,
    displayName,
    culture,
    `<Settings><Server>${server}</Server></Settings>`,
  )
}

/** Writes the v1 answer that sends the client to another address. */
export function writeAutodiscoverRedirect(emailAddress: string, redirect: string): string {
  return response(emailAddress, '', 'en:us', `<Redirect>${escape(redirect)}</Redirect>`)
}

function response(email: string, name: string, culture: string, action: string): string {
  const shown = name && `<DisplayName>${escape(name)}</DisplayName>`
  return document(
    envelopeSchema,
    `<Response xmlns="${responseSchema}"><Culture>${escape(culture)}</Culture>` +
      `<User>${shown}<EMailAddress>${escape(email)}</EMailAddress></User>` +
      `<Action>${action}</Action></Response>`,
  )
}

/** Writes the v1 error: 500 server, 600 malformed request, 601 a schema that is not served. */
export function writeAutodiscoverError(code: 500 | 600 | 601, message: string): string {
  return document(
    envelopeSchema,
    `<Response><Error><ErrorCode>${code}</ErrorCode><Message>${escape(message)}</Message><DebugData/></Error></Response>`,
  )
}

/** Writes the v2 answer for Protocol=ActiveSync; the same for every address, so that it tells of no user. */
export function writeAutodiscoverV2(url: string): string {
  return JSON.stringify({ Protocol: 'ActiveSync', Url: url })
}

/** Writes the v2 error for any other protocol. */
export function writeAutodiscoverV2Error(): string {
  return JSON.stringify({
    ErrorCode: 'InvalidProtocol',
    ErrorMessage: 'Only the protocol ActiveSync is served.',
  })
}

function document(schema: string, content: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="${schema}">${content}</Autodiscover>\n`
}

function escape(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
