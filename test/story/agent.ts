import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { CompactSign } from 'jose'
import type { Person } from '../../src/demo/person.ts'
import type { PlainFacts } from '../fake/judging-rooms.ts'
import { type HttpAnswer, send } from './http.ts'

interface Site {
  readonly url: string
  readonly authority: string
}

/** Management software on a device: has a certificate of our CA, and signs what it reports with its key. */
export interface Agent {
  readonly device: string
  /** Signs a report; `at` is when it claims to be made, in seconds since 1970. */
  sign(facts: PlainFacts, at?: number): Promise<string>
  /** Signs and hands it in where it was enrolled. */
  report(facts: PlainFacts): Promise<HttpAnswer>
  /** Hands in what it has signed, anywhere. */
  handIn(site: Site, report: string): Promise<HttpAnswer>
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Asks for a certificate as this person: for a new device, or for one that is theirs already. */
export async function enrollAgent(site: Site, person: Person, device?: string): Promise<Agent> {
  const keys = await crypto.subtle.generateKey(p256, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=phone',
    keys,
    signingAlgorithm: p256,
  })
  const made = await person.call<{ deviceId: string; certificatePem: string }>(
    'POST',
    '/enrollment/certificates',
    {
      csrPem: request.toString('pem'),
      name: 'phone',
      ...(device !== undefined && { deviceId: device }),
    },
  )
  const x5c = [new X509Certificate(made.certificatePem).raw.toString('base64')]
  const sign: Agent['sign'] = (facts, at = Date.now() / 1000) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify({ iat: at, facts })))
      .setProtectedHeader({ alg: 'ES256', x5c })
      .sign(keys.privateKey)
  return {
    device: made.deviceId,
    sign,
    report: async (facts) => handIn(site, await sign(facts)),
    handIn,
  }
}

/** Hands in a signed report, as whoever has it. */
export function handIn(site: Site, report: string): Promise<HttpAnswer> {
  return send(site, {
    method: 'POST',
    path: '/v1.0/enrollment/reports',
    headers: { 'content-type': 'application/jose' },
    body: report,
  })
}
