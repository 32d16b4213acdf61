import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../base/limits.ts'
import { readPages } from './pages.ts'

const rows = Array.from({ length: 3 * limits.rowsPerTurn.value + 7 }, (_, n) => n)

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
    assert.deepEqual(await reading, all)
    assert.equal(new Set(asked).size, asked.length)
  }
})

test('others have their turn between two pages', async () => {
  let turns = 0
  const count = () => {
    turns += 1
    if (turns < 100) setImmediate(count)
  }
  setImmediate(count)
  await readPages(
    (row: number) => row,
    async (after, limit) => rows.filter((row) => row > (after ?? -1)).slice(0, limit),
  )
  assert.ok(turns >= 2, `${turns} turns`)
})
