import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createManualClock } from '../../base/clock.ts'
import { createHolds, type HoldEnd, type Watch } from './holds.ts'

const rig = () => {
  const clock = createManualClock(0)
  const holds = createHolds(clock)
  const ended = new AbortController()
  const watch = (change: Partial<Watch> = {}): Watch => ({
    key: 'ping a',
    watched: 'alice',
    folders: ['inbox'],
    arrivalsOnly: true,
    ms: 60_000,
    ended: ended.signal,
    ...change,
  })
  return { clock, holds, ended, watch }
}

const endOf = async (end: Promise<HoldEnd>) =>
  await Promise.race([end, new Promise<'holding'>((resolve) => setImmediate(resolve, 'holding'))])

describe('held requests', () => {
  test('end when their time is over, not before', async () => {
    const { clock, holds, watch } = rig()
    const { end } = holds.hold(watch())
    clock.advance(59_999)
    assert.equal(await endOf(end), 'holding')
    clock.advance(1)
    assert.deepEqual(await endOf(end), { kind: 'expired' })
    assert.equal(holds.count, 0)
  })

  test('wake for what they watch only', async () => {
    const { holds, watch } = rig()
    const ping = holds.hold(watch()).end
    const sync = holds.hold(watch({ key: 'sync a', arrivalsOnly: false })).end
    holds.wake('bob', 'inbox', true)
    holds.wake('alice', 'sent', true)
    assert.equal(await endOf(ping), 'holding')
    assert.equal(await endOf(sync), 'holding')
    holds.wake('alice', 'inbox', false)
    assert.equal(await endOf(ping), 'holding')
    assert.deepEqual(await endOf(sync), { kind: 'news', folders: ['inbox'] })
    holds.wake('alice', 'inbox', true)
    assert.deepEqual(await endOf(ping), { kind: 'news', folders: ['inbox'] })
    assert.equal(holds.count, 0)
  })

  test('end when the view is taken away, also before they began', async () => {
    const { holds, ended, watch } = rig()
    const { end } = holds.hold(watch())
    ended.abort()
    assert.deepEqual(await endOf(end), { kind: 'ended' })
    assert.deepEqual(await endOf(holds.hold(watch()).end), { kind: 'ended' })
    assert.equal(holds.count, 0)
  })

  test('give way to a newer one of the same client', async () => {
    const { holds, watch } = rig()
    const older = holds.hold(watch()).end
    const newer = holds.hold(watch()).end
    assert.deepEqual(await endOf(older), { kind: 'superseded' })
    assert.equal(await endOf(newer), 'holding')
    assert.equal(holds.count, 1)
  })

  test('end with the node, and none begins after', async () => {
    const { holds, watch } = rig()
    const { end } = holds.hold(watch())
    holds.stop()
    assert.deepEqual(await endOf(end), { kind: 'stopped' })
    assert.deepEqual(await endOf(holds.hold(watch()).end), { kind: 'stopped' })
  })

  test('leave nothing behind', () => {
    const { clock, holds, watch } = rig()
    for (let index = 0; index < 100; index++) {
      holds.hold(watch({ key: `ping ${index}`, watched: `user ${index % 7}` }))
    }
    assert.equal(holds.count, 100)
    clock.advance(60_000)
    assert.equal(holds.count, 0)
  })
})
