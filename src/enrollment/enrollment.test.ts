import 'reflect-metadata'
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { CompactSign, exportSPKI } from 'jose'
import { createManualClock, day, type ManualClock, minute, second } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { silentLog } from '../base/log.ts'
import type { Device, DeviceId, Devices } from '../devices/devices.ts'
import type { Facts } from '../devices/facts.ts'
import type { UserId } from '../directory/directory.ts'
import { openStore, type Store } from '../store/store.ts'
import { createEnrollment, type Enrollment } from './enrollment.ts'
import { issueDevice } from './issue.ts'
import type { KeyStore } from './key-store.ts'
import { enrollmentMigrations } from './migrations.ts'
import { effortOf } from '../../test/effort.ts'

// Holds src/enrollment/report.ts, src/enrollment/issue.ts and src/enrollment/records.ts, through the front.

const anna: UserId = 'usr_anna'
const bert: UserId = 'usr_bert'
const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

let store: Store
let clock: ManualClock
let enrollment: Enrollment
let registered: Map<string, Device>
let observed: { device: string; facts: Facts; reported: boolean }[]
let authority: { certificatePem: string; keyPem: string }

before(async () => {
  clock = createManualClock(Date.UTC(2026, 5, 1))
  store = await openStore({
    url: ':memory:',
    migrations: enrollmentMigrations,
    clock,
    log: silentLog,
  })
})
after(() => store.stop())

beforeEach(async () => {
  registered = new Map()
  observed = []
  const texts = new Map<string, string>()
  const keyStore: KeyStore = {
    read: async (name) => texts.get(name),
    write: async (name, pem) => void texts.set(name, pem),
  }
  enrollment = await createEnrollment({ store, devices: devicesInMemory(), keyStore, clock })
  const [keyPem = '', rest = ''] = (texts.get('authority') ?? '').split(/(?=-----BEGIN CERT)/)
  authority = { keyPem, certificatePem: rest }
})

/** What enrollment asks of devices, in memory. */
function devicesInMemory(): Pick<Devices, 'enroll' | 'find' | 'observe' | 'retire'> {
  const change = (id: DeviceId, part: Partial<Device>) => {
    const device = registered.get(id)
    if (device) registered.set(id, { ...device, ...part })
  }
  return {
    async enroll({ owner, name, channel }) {
      const id = newId('dev', clock.now())
      const device: Device = {
        id,
        owner,
        name,
        channel,
        ownership: 'personal',
        registration: 'registered',
        enrolledAt: clock.now(),
        facts: {},
      }
      registered.set(id, device)
      return id
    },
    // Only devices are asked for here.
    find: (async (id: string) => registered.get(id)) as Devices['find'],
    observe: async (device, facts, reported) => void observed.push({ device, facts, reported }),
    retire: async (id) => change(id, { registration: 'revoked', retiredAt: clock.now() }),
  }
}

type KeyKind = EcKeyGenParams | RsaHashedKeyGenParams | { name: 'Ed25519' }

interface Enrolled {
  readonly device: DeviceId
  readonly certificatePem: string
  readonly key: CryptoKey
}

async function request(algorithm: KeyKind = p256, hash = 'SHA-256') {
  const keys = (await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=anything, O=ignored',
    keys,
    signingAlgorithm: { name: keys.privateKey.algorithm.name, hash },
  })
  return { csrPem: csr.toString('pem'), keys }
}

async function enroll(owner = anna, device?: DeviceId): Promise<Enrolled> {
  const { csrPem, keys } = await request()
  const made = await enrollment.certify({
    csrPem,
    owner,
    name: 'phone',
    ...(device ? { device } : {}),
  })
  return { ...made, key: keys.privateKey }
}

const x5cOf = (pem: string) => [new X509Certificate(pem).raw.toString('base64')]

function sign(
  by: { certificatePem: string; key: CryptoKey | KeyObject | Uint8Array },
  payload: unknown = { iat: clock.now() / 1000, facts: { osVersion: '18.1' } },
  header: { alg?: string } & Record<string, unknown> = {},
): Promise<string> {
  const bytes =
    payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload))
  return new CompactSign(bytes)
    .setProtectedHeader({ alg: 'ES256', x5c: x5cOf(by.certificatePem), ...header })
    .sign(by.key)
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Refused with the status that every refusal has, for the check named, and without any effect. */
async function assertRefused(work: Promise<unknown>, check: RegExp): Promise<void> {
  const before = observed.length
  await assert.rejects(work, (thrown: { code: string; status: number; detail: string }) => {
    assert.equal(thrown.code, 'enrollment.refused')
    assert.equal(thrown.status, 403)
    assert.match(thrown.detail, check)
    return true
  })
  assert.equal(observed.length, before)
}

