import { createPublicKey, generateKeyPair as generate } from 'node:crypto'
import { promisify } from 'node:util'
import {
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  importPKCS8,
  type JSONWebKeySet,
  SignJWT,
} from 'jose'
import type { SecurityEvent } from './security-event.ts'

/** Where the private key is kept: the key store of the site. */
export interface Keys {
  read(name: string): Promise<string | undefined>
  write(name: string, pem: string, once?: boolean): Promise<void>
}

/** What signs the events of a site. */
export interface Signing {
  /** Compact JWS of `typ` `secevent+jwt`, RS256 as the CAEP interoperability profile asks. */
  sign(event: SecurityEvent): Promise<string>
  /** The public key (RFC 7517), for whoever receives. */
  readonly keySet: JSONWebKeySet
}

const keyName = 'signals'
const algorithm = 'RS256'
const newPair = promisify(generate)

/** With the key of this site, which is made where there is none. */
export async function createSigning(keys: Keys): Promise<Signing> {
  const pem = (await keys.read(keyName)) ?? (await makeKey(keys))
  const key = await importPKCS8(pem, algorithm)
  const jwk = await exportJWK(createPublicKey(pem))
  const kid = await calculateJwkThumbprint(jwk)
  return {
    sign: ({ ...claims }) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: 'secevent+jwt', kid })
        .sign(key),
    keySet: { keys: [{ ...jwk, kid, alg: algorithm, use: 'sig' }] },
  }
}

/** Of two nodes that start at once one wins, and both sign with its key. */
async function makeKey(keys: Keys): Promise<string> {
  const { privateKey } = await newPair('rsa', { modulusLength: 2048 })
  await keys.write(keyName, await exportPKCS8(privateKey), true)
  return (await keys.read(keyName)) ?? exportPKCS8(privateKey)
}
