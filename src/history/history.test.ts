import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { keysInMemory, openHistory } from '../../test/fake/history.ts'
import { createManualClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { type Log, silentLog } from '../base/log.ts'
import { openStore, type Store } from '../store/store.ts'
import { canonicalJson } from './canonical.ts'
import { changesBetween, type Thing } from './difference.ts'
import type { ThingKind } from './entry.ts'
import type { History } from './history.ts'
import { historyMigrations } from './migrations.ts'
import { newSiteKey, readPublicKey, readSiteKey } from './seal.ts'
import { verifyChain } from './verify.ts'

// This also holds src/history/records.ts, src/history/entry.ts, src/history/seal.ts and src/history/verify.ts.

const start = Date.UTC(2026, 2, 1)

async function open(t: TestContext) {
  const clock = createManualClock(start)
  const store = await openStore({
    url: ':memory:',
    migrations: historyMigrations,
    clock,
    log: silentLog,
  })
  t.after(() => store.stop())
  const keys = keysInMemory()
  return { store, clock, keys, history: await openHistory(store, { clock, keys }) }
}

const changes = (kind: ThingKind, before: readonly Thing[], after: readonly Thing[]) =>
  changesBetween(kind, before, after, (one) => one)

const thing = (x: number) => [{ id: 'col_1', name: 'Phones', value: { x } }]

/** As many changes of one thing. */
async function change(store: Store, history: History, count: number, actor = 'ann') {
  for (let x = 1; x <= count; x++)
    await store.transact((tx) =>
      history.append(tx, actor, changes('collection', thing(x - 1), thing(x))),
    )
}

const run = (store: Store, text: string) => sql.raw(text).execute(store.db)

const faultsOf = async (history: History, noted?: Parameters<History['verify']>[0]) =>
  (await history.verify(noted)).faults.map(({ seq, fault }) => `${seq} ${fault}`)

describe('history', () => {
  it('keeps who changed what, when, and how it differs, each entry over the one before', async (t) => {
    const { store, clock, history } = await open(t)
    await change(store, history, 1)
    clock.advance(1000)
    await store.transact(async (tx) => {
      await history.append(tx, 'bob', changes('collection', thing(1), []))
      await history.append(tx, 'bob', changes('brand', [], thing(5)))
    })
    const [third, second, first] = await history.list({ limit: 10 })
    assert.deepEqual(
      [first, second, third].map((one) => [one?.entry.seq, one?.entry.actor, one?.entry.change]),
      [
        [1, 'ann', 'changed'],
        [2, 'bob', 'deleted'],
        [3, 'bob', 'created'],
      ],
    )
    assert.deepEqual(first?.entry.difference, [{ path: '$.x', before: 0, after: 1 }])
    assert.deepEqual([first?.entry.at, second?.entry.at], [start, start + 1000])
    assert.equal(first?.entry.previous, '')
    assert.equal(second?.entry.previous, first?.hash)
    assert.equal(third?.entry.previous, second?.hash)
    assert.equal(second?.entry.correlation, third?.entry.correlation)
    assert.notEqual(first?.entry.correlation, third?.entry.correlation)
    assert.deepEqual(await history.head(), { seq: 3, hash: third?.hash })
    assert.deepEqual(await history.find(2), second)
    assert.equal(await history.find(9), undefined)
    assert.deepEqual(await history.verify(), {
      entries: 3,
      head: { seq: 3, hash: third?.hash },
      faults: [],
      faultCount: 0,
    })
  })

  it('has no entry of a change that changes nothing, and none of one that was rolled back', async (t) => {
    const { store, history } = await open(t)
    await store.transact((tx) =>
      history.append(tx, 'ann', changes('collection', thing(1), thing(1))),
    )
    const failed = store.transact(async (tx) => {
      await history.append(tx, 'ann', changes('collection', thing(1), thing(2)))
      throw new Error('no')
    })
    await assert.rejects(failed, /^Error: no$/)
    assert.equal(await history.head(), undefined)
    assert.deepEqual(await history.verify(), {
      entries: 0,
      head: undefined,
      faults: [],
      faultCount: 0,
    })
    await change(store, history, 1)
    assert.equal((await history.head())?.seq, 1)
  })

  it('is sought by actor, thing, name without regard to case, and time', async (t) => {
    const { store, clock, history } = await open(t)
    await change(store, history, 2)
    clock.advance(1000)
    await change(store, history, 1, 'bob')
    const seqs = async (filter: object) =>
      (await history.list({ ...filter, limit: 10 })).map(({ entry }) => entry.seq)
    assert.deepEqual(await seqs({ actor: 'ann' }), [2, 1])
    assert.deepEqual(await seqs({ name: 'pHONES', order: 'oldest' }), [1, 2, 3])
    assert.deepEqual(await seqs({ name: 'col_1', after: 2 }), [3])
    assert.deepEqual(await seqs({ kind: 'brand' }), [])
    assert.deepEqual(await seqs({ since: start + 1 }), [3])
    assert.deepEqual(await seqs({ before: 2 }), [1])
    assert.equal(await history.count({ actor: 'ann' }), 2)
  })

  it('keeps names that no database keeps, and finds them', async (t) => {
    const { store, history } = await open(t)
    for (const name of ['a\0b', '\ud800x', 'Ünïcode 😀', '__proto__', ''])
      await store.transact((tx) =>
        history.append(
          tx,
          name,
          changes('deviceAccessRule', [], [{ id: name, name, value: { name } }]),
        ),
      )
    assert.deepEqual(await faultsOf(history), [])
    const [, , , broken] = await history.list({ limit: 9 })
    assert.equal(broken?.entry.name, '\ud800x')
    assert.equal((await history.list({ name: 'ÜNÏCODE 😀', limit: 9 })).length, 1)
  })

  it('is read across pages', async (t) => {
    const { store, history } = await open(t)
    await change(store, history, 501)
    assert.equal((await history.verify()).entries, 501)
    await run(store, `delete from history where seq = 500`)
    assert.deepEqual(await faultsOf(history), ['500 missing'])
  })
})

describe('verify', () => {
  const attacks: readonly (readonly [name: string, sql: string, faults: readonly string[]])[] = [
    [
      'another value in an entry',
      `update history set document = replace(document, '"after":3', '"after":4') where seq = 3`,
      ['3 altered'],
    ],
    [
      'another actor in an entry and its column',
      `update history set actor = 'bob', document = replace(document, 'ann', 'bob') where seq = 2`,
      ['2 altered'],
    ],
    [
      'another actor in the column alone',
      `update history set actor = 'bob' where seq = 2`,
      ['2 misplaced'],
    ],
    [
      'another time in the column alone',
      `update history set at = 5 where seq = 2`,
      ['2 misplaced'],
    ],
    [
      'another name in the column alone',
      `update history set name = 'x' where seq = 2`,
      ['2 misplaced'],
    ],
    [
      'a space in an entry',
      `update history set document = document || ' ' where seq = 1`,
      ['1 altered'],
    ],
    ['no JSON', `update history set document = '{' where seq = 5`, ['5 altered']],
    ['another JSON', `update history set document = '{}' where seq = 5`, ['5 altered']],
    ['another signature', `update history set signature = 'AAAA' where seq = 4`, ['4 altered']],
    ['no signature', `update history set signature = '' where seq = 4`, ['4 altered']],
    [
      'the signature of another entry',
      `update history set signature = (select signature from history where seq = 1) where seq = 4`,
      ['4 altered'],
    ],
    ['an entry is gone', `delete from history where seq = 3`, ['3 missing']],
    ['the first is gone', `delete from history where seq = 1`, ['1 missing']],
    ['two are gone', `delete from history where seq in (2, 3)`, ['2 missing']],
    [
      'an entry is gone and the others move up',
      `delete from history where seq = 3; update history set seq = seq - 1 where seq > 3`,
      ['3 misplaced', '4 misplaced'],
    ],
    [
      'two entries change places',
      `update history set seq = 9 where seq = 2; update history set seq = 2 where seq = 3;
       update history set seq = 3 where seq = 9`,
      ['2 misplaced', '3 misplaced'],
    ],
    [
      'an entry is there twice',
      `insert into history select 6, at, actor, kind, subject, name, document, signature from history where seq = 5`,
      ['6 misplaced'],
    ],
    [
      'another key is named',
      `update history set document = replace(document, '"key":"', '"key":"0') where seq = 2`,
      ['2 otherKey'],
    ],
  ]
  for (const [name, text, faults] of attacks)
    it(`finds and names: ${name}`, async (t) => {
      const { store, history } = await open(t)
      await change(store, history, 5)
      assert.deepEqual(await faultsOf(history), [])
      for (const statement of text.split(';')) await run(store, statement)
      assert.deepEqual(await faultsOf(history), faults)
      // Whoever looks at it still can.
      assert.ok((await history.list({ limit: 10 })).length >= 3)
    })

  it('finds that the end is gone only by a head that was noted down, whatever came after', async (t) => {
    const { store, history } = await open(t)
    await change(store, history, 5)
    const noted = await history.head()
    assert.deepEqual(await faultsOf(history, noted), [])
    await run(store, `delete from history where seq > 3`)
    assert.deepEqual(await faultsOf(history), [])
    assert.deepEqual(await faultsOf(history, noted), ['5 head'])
    await change(store, history, 4, 'mallory')
    assert.deepEqual(await faultsOf(history), [])
    assert.deepEqual(await faultsOf(history, noted), ['5 head'])
    await run(store, `delete from history`)
    assert.deepEqual(await faultsOf(history, noted), ['5 head'])
  })

  it('finds a chain that another key has written anew, and a node that has another key says so', async (t) => {
    const { store, history } = await open(t)
    const logged: string[] = []
    const log: Log = { ...silentLog, warn: (event) => void logged.push(event) }
    await change(store, history, 2)
    const stranger = await openHistory(store, { keys: keysInMemory(), log })
    assert.deepEqual(logged, ['history.otherKey'])
    await change(store, stranger, 1)
    assert.deepEqual(await faultsOf(history), ['3 otherKey'])
    assert.deepEqual(await faultsOf(stranger), ['1 otherKey', '2 otherKey'])
    assert.notEqual(history.publicKey.id, stranger.publicKey.id)
  })

  it('two that share the keys of a site go on with one chain', async (t) => {
    const { store, history, keys } = await open(t)
    const other = await openHistory(store, { keys })
    assert.equal(other.publicKey.id, history.publicKey.id)
    for (const one of [history, other, history]) await change(store, one, 1)
    assert.deepEqual(await faultsOf(other), [])
  })

  it('tells of a hundred faults, and counts the rest', async (t) => {
    const { store, history } = await open(t)
    await change(store, history, 120)
    await run(store, `update history set signature = ''`)
    const { faults, faultCount } = await history.verify()
    assert.deepEqual([faults.length, faultCount], [100, 120])
  })

  it('needs no more than the public key', async (t) => {
    const { store, history } = await open(t)
    await change(store, history, 2)
    const found = (await history.list({ limit: 9, order: 'oldest' })).map(
      ({ entry, signature }) => ({ seq: entry.seq, document: canonicalJson(entry), signature }),
    )
    const pages = async function* () {
      yield found
    }
    const key = readPublicKey(history.publicKey.pem)
    assert.equal(key.id, history.publicKey.id)
    assert.deepEqual((await verifyChain(pages(), [key])).faults, [])
    const other = readSiteKey(newSiteKey())
    assert.equal((await verifyChain(pages(), [other])).faults[0]?.fault, 'otherKey')
    for (const pem of ['', 'x', rsa])
      assert.throws(
        () => readPublicKey(pem),
        (thrown) => thrown instanceof Failure && thrown.code === 'config.invalid',
      )
  })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()
