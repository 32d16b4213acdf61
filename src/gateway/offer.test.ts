import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startFakeUpstream } from '../../test/fake/eas-upstream.ts'
import { fakeUsers } from '../../test/fake/gateway-rooms.ts'
import { createManualClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import type { User } from '../directory/directory.ts'
import { createOffer } from './offer.ts'
import { createHttpUpstream } from './http-upstream.ts'

const caller = {
  user: fakeUsers[0] as User, // the list is not empty
  authorization: new Secret(`Basic ${btoa('alice:secret-alice')}`),
  address: '192.0.2.1',
}

describe('offer', () => {
  it('without an upstream is all that we speak', async () => {
    const offer = createOffer({ upstream: undefined, newest: '16.1', clock: createManualClock(0) })
    const { headers } = await offer.answer(caller)
    assert.equal(headers?.['ms-asprotocolversions'], '2.5,12.0,12.1,14.0,14.1,16.0,16.1')
    assert.ok(headers?.['ms-asprotocolcommands']?.split(',').includes('Provision'))
    assert.ok(headers?.['ms-asprotocolcommands']?.split(',').includes('Find'))
  })

  it('never tells more than the upstream or the configuration allow', async () => {
    const fake = await startFakeUpstream()
    const upstream = createHttpUpstream({ url: fake.url })
    const clock = createManualClock(0)
    fake.offer.versions = '12.1,14.0,14.1,16.1,99.9'
    const wide = await createOffer({ upstream, newest: '16.1', clock }).answer(caller)
    assert.equal(wide.headers?.['ms-asprotocolversions'], '12.1,14.0,14.1,16.1')
    const narrow = await createOffer({ upstream, newest: '14.0', clock }).answer(caller)
    assert.equal(narrow.headers?.['ms-asprotocolversions'], '12.1,14.0')
    fake.offer.commands = 'Sync,<script>,Ping\r\nX: y'.replaceAll('\r\n', ' ')
    const clean = await createOffer({ upstream, newest: '14.0', clock }).answer(caller)
    assert.equal(clean.headers?.['ms-asprotocolcommands'], 'Sync,Provision')
    await upstream.stop()
    await fake.stop()
  })

  it('is asked again after an hour, and outlives an upstream that is down by then', async () => {
    const fake = await startFakeUpstream()
    const upstream = createHttpUpstream({ url: fake.url })
    const clock = createManualClock(0)
    const offer = createOffer({ upstream, newest: '16.1', clock })
    await Promise.all([offer.answer(caller), offer.answer(caller)])
    assert.equal(fake.reached.length, 1)
    fake.offer.versions = '14.0'
    clock.advance(limits.offerMs.value)
    assert.equal((await offer.answer(caller)).headers?.['ms-asprotocolversions'], '14.0')
    await fake.stop()
    clock.advance(limits.offerMs.value)
    assert.equal((await offer.answer(caller)).headers?.['ms-asprotocolversions'], '14.0')
    const fresh = createOffer({ upstream, newest: '16.1', clock })
    await assert.rejects(
      fresh.answer(caller),
      (thrown) => thrown instanceof Failure && thrown.code === 'upstream.unavailable',
    )
    await upstream.stop()
  })

  it('asks for the password again when the upstream refuses it', async () => {
    const fake = await startFakeUpstream()
    fake.passwords.set('alice', 'other')
    const upstream = createHttpUpstream({ url: fake.url })
    const offer = createOffer({ upstream, newest: '16.1', clock: createManualClock(0) })
    const answer = await offer.answer(caller)
    assert.equal(answer.status, 401)
    assert.ok(answer.headers?.['www-authenticate'])
    await upstream.stop()
    await fake.stop()
  })
})
