import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createManualClock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { silentLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import { writePing } from '../wire/eas/ping.ts'
import type { Waiting } from './new-mail.ts'
import type { Upstream } from './upstream.ts'
import { createUpstreamPings } from './upstream-pings.ts'

/** An upstream that answers when told, and remembers whose turn it was. */
function slowUpstream() {
  const asked: string[] = []
  const open: ((status: 1 | 7) => void)[] = []
  let most = 0
  const upstream: Upstream = {
    async send(request, sink) {
      asked.push(new URLSearchParams(request.query).get('DeviceId') ?? '')
      const status = await new Promise<1 | 7>((resolve) => {
        open.push(resolve)
        most = Math.max(most, open.length)
      })
      sink.head(200, {})
      sink.piece(writePing({ status }), () => {})
    },
    stop: async () => {},
  }
  const answer = async (status: 1 | 7 = 1) => {
    open.shift()?.(status)
    await new Promise(setImmediate)
  }
  return { upstream, asked, answer, most: () => most }
}

function waitingFor(deviceId: string, heard: string[] = []): Waiting {
  return {
    partnership: `prt_${deviceId}`,
    user: 'alice',
    authorization: new Secret('Basic YTpi'),
    request: {
      command: 'Ping',
      version: '14.1',
      deviceId,
      deviceType: 'T',
      policyKey: 0,
      policyKeySent: false,
      user: undefined,
      saveInSent: false,
      acceptMultiPart: false,
      form: 'plain',
    },
    folders: [{ id: 'in', class: 'Email' }],
    inbox: '',
    syncedAt: undefined,
    ended: false,
    changed: (folders) => void heard.push(folders.join()),
    hierarchyChanged: () => void heard.push('hierarchy'),
  }
}

describe('short Pings to the upstream', () => {
  const everyMs = limits.upstreamPingEveryMs.value

  it('run a few at a time, each in its turn, the urgent ones first', async () => {
    const { upstream, asked, answer, most } = slowUpstream()
    const clock = createManualClock(0)
    const pings = createUpstreamPings({ upstream, clock, log: silentLog })
    for (const id of ['a', 'b', 'c', 'd']) pings.rotate(waitingFor(id))
    pings.confirm(waitingFor('urgent'))
    for (let round = 0; round < 5; round += 1) await answer()
    assert.deepEqual(asked, ['a', 'b', 'urgent', 'c', 'd'])
    assert.equal(most(), limits.upstreamPings.value)
    clock.advance(everyMs - 1)
    assert.equal(asked.length, 5, 'each rests after its turn')
    clock.advance(1)
    for (let round = 0; round < 4; round += 1) await answer()
    assert.deepEqual(asked.slice(5), ['a', 'b', 'c', 'd'])
  })

  it('one that is dropped has no further turn, one at rest not before its time', async () => {
    const { upstream, asked, answer } = slowUpstream()
    const clock = createManualClock(0)
    const pings = createUpstreamPings({ upstream, clock, log: silentLog })
    const [dropped, resting, quiet] = [
      waitingFor('dropped'),
      waitingFor('resting'),
      waitingFor('quiet'),
    ]
    pings.rotate(dropped)
    pings.rotate(quiet)
    pings.rest(resting, true)
    pings.drop(dropped)
    pings.rest(quiet, false)
    await answer()
    await answer()
    clock.advance(everyMs)
    await answer()
    assert.deepEqual(asked, ['dropped', 'quiet', 'resting'])
  })

  it('pass on that the folders are to be read again, and nothing after stop', async () => {
    const { upstream, asked, answer } = slowUpstream()
    const clock = createManualClock(0)
    const pings = createUpstreamPings({ upstream, clock, log: silentLog })
    const heard: string[] = []
    pings.rotate(waitingFor('a', heard))
    await answer(7)
    assert.deepEqual(heard, ['hierarchy'])
    pings.stop()
    clock.advance(everyMs)
    pings.confirm(waitingFor('b'))
    assert.deepEqual(asked, ['a'])
  })
})
