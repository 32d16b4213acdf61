import 'reflect-metadata'
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import { day, type Instant, minute } from '../base/clock.ts'
import { limits } from '../base/limits.ts'

// This file alone knows the certificate library, and is loaded only when something is to be issued: it costs 20 MB.

/** A private key and its certificate. */
export interface Issued {
  readonly keyPem: string
  readonly certificatePem: string
}

/** Who signs: the CA's certificate and key. */
export interface Issuer {
  readonly certificatePem: string
  readonly key: KeyObject
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Phones with a clock that is a little slow accept a certificate made a moment ago. */
const backdateMs = 5 * minute

/** Makes a CA for ten years. Its name holds random letters, so that browsers tell the CAs of two sites apart. */
export async function issueAuthority(now: Instant): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`Postern CA ${randomBytes(4).toString('hex')}`] }],
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + limits.authorityDays.value * day),
    keys,
    signingAlgorithm: ecdsa,
    extensions: [
      // Path length 0: what this CA signs can sign nothing further.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { keyPem: await exportKey(keys.privateKey), certificatePem: writePem(certificate) }
}

/** Makes a TLS identity for DNS names and IP addresses. */
export async function issueServer(
  issuer: Issuer,
  names: readonly string[],
  now: Instant,
): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const alternatives = names.map((name): x509.JsonGeneralName => {
    return { type: isIP(name) ? 'ip' : 'dns', value: name }
  })
  const certificate = await issueLeaf(issuer, {
    subject: [{ CN: ['Postern'] }],
    publicKey: keys.publicKey,
    notBefore: now - backdateMs,
    // The whole span counts: clients refuse a TLS certificate of more than 398 days.
    notAfter: now - backdateMs + limits.serverCertificateDays.value * day,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
    ],
  })
  return { keyPem: await exportKey(keys.privateKey), certificatePem: writePem(certificate) }
}

/** Makes a client certificate for a device's public key (SubjectPublicKeyInfo, DER). */
export async function issueDevice(
  issuer: Issuer,
  device: string,
  publicKey: Uint8Array<ArrayBuffer>,
  now: Instant,
): Promise<{ serial: string; certificatePem: string; notAfter: Instant }> {
  const certificate = await issueLeaf(issuer, {
    subject: [{ CN: [device] }],
    publicKey: new x509.PublicKey(publicKey),
    notBefore: now - backdateMs,
    notAfter: now + limits.deviceCertificateDays.value * day,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  })
  return {
    serial: certificate.serialNumber.toLowerCase(),
    certificatePem: writePem(certificate),
    notAfter: certificate.notAfter.getTime(),
  }
}

/**
 * Reads a PKCS#10 request (RFC 2986) and gives its public key (SubjectPublicKeyInfo, DER), or the check that failed.
 * Of all it asks for only the key is used: name, usages and extensions are ours to say.
 */
export async function readRequest(
  pem: string,
): Promise<Uint8Array<ArrayBuffer> | { refused: string }> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem)
    const spki = new Uint8Array(request.publicKey.rawData)
    const weak = weaknessOf(
      createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
    )
    if (weak) return { refused: weak }
    if (/sha-?1$/i.test(hashOf(request.signatureAlgorithm)))
      return { refused: 'request is signed with SHA-1' }
    return (await request.verify()) ? spki : { refused: 'request is not signed by its own key' }
  } catch {
    // Whatever a reader of hostile bytes throws, the answer is the same.
    return { refused: 'request cannot be read' }
  }
}

function hashOf(algorithm: { name: string; hash?: unknown }): string {
  const { hash } = algorithm
  if (typeof hash === 'string') return hash
  return typeof hash === 'object' && hash !== null && 'name' in hash
    ? String(hash.name)
    : algorithm.name
}

function weaknessOf(key: KeyObject): string | undefined {
  const details = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const bits = details.modulusLength ?? 0
      // The upper bound is for us: each report costs a verification.
      if (bits < 2048 || bits > 4096) return `RSA key of ${bits} bits; 2048 to 4096 are accepted`
      return (details.publicExponent ?? 0n) < 65537n ? 'RSA exponent below 65537' : undefined
    }
    case 'ec':
      if (details.namedCurve === 'prime256v1' || details.namedCurve === 'secp384r1')
        return undefined
      return `curve ${details.namedCurve}; P-256 and P-384 are accepted`
    case 'ed25519':
      return undefined
    default:
      return `key type ${key.asymmetricKeyType}; RSA, P-256, P-384 and Ed25519 are accepted`
  }
}

async function issueLeaf(
  issuer: Issuer,
  leaf: {
    subject: x509.JsonName
    publicKey: CryptoKey | x509.PublicKey
    notBefore: Instant
    notAfter: Instant
    extensions: x509.Extension[]
  },
): Promise<x509.X509Certificate> {
  const authority = new x509.X509Certificate(issuer.certificatePem)
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: leaf.subject,
    issuer: authority.subjectName,
    notBefore: new Date(leaf.notBefore),
    // Nothing outlives the CA.
    notAfter: new Date(Math.min(leaf.notAfter, authority.notAfter.getTime())),
    publicKey: leaf.publicKey,
    signingKey: await importKey(issuer.key),
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...leaf.extensions,
    ],
  })
}

/** 128 bits, the first two fixed so that the number is positive and of constant length (RFC 5280 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function importKey(key: KeyObject): Promise<CryptoKey> {
  const der = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))
  return crypto.subtle.importKey('pkcs8', der, ecdsa, false, ['sign'])
}

const writePem = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
