import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createManualClock, day } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { openAuthority, readServerNames } from './authority.ts'
import type { KeyStore } from './key-store.ts'

const start = Date.UTC(2026, 0, 15)

function memoryKeyStore(): KeyStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return {
    texts,
    read: async (name) => texts.get(name),
    async write(name, pem, once) {
      if (!once || !texts.has(name)) texts.set(name, pem)
    },
  }
}

test('the first start makes a CA for ten years that can sign leaves only', async () => {
  const authority = await openAuthority(memoryKeyStore(), createManualClock(start))
  const certificate = new X509Certificate(authority.certificatePem)
  assert.ok(certificate.ca)
  assert.match(certificate.subject, /^CN=Postern CA [0-9a-f]{8}$/)
  assert.equal(Math.round((certificate.validToDate.getTime() - start) / day), 3650)
  assert.ok(certificate.verify(certificate.publicKey))
})

test('later starts open the same CA', async () => {
  const keyStore = memoryKeyStore()
  const first = await openAuthority(keyStore, createManualClock(start))
  const later = await openAuthority(keyStore, createManualClock(start + day))
  assert.equal(later.certificatePem, first.certificatePem)
})

test('of two nodes that start at once one makes the CA of both', async () => {
  const keyStore = memoryKeyStore()
  const clock = createManualClock(start)
  const [one, two] = await Promise.all([
    openAuthority(keyStore, clock),
    openAuthority(keyStore, clock),
  ])
  assert.equal(one?.certificatePem, two?.certificatePem)
})

test('the server certificate is for the names and addresses asked for, at most 397 days', async () => {
  const authority = await openAuthority(memoryKeyStore(), createManualClock(start))
  const { certificatePem } = await authority.serverIdentity([
    'mail.example.org',
    '192.0.2.1',
    '::1',
  ])
  const certificate = new X509Certificate(certificatePem)
  assert.equal(certificate.checkHost('mail.example.org'), 'mail.example.org')
  assert.equal(certificate.checkIP('192.0.2.1'), '192.0.2.1')
  assert.equal(certificate.checkIP('::1'), '::1')
  assert.equal(certificate.checkHost('other.example.org'), undefined)
  const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / day
  assert.equal(days, 397)
  assert.ok(certificate.checkIssued(authority.certificate))
  assert.ok(certificate.verify(authority.certificate.publicKey))
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'])
})

test('it is kept until 30 days before its end, and made anew for other names', async () => {
  const clock = createManualClock(start)
  const authority = await openAuthority(memoryKeyStore(), clock)
  const names = ['localhost', '::1']
  const first = await authority.serverIdentity(names)
  assert.deepEqual(await authority.serverIdentity(names), first)
  assert.deepEqual(await authority.serverIdentity(['LOCALHOST.', '0:0::1', 'localhost']), first)
  clock.advance(366 * day)
  assert.deepEqual(await authority.serverIdentity(names), first)
  clock.advance(2 * day)
  const renewed = await authority.serverIdentity(names)
  assert.notEqual(renewed.certificatePem, first.certificatePem)
  assert.notEqual(
    (await authority.serverIdentity(['localhost'])).certificatePem,
    renewed.certificatePem,
  )
})

test('nothing outlives the CA, and an ended CA does not open', async () => {
  const keyStore = memoryKeyStore()
  const clock = createManualClock(start)
  const authority = await openAuthority(keyStore, clock)
  clock.advance(3600 * day)
  const { certificatePem } = await authority.serverIdentity(['localhost'])
  assert.equal(new X509Certificate(certificatePem).validTo, authority.certificate.validTo)
  clock.advance(60 * day)
  await assert.rejects(openAuthority(keyStore, clock), { code: 'config.invalid' })
})

test('a damaged or exchanged key is an error, never a reason to make a new CA', async () => {
  const clock = createManualClock(start)
  const [one, two] = [memoryKeyStore(), memoryKeyStore()]
  await openAuthority(one, clock)
  await openAuthority(two, clock)
  const whole = one.texts.get('authority') ?? ''
  const other = two.texts.get('authority') ?? ''
  const mixed =
    other.slice(0, other.indexOf('-----BEGIN CERT')) + whole.slice(whole.indexOf('-----BEGIN CERT'))
  for (const text of ['', 'garbage', whole.slice(0, 300), mixed]) {
    one.texts.set('authority', text)
    await assert.rejects(openAuthority(one, clock), { code: 'config.invalid' }, text.slice(0, 20))
    assert.equal(one.texts.get('authority'), text)
  }
})

test('server names are checked', () => {
  assert.deepEqual(readServerNames(['Bücher.example', 'a.example.']), [
    'xn--bcher-kva.example',
    'a.example',
  ])
  for (const name of [
    '',
    'a b',
    'a..b',
    '-a',
    'a/b',
    `${'a'.repeat(300)}!`,
    '1.2.3.4:5',
    'a,DNS:b',
  ]) {
    assert.throws(() => readServerNames([name]), Failure, name)
  }
  assert.throws(() => readServerNames([]), Failure)
})
