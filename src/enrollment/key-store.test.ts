import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import { openStore, type Store } from '../store/store.ts'
import { createFileKeyStore, createSealedKeyStore } from './key-store.ts'
import { enrollmentMigrations, type EnrollmentTables } from './migrations.ts'

let folder: string
let store: Store
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-keys-'))
  store = await openStore({
    url: ':memory:',
    migrations: enrollmentMigrations,
    clock: systemClock,
    log: silentLog,
  })
})
after(async () => {
  await store.stop()
  await rm(folder, { recursive: true })
})

test('a file is for its owner only, whole, and the only thing left behind', async () => {
  const keys = createFileKeyStore(join(folder, 'new'))
  assert.equal(await keys.read('authority'), undefined)
  await keys.write('authority', 'one', true)
  await keys.write('authority', 'two', true)
  assert.equal(await keys.read('authority'), 'one')
  await keys.write('authority', 'three')
  assert.equal(await keys.read('authority'), 'three')
  const path = join(folder, 'new', 'authority.pem')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(join(folder, 'new')), ['authority.pem'])
  await chmod(path, 0o644)
  await keys.read('authority')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('a folder that cannot be used is a failure with its name', async () => {
  await createFileKeyStore(folder).write('plain', 'x')
  const keys = createFileKeyStore(join(folder, 'plain.pem'))
  await assert.rejects(keys.read('authority'), { code: 'config.invalid' })
  await assert.rejects(keys.write('authority', 'x'), { code: 'config.invalid' })
})

test('a sealed text opens with its secret only, under its name only', async () => {
  const keys = createSealedKeyStore(store, new Secret('right'))
  await keys.write('authority', 'the key', true)
  await keys.write('authority', 'another', true)
  assert.equal(await keys.read('authority'), 'the key')
  await assert.rejects(createSealedKeyStore(store, new Secret('wrong')).read('authority'), {
    code: 'config.invalid',
  })
  const db = store.db.withTables<EnrollmentTables>()
  const [row] = await db.selectFrom('sealed_key').selectAll().execute()
  assert.ok(row && !Buffer.from(row.sealed, 'base64').includes('the key'))
  await db.insertInto('sealed_key').values({ name: 'server', sealed: row.sealed }).execute()
  await assert.rejects(keys.read('server'), { code: 'config.invalid' })
  const cut = Buffer.from(row.sealed, 'base64').subarray(0, 40).toString('base64')
  await db.updateTable('sealed_key').set({ sealed: cut }).where('name', '=', 'server').execute()
  await assert.rejects(keys.read('server'), { code: 'config.invalid' })
  await keys.write('server', 'new')
  assert.equal(await keys.read('server'), 'new')
})
