import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import { Progress } from './progress.ts'

test('a head that is asked for at a moment makes fresh up to that moment, once taken', () => {
  const progress = new Progress(0)
  progress.hear(2, 100)
  assert.deepEqual([progress.fresh, progress.behind], [0, true])
  progress.moveTo(1)
  assert.equal(progress.fresh, 0)
  progress.moveTo(2)
  assert.deepEqual([progress.fresh, progress.behind], [100, false])
})

test('a follower that is always a little behind is fresh up to what it has taken', () => {
  const progress = new Progress(0)
  for (let n = 1; n <= 10; n++) {
    progress.hear(n, n * 100)
    progress.moveTo(n - 1)
  }
  assert.equal(progress.behind, true)
  assert.ok(progress.fresh >= 800)
})

test('own entries count as joined on only where nothing can lie between', () => {
  const progress = new Progress(0)
  progress.hear(5, 10)
  progress.moveTo(5)
  progress.committed(7, 8, 20, true)
  assert.deepEqual([progress.cursor, progress.head, progress.fresh], [5, 8, 10])
  progress.moveTo(8)
  progress.committed(9, 9, 30, true)
  assert.deepEqual([progress.cursor, progress.fresh], [9, 30])
  progress.committed(10, 10, 40, false)
  assert.deepEqual([progress.cursor, progress.fresh, progress.behind], [9, 40, true])
  progress.committed(11, 11, 50, true)
  assert.deepEqual([progress.cursor, progress.fresh], [9, 40])
})

test('waiting for a head ends when it is taken, or with the reason of the end', async () => {
  const progress = new Progress(0)
  await progress.reached(0)
  const near = progress.reached(1)
  const far = progress.reached(2)
  progress.moveTo(1)
  await near
  progress.end(new Failure('store.unavailable', 'stopped'))
  await assert.rejects(far, Failure)
})

// A world in which every entry is for this follower, and two nodes commit.
type Event = { own: boolean } | { look: true } | { take: number }
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ own: fc.boolean() }),
  fc.constant({ look: true as const }),
  fc.record({ take: fc.nat(3) }),
)

test('law: fresh never claims a moment before which an entry was committed that is not taken', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const progress = new Progress(0)
      const commits: number[] = []
      let now = 0
      for (const step of events) {
        now += 1
        if ('own' in step) {
          commits.push(now)
          const seq = commits.length
          if (step.own) progress.committed(seq, seq, now, false)
        }
        if ('look' in step) progress.hear(commits.length, now)
        if ('take' in step) progress.moveTo(Math.min(progress.cursor + step.take, progress.head))
        const untaken = commits[progress.cursor] ?? Number.POSITIVE_INFINITY
        assert.ok(progress.fresh <= untaken)
      }
      progress.hear(commits.length, now)
      progress.moveTo(commits.length)
      assert.equal(progress.fresh, now)
    }),
  )
})
