import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createManualClock, pause } from '../base/clock.ts'
import { type Log, silentLog } from '../base/log.ts'
import { createCursors } from './cursors.ts'
import { readCursor } from './records.ts'
import { openStore } from './store.ts'

async function opened(t: TestContext) {
  const errors: string[] = []
  const log: Log = {
    ...silentLog,
    error(event) {
      errors.push(event)
      return ''
    },
  }
  const clock = createManualClock(0)
  const store = await openStore({ url: ':memory:', migrations: [], clock, log: silentLog })
  t.after(() => store.stop())
  const cursors = createCursors(store.db, log)
  const saved = async () => [await readCursor(store.db, 'a'), await readCursor(store.db, 'b')]
  return { store, cursors, saved, errors }
}

test('saves soon what was taken, and what was only passed along with it', async (t) => {
  const { cursors, saved } = await opened(t)
  cursors.noteIdle('b', 7)
  await pause(250)
  assert.deepEqual(await saved(), [0, 0])
  cursors.note('a', 3)
  cursors.note('a', 4)
  assert.deepEqual(await saved(), [0, 0])
  for (let i = 0; i < 100 && (await saved())[0] === 0; i++) await pause(10)
  assert.deepEqual(await saved(), [4, 7])
})

test('a cursor never moves back, whoever saves late', async (t) => {
  const { cursors, saved } = await opened(t)
  cursors.note('a', 9)
  await cursors.settle()
  cursors.note('a', 5)
  cursors.note('b', 1)
  await cursors.settle()
  assert.deepEqual(await saved(), [9, 1])
})

test('what could not be saved is said, and kept for the next time', async (t) => {
  const { store, cursors, saved, errors } = await opened(t)
  cursors.note('a', 3)
  await store.db.schema.alterTable('journal_cursor').renameTo('away').execute()
  await cursors.settle()
  assert.deepEqual(errors, ['journal.cursor'])
  await store.db.schema.alterTable('away').renameTo('journal_cursor').execute()
  cursors.noteIdle('b', 2)
  await cursors.settle()
  assert.deepEqual(await saved(), [3, 2])
})
