import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { createManualClock, minute } from '../../src/base/clock.ts'
import { Failure } from '../../src/base/failures.ts'
import type { Entry } from '../../src/store/journal.ts'
import type { Migration, Store } from '../../src/store/store.ts'
import { setAlarm } from './store-alarms.ts'
import {
  addName,
  nameOf,
  names,
  opened,
  type RankTables,
  rankMigrations,
  settle,
  start,
  type StoreKind,
  until,
} from './store-kind.ts'

/** What holds where a store can be opened again. */
export function keepingContract(kind: StoreKind): void {
  migrationContract(kind)
  reopenContract(kind)
  killContract(kind)
  deliveryLaw(kind)
}

const migration = (id: string, up: Migration['up'] = async () => {}): Migration => ({ id, up })

function migrationContract({ newUrl }: StoreKind): void {
  test('two that open at once apply each migration once', async (t) => {
    const url = await newUrl()
    let applied = 0
    const counted = rankMigrations.map((inner) =>
      migration(inner.id, async (db, profile) => {
        applied += 1
        await inner.up(db, profile)
        await settle()
      }),
    )
    const stores = await Promise.all([1, 2, 3].map(() => opened(t, url, { migrations: counted })))
    assert.equal(applied, 1)
    for (const [i, store] of stores.entries()) assert.equal(await addName(store, `n${i}`), i)
  })

  test('two processes that start at once both come up', async (t) => {
    const url = await newUrl()
    const children = [child(t, url), child(t, url)]
    await Promise.all(
      children.map(({ acknowledged }) => until(() => acknowledged.length > 0, 20_000)),
    )
  })

  test('a migration that fails leaves nothing, and runs again', async (t) => {
    const url = await newUrl()
    const half = migration('0901-half', async (db) => {
      await db.schema.createTable('half').addColumn('x', 'text').execute()
      throw new Error('half way')
    })
    const migrations = (last: Migration) => ({ migrations: [...rankMigrations, last] })
    await assert.rejects(opened(t, url, migrations(half)), /half way/)
    const whole = migration('0901-half', async (db) => {
      await db.schema.createTable('half').addColumn('x', 'text').execute()
    })
    const store = await opened(t, url, migrations(whole))
    assert.equal(await addName(store, 'a'), 0)
  })

  test('data of a newer version is refused, a changed list is a bug', async (t) => {
    const url = await newUrl()
    await opened(t, url, { migrations: [...rankMigrations, migration('0901-more')] })
    const newer = (thrown: unknown) => thrown instanceof Failure && thrown.code === 'store.newer'
    await assert.rejects(opened(t, url), newer)
    const open = (...ids: string[]) =>
      opened(t, url, { migrations: ids.map((id) => migration(id)) })
    await assert.rejects(
      open('0900-tank', '0901-more'),
      /bug: migration 0900-rank was applied where/,
    )
    await assert.rejects(open('0899-x', '0900-rank', '0901-more'), /bug: migration 0900-rank was/)
    await assert.rejects(open('0901-more', '0901-more'), /bug: migration 0901-more is listed twice/)
    await assert.rejects(open('more'), /bug: migration id more is not like/)
    await open('0900-rank', '0901-more', '0902-most')
  })
}

function reopenContract({ newUrl }: StoreKind): void {
  test('rows, cursors and alarms are there after a stop', async (t) => {
    const clock = createManualClock(start)
    const url = await newUrl()
    const heard: string[] = []
    const take = async (entry: Entry) => void heard.push(nameOf(entry))
    const follow = { name: 'a', kinds: ['name.added'], durable: true, take }
    const first = await opened(t, url, { clock })
    const follower = await first.journal.follow(follow)
    first.alarms.on('grace', async () => assert.fail('rang before its moment'))
    await addName(first, 'n0')
    await follower.caughtUp()
    await setAlarm(first, 's', start + minute)
    await setAlarm(first, 'gone', start + minute)
    await setAlarm(first, 'gone', undefined)
    await first.stop()
    clock.advance(2 * minute)

    const second = await opened(t, url, { clock })
    await addName(second, 'n1')
    await second.stop()

    const third = await opened(t, url, { clock })
    const rung: unknown[] = []
    third.alarms.on('grace', async (subject, at) => void rung.push([subject, at]))
    await (await third.journal.follow(follow)).caughtUp()
    await until(() => rung.length === 1)
    await settle()
    assert.deepEqual(await names(third), ['n0', 'n1'])
    assert.deepEqual(heard, ['n0', 'n1'])
    assert.deepEqual(rung, [['s', start + minute]])
  })
}

