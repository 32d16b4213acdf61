import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Reviews } from './reviews.ts'

it('what is written down waits for the reviews under way, and for none that begins later', async () => {
  const reviews = new Reviews()
  await reviews.passed()
  const [first, second, third] = [1, 2, 3].map(() => Promise.withResolvers<void>())
  assert.ok(first && second && third)
  reviews.begin(first.promise)
  reviews.begin(second.promise)
  let passed = false
  const waiting = reviews.passed().then(() => {
    passed = true
  })
  reviews.begin(third.promise)
  first.resolve()
  await turn()
  assert.equal(passed, false)
  second.resolve()
  await waiting
  assert.equal(passed, true)
  third.resolve()
  await reviews.passed()
})
