import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../real/postgres.ts'
import { type Child, newPlace, startChild } from './child.ts'
import { createDice } from './dice.ts'
import { prepareLoad } from './load.ts'

const kills = 5

test(`kill -9 of one of two nodes, ${kills} times under load: the other goes on, and nothing acknowledged is lost`, async (t) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
  console.log(`  SEED=${seed}`)
  const dice = createDice(seed)
  const postgres = await startPostgres()
  // Hooks run in this order: the database outlives its nodes.
  const nodes: Child[] = []
  t.after(async () => {
    for (const node of nodes) await node.end('SIGKILL')
    await postgres.stop()
  })
  const environment = {
    POSTERN_STORE: await postgres.createDatabase(),
    POSTERN_KEYS_SECRET: 'shared by the nodes',
  }
  const places = [await newPlace(t, environment), await newPlace(t, environment)]
  for (const place of places) nodes.push(await startChild(t, place))
  const load = await prepareLoad(async () => nodes[dice(nodes.length)] ?? assert.fail('no node'))
  const restarts: number[] = []
  for (let kill = 0; kill < kills; kill++) {
    const stop = new AbortController()
    const working = load.run(stop.signal)
    await Promise.race([working, pause(100 + dice(900))])
    const which = dice(2)
    const [dying] = nodes.splice(which, 1)
    assert.equal((await dying?.end('SIGKILL'))?.signal, 'SIGKILL', 'it ended by itself before')
    await Promise.race([working, pause(500)])
    stop.abort()
    await working
    const [survivor] = nodes
    assert.ok(survivor)
    await load.check(survivor)
    const place = places.find(({ port }) => survivor.url !== `https://127.0.0.1:${port}`)
    assert.ok(place)
    const again = await startChild(t, place)
    restarts.push(again.readyMs)
    nodes.splice(which, 0, again)
    await load.check(again)
    assert.deepEqual([...(dying?.complaints() ?? []), ...survivor.complaints()], [])
  }
  console.log(
    `  ${load.acknowledged} acknowledged over ${kills} kills; ready again after ${Math.min(...restarts).toFixed(0)} to ${Math.max(...restarts).toFixed(0)} ms`,
  )
})
