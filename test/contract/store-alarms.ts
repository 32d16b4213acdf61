import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock, day, minute, second } from '../../src/base/clock.ts'
import type { Store } from '../../src/store/store.ts'
import { opened, settle, start, type StoreKind, until } from './store-kind.ts'

/** Sets one alarm in a transaction of its own. */
export const setAlarm = (store: Store, subject: string, at: number | undefined, kind = 'grace') =>
  store.transact((tx) => store.alarms.set(tx, kind, subject, at))

export function alarmContract(kind: StoreKind): void {
  ringContract(kind)
  replaceContract(kind)
  troubleContract(kind)
}

function ringContract({ newUrl }: StoreKind): void {
  test('an alarm rings at its moment, once, with subject and moment', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: unknown[] = []
    store.alarms.on('grace', async (subject, at) => void rung.push([subject, at, clock.now()]))
    await setAlarm(store, 'b', start + 2 * second)
    await setAlarm(store, 'a', start + second)
    await setAlarm(store, 'a', start + 3 * second, 'other')
    clock.advance(second - 1)
    await settle()
    assert.deepEqual(rung, [])
    clock.advance(1)
    await until(() => rung.length === 1)
    clock.advance(second)
    await until(() => rung.length === 2)
    clock.advance(minute)
    await settle()
    assert.deepEqual(rung, [
      ['a', start + second, start + second],
      ['b', start + 2 * second, start + 2 * second],
    ])
  })

  test('an alarm in the past rings at once, one without a listener when it gets one', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: string[] = []
    store.alarms.on('grace', async (subject) => void rung.push(subject))
    await setAlarm(store, 'a', start - day)
    await setAlarm(store, 'b', start, 'other')
    await until(() => rung.length === 1)
    store.alarms.on('other', async (subject) => void rung.push(subject))
    await until(() => rung.length === 2)
    assert.deepEqual(rung, ['a', 'b'])
  })

  test('an alarm may be further off than a timer can be', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: number[] = []
    store.alarms.on('grace', async () => void rung.push(clock.now()))
    const at = start + 40 * day
    assert.ok(at - start > 2 ** 31)
    await setAlarm(store, 'a', at)
    for (let past = 0; past < 40; past++) {
      assert.deepEqual(rung, [])
      clock.advance(day)
      await settle()
    }
    await until(() => rung.length === 1)
    assert.deepEqual(rung, [at])
  })

  test('many alarms of one moment ring once each', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: string[] = []
    store.alarms.on('grace', async (subject) => void rung.push(subject))
    const subjects = Array.from({ length: 100 }, (_, i) => `s${i}`)
    await store.transact(async (tx) => {
      for (const subject of subjects) await store.alarms.set(tx, 'grace', subject, start + minute)
    })
    clock.advance(minute)
    await until(() => rung.length === 100)
    await settle()
    assert.deepEqual(rung.sort(), subjects.sort())
  })
}

function replaceContract({ newUrl }: StoreKind): void {
  test('an alarm can be moved and removed; a rollback leaves it as it was', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: unknown[] = []
    store.alarms.on('grace', async (subject) => void rung.push([subject, clock.now()]))
    for (const subject of ['a', 'b', 'c', 'd']) await setAlarm(store, subject, start + minute)
    await setAlarm(store, 'a', start + 2 * minute)
    await setAlarm(store, 'b', start + second)
    await setAlarm(store, 'c', undefined)
    const undone = store.transact(async (tx) => {
      await store.alarms.set(tx, 'grace', 'd', undefined)
      throw new Error('no')
    })
    await assert.rejects(undone)
    for (const ms of [second, minute - second, minute]) {
      const before = rung.length
      clock.advance(ms)
      await until(() => rung.length > before)
    }
    await settle()
    assert.deepEqual(rung, [
      ['b', start + second],
      ['d', start + minute],
      ['a', start + 2 * minute],
    ])
  })

  test('of what one transaction sets for a subject the last word counts', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: unknown[] = []
    store.alarms.on('grace', async (subject) => void rung.push([subject, clock.now()]))
    await setAlarm(store, 'c', start + second)
    await store.transact(async (tx) => {
      const words: [string, number | undefined][] = [
        ['a', start + second],
        ['b', undefined],
        ['c', undefined],
        ['a', undefined],
        ['b', start + second],
        ['d', start + second],
        ['d', start + minute],
      ]
      for (const [subject, at] of words) await store.alarms.set(tx, 'grace', subject, at)
    })
    clock.advance(second)
    await until(() => rung.length > 0)
    await settle()
    assert.deepEqual(rung, [['b', start + second]])
    clock.advance(minute)
    await until(() => rung.length > 1)
    await settle()
    assert.deepEqual(rung.slice(1), [['d', start + minute + second]])
  })

  test('an alarm replaced during its own ring is not lost', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: number[] = []
    store.alarms.on('grace', async (subject, at) => {
      rung.push(at)
      if (rung.length === 1) await setAlarm(store, subject, start + minute)
      if (rung.length === 2) await setAlarm(store, subject, start)
    })
    await setAlarm(store, 'a', start)
    await until(() => rung.length === 1)
    await settle()
    clock.advance(minute)
    await until(() => rung.length === 3)
    await settle()
    assert.deepEqual(rung, [start, start + minute, start])
  })
}

function troubleContract({ newUrl }: StoreKind): void {
  test('a ring that throws rings again, later and later; others ring meanwhile', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: string[] = []
    const times = (subject: string) => rung.filter((other) => other === subject).length
    store.alarms.on('grace', async (subject) => {
      rung.push(subject)
      if (subject === 'a' && times('a') < 3) throw new Error('not yet')
    })
    await setAlarm(store, 'a', start)
    await until(() => times('a') === 1)
    await setAlarm(store, 'b', start)
    await until(() => times('b') === 1)
    await settle()
    clock.advance(99)
    await settle()
    assert.equal(times('a'), 1)
    clock.advance(1)
    await until(() => times('a') === 2)
    await settle()
    clock.advance(199)
    await settle()
    assert.equal(times('a'), 2)
    clock.advance(1)
    await until(() => times('a') === 3)
    clock.advance(day)
    await settle()
    assert.deepEqual(rung, ['a', 'b', 'a', 'a'])
  })

  test('a ring that hangs does not keep others from ringing, and stop waits for it', async (t) => {
    const clock = createManualClock(start)
    const store = await opened(t, await newUrl(), { clock })
    const rung: string[] = []
    let finish = () => {}
    store.alarms.on('grace', async (subject) => {
      rung.push(subject)
      if (subject === 'a') await new Promise<void>((resolve) => (finish = resolve))
    })
    await setAlarm(store, 'a', start)
    await setAlarm(store, 'b', start + second)
    clock.advance(second)
    await until(() => rung.length === 2)
    // Longer than its lease: this process knows that it still rings.
    for (let i = 0; i < 4; i++) {
      clock.advance(minute)
      await settle()
    }
    assert.deepEqual(rung, ['a', 'b'])
    const stopped = store.stop()
    assert.equal(await Promise.race([stopped, settle().then(() => 'busy')]), 'busy')
    finish()
    await stopped
  })

  test('an alarm at no moment, or a second ring for a kind, is a bug', async (t) => {
    const store = await opened(t, await newUrl())
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 1.5])
      await assert.rejects(
        setAlarm(store, 'a', at),
        /^Error: bug: alarm grace at .*, which is no moment$/,
      )
    store.alarms.on('grace', async () => {})
    assert.throws(() => store.alarms.on('grace', async () => {}), /^Error: bug: /)
  })
}
