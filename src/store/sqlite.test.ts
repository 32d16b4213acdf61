import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { createManualClock } from '../base/clock.ts'
import { migrate } from './migrate.ts'
import { storeMigrations } from './migrations.ts'
import { insertEntries } from './records.ts'
import { openSqlite } from './sqlite.ts'
import type { Tx } from './store.ts'

async function opened(t: TestContext, path: string) {
  const clock = createManualClock(0)
  const engine = await openSqlite({ path, clock, inside: new AsyncLocalStorage() })
  t.after(() => engine.stop())
  await migrate({ engine, migrations: storeMigrations, clock })
  return engine
}

async function newFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-sqlite-'))
  t.after(() => rm(folder, { recursive: true }))
  return join(folder, 'postern.db')
}

test('a file is written through to the disk with each commit, and references are kept', async (t) => {
  const { db } = await opened(t, await newFile(t))
  const pragma = async (name: string) => {
    const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db)
    return rows[0]?.[name]
  }
  const full = 2
  assert.equal(await pragma('synchronous'), full)
  assert.equal(await pragma('journal_mode'), 'wal')
  assert.equal(await pragma('foreign_keys'), 1)
})

for (const kind of ['file', 'memory']) {
  test(`the head counts no entry that may yet be rolled back, in a ${kind}`, async (t) => {
    const engine = await opened(t, kind === 'file' ? await newFile(t) : ':memory:')
    const heads: unknown[] = []
    const add = async (tx: Tx) => {
      await insertEntries(tx, [{ kind: 'x', at: 0, body: '{}' }])
      heads.push(engine.headNow?.())
    }
    await engine.db.transaction().execute(add)
    heads.push(engine.headNow?.())
    const undone = engine.db.transaction().execute(async (tx) => {
      await add(tx)
      throw new Error('no')
    })
    await assert.rejects(undone, /^Error: no$/)
    heads.push(engine.headNow?.())
    assert.deepEqual(heads, [0, 1, 1, 1])
  })
}

test('a transaction begun by hand is a bug, and leaves the writer free', async (t) => {
  const { db } = await opened(t, ':memory:')
  await assert.rejects(sql`begin`.execute(db), /^Error: bug: begin a transaction with transact$/)
  await db.transaction().execute(async (tx) => {
    assert.equal(await insertEntries(tx, [{ kind: 'x', at: 0, body: '{}' }]), 1)
  })
})
