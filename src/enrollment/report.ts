import { type KeyObject, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { Instant } from '../base/clock.ts'
import { impossible } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type FactKind, factTable } from '../devices/fact-table.ts'
import type { Facts } from '../devices/facts.ts'

/** A device's report that is signed by a certificate of our CA; whether that one still counts is not said yet. */
export interface Report {
  readonly serial: string
  /** Common name of the certificate. */
  readonly name: string
  readonly signedAt: Instant
  readonly facts: Facts
}

/** The check that a report failed, for the log; the device is told only that it was refused. */
export interface Refused {
  readonly refused: string
}

const clientAuth = '1.3.6.1.5.5.7.3.2'

/** Text that can be shown and logged: no control characters, and a length. */
const text = z
  .string()
  .min(1)
  .max(limits.factChars.value)
  .regex(/^\P{Cc}+$/u)

/** One optional property per fact, of the fact's type. */
const factSchemas = Object.fromEntries(
  Object.entries(factTable).map(([name, kind]) => [name, schemaOf(kind).optional()]),
)

function schemaOf(kind: FactKind): z.ZodType {
  switch (kind.kind) {
    case 'text':
      return text
    case 'flag':
      return z.boolean()
    case 'count':
      return z.number().int().nonnegative()
    case 'choice':
      return z.enum(kind.choices)
    case 'list':
      return z.array(text).max(limits.factListItems.value)
    default:
      return impossible(kind)
  }
}

const payloadSchema = z.strictObject({
  /** Seconds since 1970 (RFC 7519 NumericDate); a fraction tells two reports of one second apart. */
  iat: z
    .number()
    .nonnegative()
    .max(Number.MAX_SAFE_INTEGER / 1000),
  facts: z.strictObject(factSchemas),
})

/** Signature algorithms that fit the key: what the header claims is never asked (`none`, or HMAC with a public key). */
function algorithmsFor(key: KeyObject): string[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return ['RS256', 'PS256']
    case 'ec':
      return [key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'ES384' : 'ES256']
    case 'ed25519':
      return ['EdDSA', 'Ed25519']
    default:
      return []
  }
}

/** Reads a compact JWS (RFC 7515 7.1) whose `x5c` leaf was issued by `authority`, checks its signature and its payload. */
export async function readReport(
  jws: string,
  authority: X509Certificate,
  now: Instant,
): Promise<Report | Refused> {
  // First of all, and before anything is decoded: the size.
  if (jws.length > limits.reportBytes.value)
    return { refused: `larger than ${limits.reportBytes.value} bytes` }
  const { compactVerify, decodeProtectedHeader } = await import('jose')
  const leaf = readLeaf(() => decodeProtectedHeader(jws))
  if ('refused' in leaf) return leaf
  const distrust = whyDistrusted(leaf.certificate, authority, now)
  if (distrust) return { refused: distrust }
  const { publicKey, serialNumber, subject } = leaf.certificate
  let payload: unknown
  try {
    const verified = await compactVerify(jws, publicKey, { algorithms: algorithmsFor(publicKey) })
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(verified.payload))
  } catch (thrown) {
    const code =
      thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'payload is no JSON'
    return { refused: `signature: ${code}` }
  }
  const read = readPayload(payload, now)
  if ('refused' in read) return read
  return {
    serial: serialNumber.toLowerCase(),
    name: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
    ...read,
  }
}

function readLeaf(decode: () => object): { certificate: X509Certificate } | Refused {
  try {
    const header = decode()
    if (!('x5c' in header) || !Array.isArray(header.x5c)) return { refused: 'header has no x5c' }
    // RFC 7515 4.1.6: plain base64 of DER, the signer's certificate first. Others that it may hold are not needed.
    const first: unknown = header.x5c[0]
    if (typeof first !== 'string') return { refused: 'header has no x5c' }
    return { certificate: new X509Certificate(Buffer.from(first, 'base64')) }
  } catch {
    return { refused: 'header or certificate cannot be read' }
  }
}

/** The certificate must be ours by signature; that it names us as its issuer means nothing. */
function whyDistrusted(
  leaf: X509Certificate,
  authority: X509Certificate,
  now: Instant,
): string | undefined {
  if (!leaf.checkIssued(authority) || !leaf.verify(authority.publicKey))
    return 'certificate is not of our CA'
  if (leaf.ca || !leaf.keyUsage?.includes(clientAuth)) return 'certificate is not for a device'
  if (now < leaf.validFromDate.getTime()) return 'certificate is not valid yet'
  if (now > leaf.validToDate.getTime()) return 'certificate is no longer valid'
  return undefined
}

function readPayload(
  payload: unknown,
  now: Instant,
): { signedAt: Instant; facts: Facts } | Refused {
  const parsed = payloadSchema.safeParse(payload)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const where = issue?.path.join('.') ?? ''
    const what =
      issue?.code === 'unrecognized_keys' ? `unknown ${issue.keys.join(', ')}` : issue?.code
    return { refused: `payload: ${where ? `${where}: ` : ''}${what}`.slice(0, 200) }
  }
  const signedAt = Math.round(parsed.data.iat * 1000)
  if (Math.abs(now - signedAt) > limits.clockSkewMs.value)
    return { refused: 'iat is too far from now' }
  // A clock that is fast must not make facts outlive later ones.
  const at = Math.min(signedAt, now)
  const told = Object.entries(parsed.data.facts).filter(([, value]) => value !== undefined)
  // The schema holds each name to the type of its value.
  const facts: Facts = Object.fromEntries(
    told.map(([name, value]) => [name, { value, trust: 'managed', source: 'report', at }]),
  )
  return { signedAt, facts }
}
