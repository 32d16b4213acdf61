import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { Failure } from '../base/failures.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import { silentLog } from '../base/log.ts'
import type { Store } from '../store/store.ts'
import {
  alice,
  closeAll,
  fact,
  failsWith,
  fileUrl,
  openDevices,
  phone,
  start,
  until,
} from '../../test/worlds/devices.ts'
import { createDevices, type PartnershipId } from './devices.ts'
import { insertPartnership } from './records.ts'
import { effortOf } from '../../test/effort.ts'

afterEach(closeAll)

describe('times of contact', () => {
  test('are seen at once and are in the store a second later', async () => {
    const { devices, store, clock, news } = await openDevices()
    const { id } = await devices.partner(alice, phone)
    await news()
    devices.seen(id, start + 10, true)
    devices.seen(id, start + 20, false)
    devices.seen(id, start + 15, false)
    const expected = { lastSeenAt: start + 20, lastSuccessSyncAt: start + 10 }
    const timesOf = async (one: typeof devices) => {
      const found = await one.find(id)
      return { lastSeenAt: found?.lastSeenAt, lastSuccessSyncAt: found?.lastSuccessSyncAt }
    }
    assert.deepEqual(await timesOf(devices), expected)
    const { lastSeenAt, lastSuccessSyncAt } = await devices.partner(alice, phone)
    assert.deepEqual({ lastSeenAt, lastSuccessSyncAt }, expected)
    const other = createDevices({ store, clock })
    assert.equal((await timesOf(other)).lastSeenAt, start, 'not written yet')
    clock.advance(limits.contactDelayMs.value)
    await until(async () => (await timesOf(other)).lastSeenAt === start + 20)
    assert.deepEqual(await timesOf(other), expected)
    assert.deepEqual(await timesOf(devices), expected)
    assert.deepEqual(await news(), [])
  })

  test('are written at stop, and never move back what another node wrote', async () => {
    const { devices, store, clock } = await openDevices()
    const { id } = await devices.partner(alice, phone)
    const other = createDevices({ store, clock })
    devices.seen(id, start + 10, true)
    other.seen(id, start + 20, false)
    await other.stop()
    await devices.stop()
    const found = await createDevices({ store, clock }).find(id)
    assert.equal(found?.lastSeenAt, start + 20)
    assert.equal(found?.lastSuccessSyncAt, start + 10)
  })

  test('that cannot be written stay noted and are written later', async () => {
    const { store, clock } = await openDevices()
    let broken = false
    const faulty: Store = {
      ...store,
      transact: (work) =>
        broken
          ? Promise.reject(new Failure('store.unavailable', 'the disk failed'))
          : store.transact(work),
    }
    const logged: string[] = []
    const log = {
      ...silentLog,
      error(event: string, thrown: unknown) {
        logged.push(event)
        return silentLog.error(event, thrown)
      },
    }
    const devices = createDevices({ store: faulty, clock, log })
    const { id } = await devices.partner(alice, phone)
    devices.seen(id, start + 10, true)
    broken = true
    clock.advance(limits.contactDelayMs.value)
    await until(async () => logged.length > 0)
    assert.equal((await devices.find(id))?.lastSuccessSyncAt, start + 10)
    broken = false
    clock.advance(limits.contactDelayMs.value)
    const other = createDevices({ store, clock })
    await until(async () => (await other.find(id))?.lastSuccessSyncAt === start + 10)
    broken = true
    devices.seen(id, start + 30, true)
    await assert.rejects(devices.stop(), failsWith('store.unavailable'))
  })
})

test('10,000 partnerships are listed with little effort, and as many contacts written in one go', async () => {
  const { devices, store, clock } = await openDevices(fileUrl())
  const ids: PartnershipId[] = []
  await store.transact(async (tx) => {
    for (let n = 0; n < 10_000; n++) {
      const id = newId('prt', start)
      ids.push(id)
      const eas = { ...phone, deviceId: `L${n}` }
      const facts = { platform: fact('iOS' as const, 'claimed'), model: fact('iPhone15C4') }
      const times = { firstSeenAt: start, lastSeenAt: start }
      await insertPartnership(tx, { id, user: alice, eas, ...times, facts }, `l${n}`)
    }
  })
  const listed = await effortOf(async () => {
    assert.equal((await devices.list()).partnerships.length, 10_000)
  })
  assert.ok(listed < 1000, `list: ${listed} ms`)
  for (const id of ids) devices.seen(id, start + 1, true)
  const written = await effortOf(() => devices.stop())
  assert.ok(written < 2000, `contacts: ${written} ms`)
  const { partnerships } = await createDevices({ store, clock }).list()
  assert.ok(partnerships.every(({ lastSuccessSyncAt }) => lastSuccessSyncAt === start + 1))
})
