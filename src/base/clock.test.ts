import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { createManualClock, type Ends, EndsBySecond, inTurns } from './clock.ts'
import { limits } from './limits.ts'

const rows = Array.from({ length: 3 * limits.rowsPerTurn.value + 7 }, (_, n) => n)

/** How many turns of the event loop passed until `work` was done. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let going = true
  const look = () => {
    turns += 1
    if (going) setImmediate(look)
  }
  setImmediate(look)
  await work
  going = false
  return turns
}

test('much work lets others have their turn, and all of it is done in order', async () => {
  const done: number[] = []
  const turns = await turnsOf(inTurns(rows, (row) => void done.push(row)))
  assert.deepEqual(done, rows)
  assert.ok(turns >= 2, `${turns} turns`)
  await assert.rejects(
    inTurns(rows, () => {
      throw new Error('planted')
    }),
    /planted/,
  )
})

describe('ends by the second', () => {
  const endOf = (log: string[], name: string): Ends => ({
    second: 0,
    late: () => void log.push(name),
  })

  it('come once, never early, those of one second together, and not after they were taken off', () => {
    const clock = createManualClock(0)
    const ends = new EndsBySecond<Ends>(clock)
    const log: string[] = []
    const [a, b, c] = [endOf(log, 'a'), endOf(log, 'b'), endOf(log, 'c')]
    ends.add(a, 1500)
    ends.add(b, 2000)
    ends.add(c, 2000)
    ends.delete(c)
    clock.advance(1999)
    assert.deepEqual(log, [])
    clock.advance(1)
    assert.deepEqual(log, ['a', 'b'])
    ends.delete(a)
    clock.advance(5000)
    assert.deepEqual(log, ['a', 'b'])
  })

  it('keep their distance when the clock is set meanwhile', () => {
    const clock = createManualClock(0)
    let set = 0
    const ends = new EndsBySecond<Ends>({
      now: () => clock.now() + set,
      after: clock.after,
      steady: clock.now,
    })
    const log: string[] = []
    ends.add(endOf(log, 'before'), 60_000)
    set = 30_000
    ends.add(endOf(log, 'after'), 30_000)
    clock.advance(30_000)
    assert.deepEqual(log, ['after'])
    clock.advance(30_000)
    assert.deepEqual(log, ['after', 'before'])
  })

  it('may end others of the same second while they come', () => {
    const clock = createManualClock(0)
    const ends = new EndsBySecond<Ends>(clock)
    const log: string[] = []
    const second = endOf(log, 'second')
    ends.add({ second: 0, late: () => ends.delete(second) }, 1000)
    ends.add(second, 1000)
    clock.advance(1000)
    assert.deepEqual(log, [])
    ends.add(second, 1000)
    clock.advance(1000)
    assert.deepEqual(log, ['second'])
  })
})
