import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, newPlace, startChild } from '../story/child.ts'
import { createDice } from '../story/dice.ts'
import { prepareLoad } from '../story/load.ts'

const kills = 20
const restartMs = 3000

test(`kill -9 at ${kills} random moments under load: nothing acknowledged is lost`, async (t) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
  console.log(`  SEED=${seed}`)
  const dice = createDice(seed)
  const place = await newPlace(t)
  let up = Promise.withResolvers<Child>()
  up.resolve(await startChild(t, place))
  const load = await prepareLoad(() => up.promise)
  const restarts: number[] = []
  for (let kill = 0; kill < kills; kill++) {
    const stop = new AbortController()
    const working = load.run(stop.signal)
    await Promise.race([working, pause(100 + dice(900))])
    const dying: Child = await up.promise
    up = Promise.withResolvers()
    stop.abort()
    const { signal } = await dying.end('SIGKILL')
    assert.equal(signal, 'SIGKILL', 'it ended by itself before')
    assert.deepEqual(dying.complaints(), [])
    const again = await startChild(t, place)
    up.resolve(again)
    restarts.push(again.readyMs)
    await working
    await load.check(again)
  }
  const slowest = Math.max(...restarts)
  console.log(
    `  ${load.acknowledged} acknowledged over ${kills} kills; ready again after ${Math.min(...restarts).toFixed(0)} to ${slowest.toFixed(0)} ms`,
  )
  assert.ok(slowest < restartMs)
})
