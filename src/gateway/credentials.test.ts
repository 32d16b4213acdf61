import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { describe, it } from 'node:test'
import { fakeIdentity } from '../../test/fake/gateway-rooms.ts'
import { silentLog } from '../base/log.ts'
import { clientAddress, createCredentials, readBasic, signInName } from './credentials.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const requestOf = (headers: Record<string, string>, peer = '192.0.2.1') => ({ headers, peer })

describe('Basic credentials', () => {
  it('are read with colons, spaces and any letters in the password', () => {
    assert.deepEqual(readBasic(basic('alice:a:b c')), { name: 'alice', password: 'a:b c' })
    assert.deepEqual(readBasic(basic('émile:pässwörd')), { name: 'émile', password: 'pässwörd' })
    assert.deepEqual(readBasic(basic('alice:').replace('Basic', 'bAsIc')), {
      name: 'alice',
      password: '',
    })
  })

  it('are nothing when there is no name, no colon, another scheme, or a control character', () => {
    const bad = [
      '',
      'Basic',
      'Basic !!',
      'Bearer abc',
      basic('alice'),
      basic(':x'),
      basic('a\r\nb:x'),
      basic('a\0:x'),
    ]
    for (const header of bad) assert.equal(readBasic(header), undefined, JSON.stringify(header))
    assert.equal(readBasic(basic(`alice:${'x'.repeat(10_000)}`)), undefined)
  })

  it('lose a Windows domain before the name', () => {
    assert.equal(signInName('CORP\\alice'), 'alice')
    assert.equal(signInName('\\alice'), 'alice')
    assert.equal(signInName('alice@corp.test'), 'alice@corp.test')
  })
})

describe('client address', () => {
  it('is the socket, or behind our proxy what the proxy added last', () => {
    const spoofed = requestOf({ 'x-forwarded-for': '10.0.0.1, 203.0.113.9' })
    assert.equal(clientAddress(spoofed, false), '192.0.2.1')
    assert.equal(clientAddress(spoofed, true), '203.0.113.9')
    assert.equal(clientAddress(requestOf({}), true), '192.0.2.1')
  })
})

describe('checking credentials', () => {
  const parts = { identity: fakeIdentity, log: silentLog, behindProxy: false }
  const credentials = createCredentials(parts)
  const check = (text: string) => credentials.check(requestOf({ authorization: basic(text) }))

  it('gives the user, and a caller that prints no secret', async () => {
    const found = await check('CORP\\alice:secret-alice')
    assert.ok('caller' in found)
    assert.equal(found.caller.user.name, 'alice')
    assert.ok(!inspect(found).includes('secret-alice'))
    assert.ok(!JSON.stringify(found).includes(Buffer.from('secret').toString('base64').slice(0, 6)))
  })

  it('answers every refusal alike, and a throttled account with Retry-After', async () => {
    const refusals = await Promise.all([
      check('alice:wrong'),
      check('nobody:x'),
      credentials.check(requestOf({})),
    ])
    for (const refused of refusals) assert.deepEqual(refused, refusals[0])
    const waiting = await check('throttled:x')
    assert.ok('answer' in waiting)
    assert.equal(waiting.answer.status, 503)
  })

  it('leaves nobody when identity fails', async () => {
    const identity = {
      remembered: () => undefined,
      authenticate: async () => {
        throw new Error('planted')
      },
    }
    const found = await createCredentials({ ...parts, identity }).check(
      requestOf({ authorization: basic('alice:secret-alice') }),
    )
    assert.ok('answer' in found)
    assert.equal(found.answer.status, 503)
  })
})
