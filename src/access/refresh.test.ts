import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createManualClock } from '../base/clock.ts'
import { createRefresh } from './refresh.ts'

const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Work that takes until it is told to end, on a clock that counts it. */
function createWork() {
  const clock = createManualClock(0)
  const runs: { end: (fault?: Error) => void }[] = []
  const faults: unknown[] = []
  const refresh = createRefresh({
    work: () =>
      new Promise<void>((resolve, reject) => {
        runs.push({ end: (fault) => (fault ? reject(fault) : resolve()) })
      }),
    failed: async (thrown) => void faults.push(thrown),
    clock,
    pause,
  })
  return { clock, runs, faults, refresh }
}

describe('work that is done again after each change', () => {
  it('is done once for many changes, and again for those that came while it was done', async () => {
    const { runs, refresh } = createWork()
    for (let marks = 0; marks < 100; marks++) refresh.mark()
    await pause()
    for (let marks = 0; marks < 100; marks++) refresh.mark()
    runs[0]?.end()
    await pause()
    await pause()
    runs[1]?.end()
    await pause()
    assert.equal(runs.length, 2)
    assert.equal(refresh.settled(), undefined)
  })

  it('is not settled by work that was begun before the last change', async () => {
    const { runs, refresh } = createWork()
    refresh.mark()
    await pause()
    refresh.mark()
    let settled = false
    const waiting = refresh.settled()?.then(() => (settled = true))
    runs[0]?.end()
    await pause()
    await pause()
    assert.equal(settled, false)
    runs[1]?.end()
    await waiting
    assert.equal(settled, true)
  })

  it('rests for twice its time, unless somebody waits', async () => {
    const { clock, runs, refresh } = createWork()
    refresh.mark()
    await pause()
    refresh.mark()
    clock.advance(50)
    runs[0]?.end()
    await pause()
    await pause()
    assert.equal(runs.length, 1)
    clock.advance(100)
    await pause()
    await pause()
    assert.equal(runs.length, 2)
    refresh.mark()
    clock.advance(50)
    runs[1]?.end()
    await pause()
    const waiting = refresh.settled()
    await pause()
    await pause()
    assert.equal(runs.length, 3, 'at once')
    runs[2]?.end()
    await waiting
  })

  it('tells a failure to whoever waits, and is tried again until it succeeds', async () => {
    const { runs, faults, refresh } = createWork()
    refresh.mark()
    const waiting = refresh.settled()
    await pause()
    const fault = new Error('planted')
    runs[0]?.end(fault)
    await assert.rejects(waiting ?? assert.fail(), fault)
    assert.deepEqual(faults, [fault])
    assert.notEqual(refresh.settled(), undefined)
    await pause()
    runs[1]?.end()
    await pause()
    assert.equal(refresh.settled(), undefined)
  })
})
