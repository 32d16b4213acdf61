import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { rest, retryDelayMs, within } from './patience.ts'

test('pauses double up to the longest', () => {
  assert.deepEqual([0, 1, 2, 3].map(retryDelayMs), [100, 200, 400, 800])
  assert.equal(retryDelayMs(1_000_000), limits.retryLongestMs.value)
})

test('a rest ends with its time, or early with its signal', async () => {
  const clock = createManualClock(0)
  const stop = new AbortController()
  const whole = rest(clock, 50, stop.signal)
  clock.advance(50)
  assert.equal(await whole, true)
  const broken = rest(clock, 50, stop.signal)
  stop.abort()
  assert.equal(await broken, false)
  assert.equal(await rest(clock, 50, stop.signal), false)
})

test('within tells whether the work was done in time, and throws what it throws', async () => {
  let finish = () => {}
  const slow = new Promise<void>((resolve) => (finish = resolve))
  const late = within(1, slow)
  // The timer alone keeps no process alive.
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(await late, false)
  finish()
  assert.equal(await within(1000, slow), true)
  await assert.rejects(within(1000, Promise.reject(new Error('no'))), /^Error: no$/)
})
