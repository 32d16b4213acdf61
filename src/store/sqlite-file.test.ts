import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createManualClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { silentLog } from '../base/log.ts'
import { isBusy, SqliteFile } from './sqlite-file.ts'
import { openStore } from './store.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-sqlite-'))
})
after(() => rm(folder, { recursive: true }))

const open = (url: string) =>
  openStore({ url, migrations: [], clock: createManualClock(0), log: silentLog })

const unavailable = (detail: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'store.unavailable' && detail.test(thrown.detail)

test('numbers keep their kind, in a text column too; blobs and null pass', () => {
  const file = new SqliteFile(':memory:', { readOnly: false })
  file.exec('create table t (i integer, r real, x text, b blob)')
  const values = [2 ** 40, 1.5, 5, new Uint8Array([0, 255])]
  assert.equal(file.run('insert into t values (?, ?, ?, ?)', values).numAffectedRows, 1n)
  file.run('insert into t values (?, ?, ?, ?)', [null, null, null, null])
  const { rows } = file.run('select * from t order by i nulls last', [])
  assert.deepEqual(rows[0], { i: 2 ** 40, r: 1.5, x: '5', b: new Uint8Array([0, 255]) })
  assert.deepEqual(rows[1], { i: null, r: null, x: null, b: null })
  file.close()
})

test('what neither engine takes is refused, not guessed', () => {
  const file = new SqliteFile(':memory:', { readOnly: false })
  file.exec('create table t (x)')
  for (const value of [undefined, true, {}, [], new Date(0), Number.NaN])
    assert.throws(() => file.run('insert into t values (?)', [value]), TypeError)
  file.close()
})

test('statements are kept ready, but not without end, and survive a change of the table', () => {
  const file = new SqliteFile(':memory:', { readOnly: false })
  file.exec('create table t (x)')
  file.run('insert into t values (1)', [])
  assert.deepEqual(file.run('select * from t', []).rows, [{ x: 1 }])
  for (let i = 0; i < limits.sqliteStatements.value + 50; i++) file.run(`select ${i} as n`, [])
  file.exec('alter table t add column y')
  assert.deepEqual(file.run('select * from t', []).rows, [{ x: 1, y: null }])
  file.close()
  assert.throws(() => file.run('select 1', []), unavailable(/stopped/))
})

test('trouble with the file is store.unavailable and says what; trouble with the statement is not', () => {
  const path = join(folder, 'held.db')
  const holder = new SqliteFile(path, { readOnly: false })
  holder.exec('create table t (x unique); begin immediate')
  const other = new SqliteFile(path, { readOnly: false })
  assert.throws(
    () => other.exec('begin immediate'),
    (thrown) => isBusy(thrown) && unavailable(/another process/)(thrown),
  )
  assert.throws(
    () => other.run('select * from nothing', []),
    (thrown) => !isBusy(thrown) && !(thrown instanceof Failure),
  )
  holder.close()
  const reader = new SqliteFile(path, { readOnly: true })
  assert.throws(() => reader.exec('create table u (x)'), unavailable(/cannot be written/))
  reader.close()
  other.close()
})

test('a file that is no database is refused, and left as it is', async () => {
  const path = join(folder, 'notes.txt')
  writeFileSync(path, 'not a database, but somebody may need it. '.repeat(100))
  const size = statSync(path).size
  await assert.rejects(open(path), unavailable(/not a database/))
  assert.equal(statSync(path).size, size)
  await assert.rejects(open(join(path, 'below.db')), unavailable(/cannot be opened/))
})

test('the database and its logs are readable by their owner only', async () => {
  const path = join(folder, 'new', 'postern.db')
  const store = await open(path)
  for (const name of [path, `${path}-wal`, `${path}-shm`])
    assert.equal(statSync(name).mode & 0o777, 0o600)
  assert.equal(statSync(join(folder, 'new')).mode & 0o777, 0o700)
  await store.stop()
})
