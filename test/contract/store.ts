import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Entry } from '../../src/store/journal.ts'
import { alarmContract } from './store-alarms.ts'
import { journalContract } from './store-journal.ts'
import { keepingContract } from './store-keeping.ts'
import {
  addName,
  isUnavailable,
  nameOf,
  names,
  opened,
  type RankTables,
  settle,
  start,
  type StoreKind,
  until,
} from './store-kind.ts'

/**
 * The law of every store: the same tests for each kind of database. It holds `src/store/sqlite.ts` and
 * `src/store/postgres.ts`; `store-journal.ts` and `store-keeping.ts` hold `src/store/follower.ts` and
 * `src/store/records.ts`, `store-alarms.ts` holds `src/store/bell.ts`, `store-nodes.ts` holds `src/store/ear.ts`.
 */
export function storeContract(kind: StoreKind): void {
  describe(`store on ${kind.name}`, () => {
    transactContract(kind)
    nestingContract(kind)
    journalContract(kind)
    alarmContract(kind)
    if (kind.kept) keepingContract(kind)
  })
}

function transactContract({ newUrl }: StoreKind): void {
  test('transact commits all of its work, or nothing and wakes nobody', async (t) => {
    const store = await opened(t, await newUrl())
    const heard: Entry[] = []
    const take = async (entry: Entry) => void heard.push(entry)
    const follower = await store.journal.follow({ name: 'a', kinds: ['x'], durable: false, take })
    store.alarms.on('x', async () => assert.fail('rang'))
    const undone = store.transact(async (tx) => {
      await tx.withTables<RankTables>().insertInto('rank').values({ name: 'a', rank: 0 }).execute()
      await store.journal.append(tx, 'x', {})
      await store.alarms.set(tx, 'x', 'a', start)
      throw new Error('no')
    })
    await assert.rejects(undone, /^Error: no$/)
    await settle()
    assert.deepEqual(await names(store), [])
    await addName(store, 'b', 'x')
    await follower.caughtUp()
    assert.deepEqual(heard.map(nameOf), ['b'])
    assert.deepEqual(await names(store), ['b'])
  })

  test('a failed statement ends the transaction, even if its throw is swallowed', async (t) => {
    const store = await opened(t, await newUrl())
    const undone = store.transact(async (tx) => {
      const tables = tx.withTables<RankTables>()
      await tables.insertInto('rank').values({ name: 'a', rank: 0 }).execute()
      await tables
        .insertInto('rank')
        .values({ name: 'a', rank: 1 })
        .execute()
        .catch(() => {})
    })
    await assert.rejects(undone, /^Error: bug: /)
    assert.deepEqual(await names(store), [])
    assert.equal(await addName(store, 'b'), 0)
  })

  test('rows read alike: plain objects, counts and sums as numbers', async (t) => {
    const store = await opened(t, await newUrl())
    const tables = store.db.withTables<RankTables>()
    const rows = [1, 2].map((rank) => ({ name: `n${rank}`, rank }))
    const back = await tables.insertInto('rank').values(rows).returning(['name', 'rank']).execute()
    assert.deepEqual(back, rows)
    const sums = await tables
      .selectFrom('rank')
      .select((b) => [
        b.fn.countAll().as('n'),
        b.fn.sum('rank').as('sum'),
        b.fn.max('rank').as('max'),
      ])
      .execute()
    assert.deepEqual(sums, [{ n: 2, sum: 3, max: 2 }])
    const [gone] = await tables.deleteFrom('rank').where('rank', '>', 0).execute()
    assert.equal(gone?.numDeletedRows, 2n)
  })

  test('concurrent transactions take turns: what one has read stays true', async (t) => {
    const store = await opened(t, await newUrl())
    const all = Array.from({ length: 20 }, (_, i) => `n${i}`)
    const ranks = await Promise.all(all.map((name) => addName(store, name)))
    assert.deepEqual(
      [...ranks].sort((a, b) => a - b),
      [...all.keys()],
    )
  })

  test('a stopped store says so', async (t) => {
    const store = await opened(t, await newUrl())
    await store.stop()
    await store.stop()
    await assert.rejects(addName(store, 'a'), isUnavailable)
    await assert.rejects(names(store), isUnavailable)
  })

  test('a transaction that has ended takes nothing more', async (t) => {
    const store = await opened(t, await newUrl())
    const tx = await store.transact(async (of) => of)
    await assert.rejects(
      store.journal.append(tx, 'x', {}),
      /^Error: bug: the transaction has ended$/,
    )
    await assert.rejects(names({ ...store, db: tx }))
  })
}

function nestingContract({ newUrl }: StoreKind): void {
  test('inside transact, db never waits for itself', async (t) => {
    const store = await opened(t, await newUrl())
    await addName(store, 'a')
    const read = store.transact(async (tx) => {
      await tx.withTables<RankTables>().deleteFrom('rank').execute()
      return await names(store)
    })
    // Sees what is committed, or, where there is only one connection, is told what to do.
    const seen = await read.catch((thrown: unknown) => {
      assert.match(String(thrown), /^Error: bug: db was used inside transact .* use its tx$/)
      return ['a']
    })
    assert.deepEqual(seen, ['a'])
    const write = store.transact(async () => {
      await store.db.withTables<RankTables>().deleteFrom('rank').execute()
    })
    await assert.rejects(write, /^Error: bug: db was used .* use its tx$/)
    const again = store.transact(() => addName(store, 'b'))
    await assert.rejects(again, /^Error: bug: transact inside transact$/)
    const follower = await store.journal.follow({
      name: 'a',
      kinds: ['name.added'],
      durable: true,
      take: async () => void (await names(store)),
    })
    const stuck = store.transact(() => follower.caughtUp())
    await assert.rejects(stuck, /^Error: bug: waiting for a follower inside transact$/)
    assert.equal(await addName(store, 'c'), (await names(store)).length - 1)
  })

  test('what a transaction starts may use db once it has ended', async (t) => {
    const store = await opened(t, await newUrl())
    const later: Promise<number>[] = []
    await store.transact(async () => {
      later.push(pause(20).then(() => addName(store, 'a')))
    })
    assert.deepEqual(await Promise.all(later), [0])
  })

  test('readers do not wait for an open transaction, or see half of it', async (t) => {
    const url = await newUrl()
    const store = await opened(t, url)
    let finish = () => {}
    const open = store.transact(async (tx) => {
      await tx.withTables<RankTables>().insertInto('rank').values({ name: 'a', rank: 0 }).execute()
      await new Promise<void>((resolve) => (finish = resolve))
    })
    await until(() => String(finish) !== '() => {}')
    const seen = names(store)
    // In memory there is one connection, and a reader comes after the writer.
    const isAlone = url === ':memory:'
    if (!isAlone) assert.deepEqual(await seen, [])
    finish()
    await open
    assert.deepEqual(await seen, isAlone ? ['a'] : [])
    assert.deepEqual(await names(store), ['a'])
  })
}
