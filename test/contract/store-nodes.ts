import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { Client } from 'pg'
import { createManualClock, minute, systemClock } from '../../src/base/clock.ts'
import { Failure } from '../../src/base/failures.ts'
import type { Entry } from '../../src/store/journal.ts'
import type { Store } from '../../src/store/store.ts'
import type { RealPostgres } from '../real/postgres.ts'
import { setAlarm } from './store-alarms.ts'
import { addName, isUnavailable, nameOf, opened, settle, start, until } from './store-kind.ts'

type Running = () => RealPostgres

/** Several nodes over one PostgreSQL, and a PostgreSQL that goes away. */
export function nodesContract(server: Running): void {
  describe('nodes on one PostgreSQL', () => {
    hearingContract(server)
    takeoverContract(server)
    sharingContract(server)
    outageContract(server)
  })
}

async function listen(store: Store, durable: boolean, name = 'a') {
  const heard: string[] = []
  const take = async (entry: Entry) => void heard.push(nameOf(entry))
  const follower = await store.journal.follow({ name, kinds: ['name.added'], durable, take })
  return { follower, heard }
}

/** Runs SQL past the store, as an administrator or an accident would. */
async function accident(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

const lateEntry = `insert into journal (kind, at, body) values ('name.added', 0, '{"name":"quiet"}')`

function hearingContract(server: Running): void {
  test('both nodes hear what either commits', async (t) => {
    const url = await server().createDatabase()
    const [one, two] = [await opened(t, url), await opened(t, url)]
    const [first, second] = [await listen(one, false), await listen(two, false)]
    await addName(one, 'n0')
    await addName(two, 'n1')
    await until(() => first.heard.length === 2 && second.heard.length === 2)
    assert.deepEqual(
      [first.heard, second.heard],
      [
        ['n0', 'n1'],
        ['n0', 'n1'],
      ],
    )
  })

  test('news crosses nodes at once, and within a heartbeat where the notification is lost', async (t) => {
    const url = await server().createDatabase()
    const [one, two] = [await opened(t, url), await opened(t, url)]
    const { heard } = await listen(two, false)
    const began = Date.now()
    for (let n = 1; n <= 8; n++) {
      await addName(one, `n${n}`)
      await until(() => heard.length === n)
    }
    // By heartbeats alone it would be eight seconds.
    assert.ok(Date.now() - began < 3000)
    await accident(url, lateEntry)
    await until(() => heard.length === 9, 5000)
  })

  test('a node whose listening connection is cut hears all the same', async (t) => {
    const url = await server().createDatabase()
    const store = await opened(t, url, { clock: systemClock })
    const { heard, follower } = await listen(store, false)
    const durable = await listen(store, true, 'b')
    await until(() => Date.now() - follower.freshAt() < 2000)
    await accident(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await accident(url, lateEntry)
    await until(() => heard.length === 1 && durable.heard.length === 1)
    await until(() => Date.now() - follower.freshAt() < 1500)
    await addName(store, 'n1')
    await until(() => heard.length === 2 && durable.heard.length === 2)
  })
}

function takeoverContract(server: Running): void {
  test('one node runs a durable follower; the other looks on, and takes over at its stop', async (t) => {
    const url = await server().createDatabase()
    const clock = createManualClock(start)
    const [one, two] = [await opened(t, url, { clock }), await opened(t, url, { clock })]
    const first = await listen(one, true)
    await addName(one, 'n0')
    await until(() => first.heard.length === 1)
    const second = await listen(two, true)
    await addName(two, 'n1')
    await second.follower.caughtUp()
    clock.advance(minute)
    await until(() => second.follower.freshAt() === clock.now())
    assert.deepEqual([first.heard, second.heard], [['n0', 'n1'], []])
    await one.stop()
    await addName(two, 'n2')
    await until(() => second.heard.length === 1)
    await second.follower.caughtUp()
    assert.deepEqual(second.heard, ['n2'])
  })

  test('a node that cannot listen loses the right, and another goes on with no entry lost', async (t) => {
    const url = await server().createDatabase()
    const [one, two] = [await opened(t, url), await opened(t, url)]
    const first = await listen(one, true)
    await addName(one, 'n0')
    await until(() => first.heard.length === 1)
    const second = await listen(two, true)
    // Cut again and again: the other node tries once a second.
    const cut = `select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and granted and pid <> pg_backend_pid()
        and database = (select oid from pg_database where datname = current_database())`
    let last = 0
    await until(async () => {
      await accident(url, cut)
      await addName(two, `n${++last}`)
      return second.heard.length > 0
    })
    await addName(one, `n${++last}`)
    const both = () => [...first.heard, ...second.heard]
    await until(() => new Set(both()).size === last + 1)
    await settle()
    // From here on one of them has the right and keeps it, whichever it is.
    const later = Array.from({ length: 5 }, (_, i) => `later${i}`)
    for (const name of later) await addName(one, name)
    await Promise.all([first.follower.caughtUp(), second.follower.caughtUp()])
    await settle()
    assert.deepEqual(
      both().filter((name) => name.startsWith('later')),
      later,
    )
  })
}

function sharingContract(server: Running): void {
  test('sequence order is commit order over two nodes', async (t) => {
    const url = await server().createDatabase()
    const [one, two] = [await opened(t, url), await opened(t, url)]
    const { heard, follower } = await listen(one, false)
    const ranks = await Promise.all(
      Array.from({ length: 20 }, (_, i) => addName(i % 2 ? one : two, `${i}`)),
    )
    await follower.caughtUp()
    assert.deepEqual(
      heard.map((name) => ranks[Number(name)]),
      [...Array(20).keys()],
    )
  })

  test('each alarm rings on one of two nodes', async (t) => {
    const url = await server().createDatabase()
    const clock = createManualClock(start)
    const [one, two] = [await opened(t, url, { clock }), await opened(t, url, { clock })]
    const rung: string[] = []
    for (const store of [one, two])
      store.alarms.on('grace', async (subject) => {
        rung.push(subject)
        await settle()
      })
    const subjects = Array.from({ length: 60 }, (_, i) => `s${i}`)
    for (const subject of subjects) await setAlarm(one, subject, start + minute)
    clock.advance(minute)
    await until(() => rung.length >= 60)
    await settle()
    assert.deepEqual(rung.sort(), subjects.sort())
  })

  test('an alarm set on one node rings on the one that listens; one that hangs rings elsewhere', async (t) => {
    const url = await server().createDatabase()
    const clock = createManualClock(start)
    const [one, two] = [await opened(t, url, { clock }), await opened(t, url, { clock })]
    const rung: string[] = []
    let finish = () => {}
    one.alarms.on('grace', async () => {
      rung.push('one')
      await new Promise<void>((resolve) => (finish = resolve))
    })
    await setAlarm(two, 'a', start)
    await until(() => rung.length === 1)
    two.alarms.on('grace', async () => void rung.push('two'))
    clock.advance(minute)
    await until(() => rung.length === 2)
    finish()
    assert.deepEqual(rung, ['one', 'two'])
  })
}

function outageContract(server: Running): void {
  test('a database URL that is wrong is refused, and its password is in no word of it', async (t) => {
    const good = new URL(await server().createDatabase())
    const urls = ['postgres://who:s3cret@ho st/x', 'postgres://who:s3cret@127.0.0.1:1/x']
    good.pathname = '/nothing'
    good.password = 's3cret'
    for (const url of [...urls, good.href])
      await assert.rejects(opened(t, url), (thrown) => {
        assert.ok(thrown instanceof Failure)
        assert.ok(['config.invalid', 'store.unavailable'].includes(thrown.code))
        return !inspect(thrown, { depth: 9 }).includes('s3cret')
      })
  })

  test('a PostgreSQL that is down is a failure; the node stops being fresh and recovers', async (t) => {
    const url = await server().createDatabase()
    const store = await opened(t, url, { clock: systemClock })
    const { heard, follower } = await listen(store, false)
    const durable = await listen(store, true, 'b')
    await addName(store, 'n0')
    await follower.caughtUp()
    await server().halt()
    try {
      await assert.rejects(addName(store, 'lost'), isUnavailable)
      await assert.rejects(follower.caughtUp(), isUnavailable)
      const before = follower.freshAt()
      await until(() => Date.now() - before > 1500)
      assert.equal(follower.freshAt(), before)
    } finally {
      await server().resume()
    }
    await until(() => Date.now() - follower.freshAt() < 1500, 15_000)
    await until(() =>
      addName(store, 'n1').then(
        () => true,
        () => false,
      ),
    )
    await until(() => heard.length === 2 && durable.heard.length === 2, 15_000)
    assert.deepEqual(
      [heard, durable.heard],
      [
        ['n0', 'n1'],
        ['n0', 'n1'],
      ],
    )
  })

  test('a PostgreSQL that hangs makes the node stop being fresh, and work resumes after', async (t) => {
    const url = await server().createDatabase()
    const store = await opened(t, url, { clock: systemClock })
    const { heard, follower } = await listen(store, false)
    await addName(store, 'n0')
    await until(() => heard.length === 1)
    await server().freeze()
    const frozen = Date.now()
    const hanging = addName(store, 'n1')
    const outcome = hanging.then(
      () => 'done',
      (thrown: unknown) => (isUnavailable(thrown) ? 'failed' : thrown),
    )
    try {
      await until(() => Date.now() - frozen > 4500)
      assert.ok(follower.freshAt() <= frozen)
    } finally {
      await server().thaw()
    }
    assert.equal(await outcome, 'done')
    await until(() => Date.now() - follower.freshAt() < 1500)
    await until(() => heard.length === 2)
  })
}
