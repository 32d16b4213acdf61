import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock, hour } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Entry } from '../../src/store/journal.ts'
import type { Store } from '../../src/store/store.ts'
import {
  addName,
  isUnavailable,
  nameOf,
  opened,
  settle,
  start,
  type StoreKind,
  until,
} from './store-kind.ts'

/** Follows into a list. */
async function listen(
  store: Store,
  name: string,
  options: { durable?: boolean; kinds?: string[] },
) {
  const heard: Entry[] = []
  const follower = await store.journal.follow({
    name,
    kinds: options.kinds ?? ['name.added'],
    durable: options.durable ?? false,
    take: async (entry) => void heard.push(entry),
  })
  return { heard, follower, names: () => heard.map(nameOf) }
}

/** A take that waits until it is let go. */
function gate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open: () => open() }
}

export function journalContract(kind: StoreKind): void {
  orderContract(kind)
  startContract(kind)
  retryContract(kind)
  freshContract(kind)
  stopContract(kind)
}

function orderContract({ newUrl }: StoreKind): void {
  test('sequence order is commit order under 20 concurrent transactions', async (t) => {
    const store = await opened(t, await newUrl())
    const { heard, follower } = await listen(store, 'a', {})
    await Promise.all(Array.from({ length: 20 }, (_, i) => addName(store, `n${i}`)))
    await follower.caughtUp()
    const ranks = heard.map((entry) => (entry.body as { rank: number }).rank) // as addName wrote it
    assert.deepEqual(ranks, [...Array(20).keys()])
    assert.deepEqual(
      heard.map((e) => e.seq),
      heard.map((e) => e.seq).sort((a, b) => a - b),
    )
  })

  test('entries of one transaction stay together, in their order, with one moment', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const { heard, follower } = await listen(store, 'a', { kinds: ['x', 'y'] })
    const append = (of: string) =>
      store.transact(async (tx) => {
        for (let i = 0; i < 5; i++) await store.journal.append(tx, i % 2 ? 'x' : 'y', { of, i })
      })
    await Promise.all([append('a'), append('b'), append('c')])
    await follower.caughtUp()
    const bodies = heard.map(({ body }) => body as { of: string; i: number }) // as appended above
    assert.deepEqual(
      bodies.map(({ i }) => i),
      [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4],
    )
    assert.equal(bodies.filter(({ of }, n) => of !== bodies[n - 1]?.of).length, 3)
    assert.deepEqual(heard[0], {
      seq: heard[0]?.seq,
      kind: 'y',
      at: start,
      body: { of: heard[0] && bodies[0]?.of, i: 0 },
    })
  })

  test('more entries than a page or a statement holds arrive whole and in order', async (t) => {
    const store = await opened(t, await newUrl())
    const { heard, follower } = await listen(store, 'a', { kinds: ['x'], durable: true })
    await store.transact(async (tx) => {
      for (let i = 0; i < 2600; i++) await store.journal.append(tx, i % 13 ? 'x' : 'y', { i })
    })
    await follower.caughtUp()
    const expected = [...Array(2600).keys()].filter((i) => i % 13)
    assert.deepEqual(
      heard.map(({ body }) => (body as { i: number }).i),
      expected,
    ) // as appended
  })

  test('a long row of slow entries lets others have their turn', async (t) => {
    const store = await opened(t, await newUrl())
    let looking = true
    let last = performance.now()
    let longestMs = 0
    const look = () => {
      longestMs = Math.max(longestMs, performance.now() - last)
      last = performance.now()
      if (looking) setImmediate(look)
    }
    const follower = await store.journal.follow({
      name: 'slow',
      kinds: ['name.added'],
      durable: true,
      async take() {
        // What a commit to a disk takes, and as synchronous as one.
        const end = performance.now() + 3
        while (performance.now() < end);
      },
    })
    look()
    await store.transact(async (tx) => {
      for (let n = 0; n < 100; n++) await store.journal.append(tx, 'name.added', {})
    })
    await follower.caughtUp()
    looking = false
    look()
    assert.ok(longestMs < 150, `${longestMs} ms in one turn`)
  })

  test('prune deletes what is old and taken by every durable follower', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const first = await listen(store, 'a', { durable: true })
    await addName(store, 'n0')
    await first.follower.caughtUp()
    await first.follower.stop()
    clock.advance(hour)
    await addName(store, 'n1')
    clock.advance(hour)
    assert.equal(await store.journal.prune(start), 0)
    assert.equal(await store.journal.prune(clock.now()), 1)
    const second = await listen(store, 'b', { durable: true })
    const again = await listen(store, 'a', { durable: true })
    await second.follower.caughtUp()
    await again.follower.caughtUp()
    assert.deepEqual([second.names(), again.names()], [['n1'], ['n1']])
    await second.follower.stop()
    await again.follower.stop()
    assert.equal(await store.journal.prune(clock.now()), 1)
    await addName(store, 'n2')
    const last = await listen(store, 'a', { durable: true })
    await last.follower.caughtUp()
    assert.deepEqual(last.names(), ['n2'])
  })
}

