import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { upstreamContract } from '../../test/contract/upstream.ts'
import { startFakeUpstream } from '../../test/fake/eas-upstream.ts'
import { Secret } from '../base/secret.ts'
import { createHttpUpstream } from './http-upstream.ts'
import { ask } from './upstream.ts'

upstreamContract('HTTP, a connection for each request', (fake) =>
  createHttpUpstream({ url: fake.url }),
)
upstreamContract('HTTP, connections kept', (fake) =>
  createHttpUpstream({ url: fake.url, keepAlive: true }),
)

describe('upstream that trusts us', () => {
  it('gets the authenticated user with the shared secret, not what the client sent', async () => {
    const fake = await startFakeUpstream()
    const upstream = createHttpUpstream({ url: fake.url, secret: new Secret('gate-secret') })
    await ask(upstream, {
      method: 'POST',
      query: 'Cmd=Settings&User=alice&DeviceId=D1&DeviceType=Test',
      headers: {},
      user: 'alice',
      authorization: new Secret('Basic Ym9iOmV2aWw='),
      repeatable: true,
      answerWithinMs: 2000,
    })
    assert.equal(fake.reached[0]?.user, 'alice')
    assert.equal(fake.reached[0]?.password, 'gate-secret')
    await upstream.stop()
    await fake.stop()
  })
})
