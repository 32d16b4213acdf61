import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { Failure } from '../base/failures.ts'

/** What signs the history of a site. */
export interface SiteKey extends PublicKey {
  /** Signs UTF-8 text; base64url. */
  sign(text: string): string
}

/** What proves that a site has signed. */
export interface PublicKey {
  /** SHA-256 of its SubjectPublicKeyInfo, in hex: what entries name it by. */
  readonly id: string
  readonly pem: string
  /** Whether this key has signed this text; false for anything that is no signature. */
  proves(text: string, signature: string): Promise<boolean>
}

/** SHA-256 of UTF-8 text, in hex. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** PEM (PKCS #8) of a fresh Ed25519 key (RFC 8032). */
export function newSiteKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The key of this PEM. Throws `config.invalid`. */
export function readSiteKey(pem: string): SiteKey {
  const key = ed25519(() => createPrivateKey(pem))
  return {
    ...publicKeyOf(createPublicKey(key)),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  }
}

/** The public key of this PEM. Throws `config.invalid`. */
export function readPublicKey(pem: string): PublicKey {
  return publicKeyOf(ed25519(() => createPublicKey(pem)))
}

function ed25519(read: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch (cause) {
    throw new Failure('config.invalid', 'the key of the history is no PEM of a key', { cause })
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new Failure('config.invalid', 'the key of the history is no Ed25519 key')
}

function publicKeyOf(key: KeyObject): PublicKey {
  const der = key.export({ type: 'spki', format: 'der' })
  return {
    id: createHash('sha256').update(der).digest('hex'),
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    proves: (text, signature) =>
      new Promise((resolve, reject) => {
        // Off the thread that serves phones: a long history has many signatures.
        const bytes = Buffer.from(signature, 'base64url')
        verify(null, Buffer.from(text), key, bytes, (fault, holds) =>
          fault ? reject(fault) : resolve(holds),
        )
      }),
  }
}
