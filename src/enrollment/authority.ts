import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { type Clock, day, type Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { TlsIdentity } from './enrollment.ts'
import type { Issued } from './issue.ts'
import type { KeyStore } from './key-store.ts'

/** Our certificate authority, opened. */
export interface Authority {
  readonly certificatePem: string
  readonly certificate: X509Certificate
  readonly key: KeyObject
  /** Kept until 30 days before its end or until the names change. */
  serverIdentity(names: readonly string[]): Promise<TlsIdentity>
}

interface Kept extends Issued {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

/**
 * Opens the CA of this site, or makes it on the first start. What is kept already is read with the runtime's own
 * certificate reader; the library that issues is not even loaded.
 */
export async function openAuthority(keyStore: KeyStore, clock: Clock): Promise<Authority> {
  let kept = await read(keyStore, 'authority')
  if (!kept) {
    const { issueAuthority } = await import('./issue.ts')
    await keyStore.write('authority', join(await issueAuthority(clock.now())), true)
    // Another node may have been first: what counts is what is kept.
    kept = await read(keyStore, 'authority')
    if (!kept) throw new Failure('config.invalid', 'the key store does not keep what is written')
  }
  const authority = kept
  if (clock.now() >= authority.certificate.validToDate.getTime()) {
    throw new Failure('config.invalid', `the CA certificate ended ${authority.certificate.validTo}`)
  }
  return {
    certificatePem: authority.certificatePem,
    certificate: authority.certificate,
    key: authority.key,
    async serverIdentity(asked) {
      const names = readServerNames(asked)
      const known = await read(keyStore, 'server')
      if (known && isCurrent(known.certificate, authority, names, clock.now()))
        return identity(known)
      const { issueServer } = await import('./issue.ts')
      const made = await issueServer(authority, names, clock.now())
      await keyStore.write('server', join(made))
      return made
    },
  }
}

const identity = (kept: Issued): TlsIdentity => ({
  keyPem: kept.keyPem,
  certificatePem: kept.certificatePem,
})

function isCurrent(
  certificate: X509Certificate,
  authority: Kept,
  names: readonly string[],
  now: Instant,
): boolean {
  const alternatives = certificate.subjectAltName?.split(', ') ?? []
  return (
    certificate.verify(authority.certificate.publicKey) &&
    certificate.validFromDate.getTime() <= now &&
    certificate.validToDate.getTime() - now >= limits.serverCertificateRenewDays.value * day &&
    alternatives.length === names.length &&
    names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)))
  )
}

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const dnsName = new RegExp(`^${label}(?:\\.${label})*$`)

/** DNS names in their ASCII form and IP addresses in their short form, each once. Throws `config.invalid`. */
export function readServerNames(names: readonly string[]): readonly string[] {
  const read = names.map((name) => {
    const family = isIP(name)
    if (family === 4) return name
    if (family === 6) return new URL(`http://[${name}]`).hostname.slice(1, -1)
    // Reads as a browser would, so it drops what follows a slash or colon: those are refused first.
    const ascii = /[/:?#@\\,]/.test(name) ? '' : domainToASCII(name.trim().replace(/\.$/, ''))
    if (ascii.length > 253 || !dnsName.test(ascii)) {
      throw new Failure('config.invalid', `not a server name: ${JSON.stringify(name)}`)
    }
    return ascii
  })
  if (read.length === 0) throw new Failure('config.invalid', 'a server certificate needs a name')
  return [...new Set(read)]
}

async function read(keyStore: KeyStore, name: string): Promise<Kept | undefined> {
  const text = await keyStore.read(name)
  if (text === undefined) return undefined
  const keyPem = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text)?.[0]
  const certificatePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(
    text,
  )?.[0]
  try {
    if (!keyPem || !certificatePem) throw new Error('a part is missing')
    const key = createPrivateKey(keyPem)
    const certificate = new X509Certificate(certificatePem)
    if (!certificate.checkPrivateKey(key))
      throw new Error('the key is not the one of the certificate')
    return { keyPem, certificatePem, key, certificate }
  } catch (thrown) {
    // Never made anew by itself: a new CA would cut every enrolled device off.
    throw new Failure('config.invalid', `the kept key ${name} is damaged`, { cause: thrown })
  }
}

const join = (issued: Issued): string => `${issued.keyPem}${issued.certificatePem}`
