import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurns, readPages } from './clock.ts'
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

test('rows are read page by page, each once, whether the last page is full or not', async () => {
  for (const count of [0, 1, limits.rowsPerTurn.value, rows.length]) {
    const all = rows.slice(0, count)
    const asked: (number | undefined)[] = []
    const reading = readPages(
      (row: number) => row,
      async (after, limit) => {
        asked.push(after)
        return all.filter((row) => row > (after ?? -1)).slice(0, limit)
      },
    )
    const turns = await turnsOf(reading)
    assert.deepEqual(await reading, all)
    assert.equal(new Set(asked).size, asked.length)
    assert.ok(turns >= asked.length - 1, `${turns} turns for ${asked.length} pages`)
  }
})