/** A process that adds names without end and says each that was acknowledged. */
function child(t: TestContext, url: string) {
  const program = fileURLToPath(new URL('./store-child.ts', import.meta.url))
  const writer: ChildProcess = spawn(process.execPath, [program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  let rest = ''
  writer.stdout?.on('data', (bytes) => {
    const lines = (rest + String(bytes)).split('\n')
    rest = lines.pop() ?? ''
    acknowledged.push(...lines)
  })
  const ended = new Promise((resolve) => writer.once('exit', resolve))
  const kill = async () => {
    writer.kill('SIGKILL')
    await ended
  }
  t.after(kill)
  return { acknowledged, kill }
}

function killContract({ newUrl }: StoreKind): void {
  test('kill -9 loses nothing that was acknowledged, and leaves nothing by half', async (t) => {
    const url = await newUrl()
    const acknowledged: string[] = []
    for (const size of [1, 40, 90]) {
      const writer = child(t, url)
      await until(() => writer.acknowledged.length >= size, 20_000)
      await writer.kill()
      acknowledged.push(...writer.acknowledged)
    }
    const store = await opened(t, url)
    const kept = await names(store)
    const missing = acknowledged.filter((name) => !kept.includes(name))
    assert.deepEqual(missing, [])
    const heard: string[] = []
    const take = async (entry: Entry) => void heard.push(nameOf(entry))
    const follow = { name: 'a', kinds: ['name.added'], durable: true, take }
    await (await store.journal.follow(follow)).caughtUp()
    assert.deepEqual(heard, kept)
  })

  test('what another process writes is heard without being told', async (t) => {
    const url = await newUrl()
    const store = await opened(t, url)
    let last = 0
    const take = async (entry: Entry) => void (last = entry.seq)
    await store.journal.follow({ name: 'a', kinds: ['name.added'], durable: false, take })
    const writer = child(t, url)
    await until(() => writer.acknowledged.length > 0, 20_000)
    await until(() => last > 0, 5000)
    await writer.kill()
    const { n } = await store.db
      .withTables<RankTables>()
      .selectFrom('rank')
      .select((b) => b.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    await until(() => last === n, 5000)
  })
}

type Step = 'append' | 'appendThree' | 'restartFollower' | 'reopen' | 'throwNext' | 'wait'
const steps: Step[] = ['append', 'appendThree', 'restartFollower', 'reopen', 'throwNext', 'wait']

function deliveryLaw({ newUrl }: StoreKind): void {
  test('law: any interleaving of appends and restarts delivers every entry, in order', async (t) => {
    const run = async (plan: Step[]) => {
      const url = await newUrl()
      const clock = createManualClock(start)
      let store: Store = await opened(t, url, { clock })
      let written = 0
      let throwing = 0
      let heard: number[] = []
      const seen = new Set<number>()
      const follow = async () => {
        heard = []
        return await store.journal.follow({
          name: 'a',
          kinds: ['x'],
          durable: true,
          async take({ body }) {
            const { n } = body as { n: number } // as appended below
            if (throwing-- > 0) throw new Error('not yet')
            // In order within a life, and none before its predecessor, ever.
            assert.ok(heard.every((other) => other < n) && (n === 0 || seen.has(n - 1)))
            heard.push(n)
            seen.add(n)
          },
        })
      }
      const append = (count: number) =>
        store.transact(async (tx) => {
          for (let i = 0; i < count; i++) await store.journal.append(tx, 'x', { n: written++ })
          await store.journal.append(tx, 'y', {})
        })
      let follower = await follow()
      for (const step of plan) {
        if (step === 'append') await append(1)
        if (step === 'appendThree') await append(3)
        if (step === 'throwNext') throwing = 1
        if (step === 'wait') await settle()
        if (step === 'reopen') {
          await store.stop()
          store = await opened(t, url, { clock })
        }
        if (step === 'restartFollower') await follower.stop()
        if (step === 'reopen' || step === 'restartFollower') follower = await follow()
      }
      throwing = 0
      await until(() => {
        clock.advance(minute)
        return seen.size === written
      })
      await store.stop()
    }
    const plan = fc.array(fc.constantFrom(...steps), { minLength: 2, maxLength: 14 })
    await fc.assert(fc.asyncProperty(plan, run), { numRuns: 25 })
  })
}
