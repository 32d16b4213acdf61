import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createManualClock } from '../../base/clock.ts'
import { createHolds, endOf, type HoldEnd, type Watch } from './holds.ts'

const rig = () => {
  const clock = createManualClock(0)
  const holds = createHolds(clock)
  const ended = new AbortController()
  const watch = (change: Partial<Watch> = {}): Watch => ({
    kind: 'ping own',
    client: 'a',
    watched: 'alice',
    folders: ['inbox'],
    arrivalsOnly: true,
    ms: 60_000,
    ended: ended.signal,
    ...change,
  })
  return { clock, holds, ended, watch }
}

const endNow = async (end: Promise<HoldEnd>) =>
  await Promise.race([end, new Promise<'holding'>((resolve) => setImmediate(resolve, 'holding'))])

describe('held requests', () => {
  test('end when their time is over, not before', async () => {
    const { clock, holds, watch } = rig()
    const end = endOf(holds.hold(watch()))
    clock.advance(59_999)
    assert.equal(await endNow(end), 'holding')
    clock.advance(1)
    assert.deepEqual(await endNow(end), { kind: 'expired' })
    assert.equal(holds.count, 0)
  })

  test('wake for what they watch only', async () => {
    const { holds, watch } = rig()
    const ping = endOf(holds.hold(watch()))
    const sync = endOf(holds.hold(watch({ kind: 'sync own', arrivalsOnly: false })))
    holds.wake('bob', 'inbox', true)
    holds.wake('alice', 'sent', true)
    assert.equal(await endNow(ping), 'holding')
    assert.equal(await endNow(sync), 'holding')
    holds.wake('alice', 'inbox', false)
    assert.equal(await endNow(ping), 'holding')
    assert.deepEqual(await endNow(sync), { kind: 'news', folders: ['inbox'] })
    holds.wake('alice', 'inbox', true)
    assert.deepEqual(await endNow(ping), { kind: 'news', folders: ['inbox'] })
    assert.equal(holds.count, 0)
  })

  test('end when the view is taken away, also before they began', async () => {
    const { holds, ended, watch } = rig()
    const end = endOf(holds.hold(watch()))
    ended.abort()
    assert.deepEqual(await endNow(end), { kind: 'ended' })
    assert.deepEqual(await endNow(endOf(holds.hold(watch()))), { kind: 'ended' })
    assert.equal(holds.count, 0)
  })

  test('give way to a newer one of the same client', async () => {
    const { holds, watch } = rig()
    const older = endOf(holds.hold(watch()))
    const newer = endOf(holds.hold(watch()))
    assert.deepEqual(await endNow(older), { kind: 'superseded' })
    assert.equal(await endNow(newer), 'holding')
    assert.equal(holds.count, 1)
  })

  test('end with the node, and none begins after', async () => {
    const { holds, watch } = rig()
    const end = endOf(holds.hold(watch()))
    holds.stop()
    assert.deepEqual(await endNow(end), { kind: 'stopped' })
    assert.deepEqual(await endNow(endOf(holds.hold(watch()))), { kind: 'stopped' })
  })

  test('leave nothing behind', () => {
    const { clock, holds, watch } = rig()
    for (let index = 0; index < 100; index++) {
      holds.hold(watch({ client: `${index}`, watched: `user ${index % 7}` }))
    }
    assert.equal(holds.count, 100)
    clock.advance(60_000)
    assert.equal(holds.count, 0)
  })
})