test('a request becomes a device with a client certificate of its own for a year', async () => {
  const { device, certificatePem } = await enroll()
  const certificate = new X509Certificate(certificatePem)
  assert.equal(certificate.subject, `CN=${device}`)
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  assert.equal(certificate.ca, false)
  assert.match(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/)
  assert.equal(certificate.validToDate.getTime(), clock.now() + 366 * day)
  assert.ok(certificate.verify(new X509Certificate(enrollment.authorityPem).publicKey))
  assert.equal(registered.get(device)?.owner, anna)
})

const keyKinds: [name: string, algorithm: KeyKind, alg: string][] = [
  ['P-384', { name: 'ECDSA', namedCurve: 'P-384' }, 'ES384'],
  ['Ed25519', { name: 'Ed25519' }, 'EdDSA'],
  [
    'RSA 2048',
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    'RS256',
  ],
]
for (const [name, algorithm, alg] of keyKinds) {
  test(`a device with a key of kind ${name} enrolls and reports`, async () => {
    const { csrPem, keys } = await request(algorithm)
    const made = await enrollment.certify({ csrPem, owner: anna, name: 'phone' })
    const jws = await sign({ ...made, key: keys.privateKey }, undefined, { alg })
    assert.equal(await enrollment.ingest(jws), made.device)
  })
}

