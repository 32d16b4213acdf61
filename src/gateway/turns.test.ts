import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createTurns } from './turns.ts'

it('turns: never more than allowed at once, in order, and a failure frees its place', async () => {
  const turns = createTurns(2)
  const order: number[] = []
  let running = 0
  let most = 0
  const work = (index: number) => async () => {
    running += 1
    most = Math.max(most, running)
    order.push(index)
    await new Promise(setImmediate)
    running -= 1
    if (index === 1) throw new Error('planted')
    return index
  }
  const done = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => turns.run(work(index))))
  assert.equal(most, 2)
  assert.deepEqual(order, [0, 1, 2, 3, 4])
  assert.deepEqual(
    done.map((one) => one.status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  )
  assert.equal(await turns.run(async () => 'free'), 'free')
})