function startContract({ newUrl }: StoreKind): void {
  test('a durable follower hears all there is, another what comes', async (t) => {
    const store = await opened(t, await newUrl())
    await addName(store, 'old')
    const durable = await listen(store, 'a', { durable: true })
    const passing = await listen(store, 'a', {})
    await addName(store, 'new')
    await addName(store, 'other', 'other')
    await Promise.all([durable.follower.caughtUp(), passing.follower.caughtUp()])
    assert.deepEqual(durable.names(), ['old', 'new'])
    assert.deepEqual(passing.names(), ['new'])
  })

  test('two durable followers of one name in one store are a bug', async (t) => {
    const store = await opened(t, await newUrl())
    const { follower } = await listen(store, 'a', { durable: true })
    await assert.rejects(
      listen(store, 'a', { durable: true }),
      /^Error: bug: a is followed already$/,
    )
    await follower.stop()
    await listen(store, 'a', { durable: true })
  })

  test('a stopped durable follower resumes after its last entry', async (t) => {
    const store = await opened(t, await newUrl())
    const first = await listen(store, 'a', { durable: true })
    await addName(store, 'n0')
    await first.follower.caughtUp()
    await first.follower.stop()
    await addName(store, 'n1')
    const second = await listen(store, 'a', { durable: true })
    await second.follower.caughtUp()
    assert.deepEqual([first.names(), second.names()], [['n0'], ['n1']])
  })
}

function retryContract({ newUrl }: StoreKind): void {
  test('a take that throws is tried again, later and later, before any other entry', async (t) => {
    const clock = createManualClock(start)
    const errors: string[] = []
    const log: Log = {
      ...silentLog,
      error: (event, thrown, fields) => {
        errors.push(`${event} ${String(thrown)} ${fields?.['tries']}`)
        return ''
      },
    }
    const store = await opened(t, await newUrl(), { clock, log })
    const tried: string[] = []
    const follower = await store.journal.follow({
      name: 'a',
      kinds: ['name.added'],
      durable: true,
      async take(entry) {
        tried.push(nameOf(entry))
        if (tried.length < 3) throw new Error('not yet')
      },
    })
    await addName(store, 'n0')
    await addName(store, 'n1')
    await until(() => errors.length === 1)
    clock.advance(99)
    await settle()
    assert.deepEqual(tried, ['n0'])
    clock.advance(1)
    await until(() => errors.length === 2)
    clock.advance(199)
    await settle()
    assert.deepEqual(tried, ['n0', 'n0'])
    clock.advance(1)
    await follower.caughtUp()
    assert.deepEqual(tried, ['n0', 'n0', 'n0', 'n1'])
    assert.deepEqual(errors, ['journal.take Error: not yet 1', 'journal.take Error: not yet 2'])
  })
}

function freshContract({ newUrl }: StoreKind): void {
  test('freshAt is current while idle, stands while a take hangs, and comes back', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const { passed, open } = gate()
    const take = () => passed
    const follower = await store.journal.follow({
      name: 'a',
      kinds: ['name.added'],
      durable: false,
      take,
    })
    await addName(store, 'n0', 'other')
    clock.advance(hour)
    await until(() => follower.freshAt() === clock.now())
    await addName(store, 'n1')
    const committed = clock.now()
    clock.advance(hour)
    await addName(store, 'n2')
    clock.advance(hour)
    await settle()
    assert.equal(follower.freshAt(), committed)
    open()
    await follower.caughtUp()
    await until(() => follower.freshAt() === clock.now())
  })

  test('freshAt stands while a take throws', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    let broken = true
    const follower = await store.journal.follow({
      name: 'a',
      kinds: ['name.added'],
      durable: true,
      take: async () => assert(!broken),
    })
    await until(() => follower.freshAt() === start)
    await addName(store, 'n0')
    clock.advance(hour)
    await settle()
    assert.equal(follower.freshAt(), start)
    broken = false
    clock.advance(hour)
    await until(() => follower.freshAt() === clock.now())
  })

  test('an entry is taken while a hung follower beside it is not', async (t) => {
    const store = await opened(t, await newUrl())
    const { passed, open } = gate()
    const stuck = { name: 'a', kinds: ['name.added'], durable: true, take: () => passed }
    await store.journal.follow(stuck)
    const { follower, names } = await listen(store, 'b', { durable: true })
    await addName(store, 'n0')
    await follower.caughtUp()
    assert.deepEqual(names(), ['n0'])
    open()
  })
}

function stopContract({ newUrl }: StoreKind): void {
  test('stop waits for the entry in hand, and takes no other', async (t) => {
    const store = await opened(t, await newUrl())
    const { passed, open } = gate()
    let begun = false
    let taken = 0
    const follower = await store.journal.follow({
      name: 'a',
      kinds: ['name.added'],
      durable: true,
      async take() {
        begun = true
        await passed
        // The database is still there for the entry in hand.
        await addName(store, `taken${taken}`, 'other')
        taken += 1
      },
    })
    await addName(store, 'n0')
    await addName(store, 'n1')
    const waiting = follower.caughtUp()
    const refused = assert.rejects(waiting, isUnavailable)
    await until(() => begun)
    const stopped = store.stop()
    assert.equal(await Promise.race([stopped, settle().then(() => 'busy')]), 'busy')
    open()
    await stopped
    await refused
    assert.equal(taken, 1)
    await assert.rejects(follower.caughtUp(), isUnavailable)
  })
}