test('weak keys, foreign requests and garbage are refused, and enroll nothing', async () => {
  const certify = (csrPem: string) => enrollment.certify({ csrPem, owner: anna, name: 'phone' })
  const rsa = (modulusLength: number, publicExponent: number[]) =>
    request({
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength,
      publicExponent: new Uint8Array(publicExponent),
      hash: 'SHA-256',
    })
  await assertRefused(certify((await rsa(1024, [1, 0, 1])).csrPem), /1024 bits/)
  await assertRefused(certify((await rsa(2048, [3])).csrPem), /exponent/)
  await assertRefused(
    certify((await request({ name: 'ECDSA', namedCurve: 'P-521' })).csrPem),
    /curve/,
  )
  const { csrPem } = await request()
  const der = Buffer.from(csrPem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 3] = (der.at(-3) ?? 0) ^ 1
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`
  await assertRefused(certify(forged), /not signed by its own key|cannot be read/)
  await assertRefused(certify('garbage'), /cannot be read/)
  await assertRefused(certify(''), /cannot be read/)
  await assertRefused(certify('x'.repeat(10_000_000)), /larger/)
  assert.equal(registered.size, 0)
})

test('a report reaches devices as managed facts of now', async () => {
  const phone = await enroll()
  const facts = { osVersion: '18.1', passwordRequired: true, platform: 'iOS' }
  assert.equal(
    await enrollment.ingest(await sign(phone, { iat: clock.now() / 1000, facts })),
    phone.device,
  )
  const known = { trust: 'managed', source: 'report', at: clock.now() }
  assert.deepEqual(observed, [
    {
      device: phone.device,
      reported: true,
      facts: {
        osVersion: { value: '18.1', ...known },
        passwordRequired: { value: true, ...known },
        platform: { value: 'iOS', ...known },
      },
    },
  ])
})

test('attack: a report is replayed, also twice at once, or sent after a newer one', async () => {
  const phone = await enroll()
  const old = await sign(phone)
  clock.advance(second)
  const jws = await sign(phone)
  const twice = await Promise.allSettled([enrollment.ingest(jws), enrollment.ingest(jws)])
  assert.deepEqual(twice.map((result) => result.status).sort(), ['fulfilled', 'rejected'])
  await assertRefused(enrollment.ingest(jws), /not newer/)
  await assertRefused(enrollment.ingest(old), /not newer/)
  clock.advance(1)
  assert.equal(await enrollment.ingest(await sign(phone)), phone.device)
})

test('attack: the clock of the report is far from ours', async () => {
  const phone = await enroll()
  for (const iat of [clock.now() - 6 * minute, clock.now() + 6 * minute, 0]) {
    await assertRefused(
      enrollment.ingest(await sign(phone, { iat: iat / 1000, facts: {} })),
      /iat is too far/,
    )
  }
  await enrollment.ingest(
    await sign(phone, { iat: (clock.now() + 4 * minute) / 1000, facts: { model: 'X' } }),
  )
  assert.equal(observed[0]?.facts.model?.at, clock.now())
})

test('attack: alg none, and HMAC with the public key or the certificate as its key', async () => {
  const phone = await enroll()
  const payload = base64url({ iat: clock.now() / 1000, facts: {} })
  const x5c = x5cOf(phone.certificatePem)
  await assertRefused(
    enrollment.ingest(`${base64url({ alg: 'none', x5c })}.${payload}.`),
    /signature/,
  )
  const spki = await exportSPKI(new X509Certificate(phone.certificatePem).publicKey)
  for (const text of [spki, phone.certificatePem]) {
    const jws = await sign({ ...phone, key: new TextEncoder().encode(text) }, undefined, {
      alg: 'HS256',
    })
    await assertRefused(enrollment.ingest(jws), /ERR_JOSE_ALG_NOT_ALLOWED/)
  }
})

test("attack: another CA of the same name, a self-made CA, the server's own certificate", async () => {
  const phone = await enroll()
  const name = new x509.X509Certificate(enrollment.authorityPem).subject
  const keys = await crypto.subtle.generateKey(p256, true, ['sign', 'verify'])
  const twin = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: p256,
  })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const { KeyObject: Key } = await import('node:crypto')
  const issuer = { certificatePem: twin.toString('pem'), key: Key.from(keys.privateKey) }
  const fake = await issueDevice(issuer, phone.device, spki, clock.now())
  const x5c = [...x5cOf(fake.certificatePem), ...x5cOf(issuer.certificatePem)]
  await assertRefused(
    enrollment.ingest(await sign({ ...fake, key: privateKey }, undefined, { x5c })),
    /not of our CA/,
  )
  const both = [...x5c, ...x5cOf(enrollment.authorityPem)]
  await assertRefused(
    enrollment.ingest(await sign({ ...fake, key: privateKey }, undefined, { x5c: both })),
    /not of our CA/,
  )
  const { createPrivateKey } = await import('node:crypto')
  const server = await enrollment.serverIdentity(['localhost'])
  const asServer = { certificatePem: server.certificatePem, key: createPrivateKey(server.keyPem) }
  await assertRefused(enrollment.ingest(await sign(asServer)), /not for a device/)
  const asAuthority = {
    certificatePem: authority.certificatePem,
    key: createPrivateKey(authority.keyPem),
  }
  await assertRefused(enrollment.ingest(await sign(asAuthority)), /not for a device/)
})

test('attack: a certificate by our CA key that was never recorded', async () => {
  const phone = await enroll()
  const { createPrivateKey } = await import('node:crypto')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const issuer = {
    certificatePem: authority.certificatePem,
    key: createPrivateKey(authority.keyPem),
  }
  const stolen = await issueDevice(issuer, phone.device, spki, clock.now())
  await assertRefused(enrollment.ingest(await sign({ ...stolen, key: privateKey })), /not recorded/)
})

test("attack: another device's certificate over one's own signature", async () => {
  const [mine, theirs] = [await enroll(anna), await enroll(bert)]
  await assertRefused(
    enrollment.ingest(await sign({ ...theirs, key: mine.key })),
    /ERR_JWS_SIGNATURE/,
  )
  const jws = await sign(mine)
  const [, payload, signature] = jws.split('.')
  const swapped = `${base64url({ alg: 'ES256', x5c: x5cOf(theirs.certificatePem) })}.${payload}.${signature}`
  await assertRefused(enrollment.ingest(swapped), /ERR_JWS_SIGNATURE/)
})

test('an expired certificate, and one from the future, are refused', async () => {
  const phone = await enroll()
  clock.advance(366 * day + second)
  await assertRefused(enrollment.ingest(await sign(phone)), /no longer valid/)
  clock.advance(-400 * day)
  await assertRefused(enrollment.ingest(await sign(phone)), /not valid yet/)
  clock.advance(34 * day)
})

test('a retired device is refused', async () => {
  const phone = await enroll()
  const device = registered.get(phone.device)
  assert.ok(device)
  registered.set(phone.device, { ...device, registration: 'revoked' })
  await assertRefused(enrollment.ingest(await sign(phone)), /not registered/)
  registered.delete(phone.device)
  await assertRefused(enrollment.ingest(await sign(phone)), /not registered/)
})

test('renewal is for the owner of a registered device; the old certificate ends when the new one is used', async () => {
  const phone = await enroll(anna)
  await assertRefused(enroll(bert, phone.device), /to renew/)
  await assertRefused(enroll(anna, 'dev_nothing'), /to renew/)
  clock.advance(minute)
  const renewed = await enroll(anna, phone.device)
  assert.equal(renewed.device, phone.device)
  assert.equal(registered.size, 1)
  await enrollment.ingest(await sign(phone))
  clock.advance(second)
  await enrollment.ingest(await sign(renewed))
  clock.advance(second)
  await assertRefused(enrollment.ingest(await sign(phone)), /replaced/)
  await enrollment.ingest(await sign(renewed))
})

test('unknown facts, wrong types and bad payloads are refused by name', async () => {
  const phone = await enroll()
  const iat = clock.now() / 1000
  const cases: [payload: unknown, check: RegExp][] = [
    [{ iat, facts: { rooted: false } }, /facts: unknown rooted/],
    [{ iat, facts: { jailbroken: 'no' } }, /facts\.jailbroken/],
    [{ iat, facts: { model: '' } }, /facts\.model/],
    [{ iat, facts: { model: 'a\nb' } }, /facts\.model/],
    [{ iat, facts: { model: 'x'.repeat(257) } }, /facts\.model/],
    [{ iat, facts: { platform: 'plan9' } }, /facts\.platform/],
    [{ iat, facts: {}, sub: 'x' }, /unknown sub/],
    [{ facts: {} }, /iat/],
    [{ iat: '1', facts: {} }, /iat/],
    [{ iat: 1e300, facts: {} }, /iat/],
    [{ iat }, /facts/],
    [[], /payload/],
    [null, /payload/],
    [new TextEncoder().encode('{"iat":1'), /no JSON|signature/],
    [new Uint8Array([0xff, 0xfe]), /signature/],
    [
      new TextEncoder().encode(`{"iat":${iat},"facts":{"__proto__":{"jailbroken":false}}}`),
      /unknown __proto__/,
    ],
  ]
  for (const [payload, check] of cases)
    await assertRefused(enrollment.ingest(await sign(phone, payload)), check)
  assert.equal(await enrollment.ingest(await sign(phone, { iat, facts: {} })), phone.device)
})

test('attack: ten megabytes are refused before anything is read', async () => {
  const texts = ['a'.repeat(10_000_000), 'a.'.repeat(80_000)]
  const effort = await effortOf(async () => {
    for (const text of texts) await assertRefused(enrollment.ingest(text), /larger than 131072/)
  })
  assert.ok(effort < 100, `${effort} ms`)
})

test('attack: any text, and any change of one character, is refused with the one status', async () => {
  const phone = await enroll()
  const jws = await sign(phone)
  const refuses = async (text: string) => {
    await assert.rejects(enrollment.ingest(text), { code: 'enrollment.refused' })
  }
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), refuses), {
    numRuns: 300,
  })
  const parts = fc.array(
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    { minLength: 1, maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(parts, (list) => refuses(list.join('.'))),
    { numRuns: 300 },
  )
  const changed = fc.nat(jws.length - 1).filter((at) => jws[at] !== '.')
  await fc.assert(
    fc.asyncProperty(changed, async (at) => {
      const letter = jws[at] === 'A' ? 'g' : 'A'
      const other = jws.slice(0, at) + letter + jws.slice(at + 1)
      // The last character of a part may hold bits that mean nothing.
      if (
        other
          .split('.')
          .every((part, i) =>
            Buffer.from(part, 'base64url').equals(
              Buffer.from(jws.split('.')[i] ?? '', 'base64url'),
            ),
          )
      )
        return
      await refuses(other)
    }),
    { numRuns: 300 },
  )
  assert.equal(observed.length, 0)
})

test('a device whose certificate cannot be recorded is not left behind', async () => {
  const broken = await openStore({ url: ':memory:', migrations: [], clock, log: silentLog })
  const texts = new Map<string, string>([
    ['authority', `${authority.keyPem}${authority.certificatePem}`],
  ])
  const keyStore: KeyStore = { read: async (name) => texts.get(name), write: async () => {} }
  const other = await createEnrollment({
    store: broken,
    devices: devicesInMemory(),
    keyStore,
    clock,
  })
  await assert.rejects(
    other.certify({ csrPem: (await request()).csrPem, owner: anna, name: 'phone' }),
  )
  assert.deepEqual(
    [...registered.values()].map((device) => device.registration),
    ['revoked'],
  )
  await broken.stop()
})
