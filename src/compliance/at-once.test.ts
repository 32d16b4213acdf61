import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type JudgingRooms,
  openedPerTest,
  type Phone,
  policyOf,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { Failure } from '../base/failures.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { ComplianceTables } from './migrations.ts'

// This also holds src/compliance/judging.ts, src/compliance/following.ts,
// src/devices/observing.ts and src/devices/observation.ts. Nodes beside each other: test/contract/at-once.test.ts.

const { endings, open } = openedPerTest()

async function openWithPhones(count: number, log: Log = silentLog) {
  const { url, remove } = storeFile()
  endings.push(remove)
  const rooms = await open({ url, log })
  await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
  const { id } = await rooms.user('alice')
  const phones: Phone[] = []
  for (let n = 0; n < count; n++) phones.push(await rooms.phone(id, { passwordRequired: true }))
  return { rooms, phones }
}

const stateOf = async ({ compliance }: JudgingRooms, { device }: Phone) =>
  (await compliance.verdict(device))?.state

/** Makes the saved verdict on a device unreadable, so that to judge it anew throws; returns what heals it. */
async function spoil({ store }: JudgingRooms, { device }: Phone): Promise<() => Promise<void>> {
  const write = async (document: string) => {
    const tables = store.db.withTables<ComplianceTables>()
    await tables
      .updateTable('compliance_verdict')
      .set({ document })
      .where('device', '=', device)
      .execute()
  }
  const { document } = await store.db
    .withTables<ComplianceTables>()
    .selectFrom('compliance_verdict')
    .select('document')
    .where('device', '=', device)
    .executeTakeFirstOrThrow()
  await write('{')
  return () => write(document)
}

describe('a report and its verdict', () => {
  it('are there together once the report was taken', async () => {
    const { rooms, phones } = await openWithPhones(1)
    const [phone = assert.fail()] = phones
    for (const passwordRequired of [false, true, false]) {
      await rooms.report(phone, { passwordRequired })
      const state = passwordRequired ? 'compliant' : 'noncompliant'
      assert.equal(await stateOf(rooms, phone), state)
    }
  })

  it('are there together also where an EAS client told what its device then believes', async () => {
    const { rooms, phones } = await openWithPhones(1)
    const [phone = assert.fail()] = phones
    await rooms.compliance.deploy([policyOf({ osMinimumVersion: '17' })], 'test')
    const told = (value: string) => ({
      osVersion: { value, trust: 'claimed', source: 'eas', at: rooms.clock.now() } as const,
    })
    await rooms.devices.observe(phone.partnership, told('16.1'), true)
    assert.equal(await stateOf(rooms, phone), 'noncompliant')
    await rooms.devices.observe(phone.partnership, told('17.2'), true)
    assert.equal(await stateOf(rooms, phone), 'compliant')
  })

  it('rest on the policies and groups of that very moment', async () => {
    const { rooms, phones } = await openWithPhones(1)
    const [phone = assert.fail()] = phones
    const { id: group } = await rooms.directory.addGroup('staff')
    for (const needed of [true, false, true]) {
      const policy = policyOf({ passwordRequired: true }, needed ? {} : { platform: 'windows' })
      await rooms.compliance.deploy([policy], 'test')
      await rooms.report(phone, { passwordRequired: false })
      assert.equal(await stateOf(rooms, phone), needed ? 'noncompliant' : 'notApplicable')
    }
    const staff = policyOf({ passwordRequired: true }, { assignedTo: [group] })
    await rooms.compliance.deploy([staff], 'test')
    for (const member of [true, false, true]) {
      const change = { [member ? 'add' : 'remove']: [phone.user] }
      await rooms.directory.changeMembers(group, change)
      await rooms.report(phone, { passwordRequired: false })
      assert.equal(await stateOf(rooms, phone), member ? 'noncompliant' : 'compliant')
    }
  })

  it('are told in one go, and reports that come together are written together', async () => {
    const { rooms, phones } = await openWithPhones(4)
    const news = await rooms.hear('device.observed', 'compliance.changed')
    await Promise.all(phones.map((phone) => rooms.report(phone, { passwordRequired: false })))
    const states = await Promise.all(phones.map((phone) => stateOf(rooms, phone)))
    assert.deepEqual(new Set(states), new Set(['noncompliant']))
    const kinds = (await news()).map(({ kind }) => kind.replace(/^.*\./, ''))
    // The first one goes at once, and the others together when it is written.
    assert.deepEqual(kinds, [
      'observed',
      'changed',
      'observed',
      'observed',
      'observed',
      'changed',
      'changed',
      'changed',
    ])
  })

  it('a report that is refused takes none of the others with it', async () => {
    const { rooms, phones } = await openWithPhones(4)
    const [, , sold = assert.fail()] = phones
    await rooms.devices.retire(sold.device)
    const reports = phones.map((phone) => rooms.report(phone, { passwordRequired: false }))
    const ends = await Promise.allSettled(reports)
    assert.deepEqual(
      ends.map(
        (end) => end.status === 'rejected' && end.reason instanceof Failure && end.reason.code,
      ),
      [false, false, 'enrollment.refused', false],
    )
    for (const phone of phones)
      if (phone !== sold) assert.equal(await stateOf(rooms, phone), 'noncompliant')
  })

  it('a judge that throws loses no report, and the follower judges when it can', async () => {
    const logged: string[] = []
    const log: Log = {
      ...silentLog,
      error: (event, thrown) => {
        logged.push(event)
        return silentLog.error(event, thrown)
      },
    }
    const { rooms, phones } = await openWithPhones(3, log)
    const [, spoilt = assert.fail()] = phones
    const heal = await spoil(rooms, spoilt)
    await Promise.all(phones.map((phone) => rooms.report(phone, { passwordRequired: false })))
    assert.ok(logged.includes('compliance.unjudged'))
    for (const phone of phones) {
      const device = await rooms.devices.find(phone.device)
      assert.equal(device?.facts.passwordRequired?.value, false)
      if (phone !== spoilt) assert.equal(await stateOf(rooms, phone), 'noncompliant')
    }
    await heal()
    await until(async () => (await stateOf(rooms, spoilt)) === 'noncompliant')
  })

  it('policies that cannot be read lose no report either', async () => {
    const { rooms, phones } = await openWithPhones(1)
    const [phone = assert.fail()] = phones
    const { store } = rooms
    const write = (document: string) =>
      store.transact(async (tx) => {
        await tx
          .withTables<ComplianceTables>()
          .updateTable('compliance_policy')
          .set({ document })
          .execute()
        await store.journal.append(tx, 'compliance.policies', {})
      })
    await write('{}')
    await rooms.report(phone, { passwordRequired: false })
    assert.equal((await rooms.devices.find(phone.device))?.facts.passwordRequired?.value, false)
    assert.equal(await stateOf(rooms, phone), 'compliant')
    await write(JSON.stringify(policyOf({ passwordRequired: true })))
    await until(async () => (await stateOf(rooms, phone)) === 'noncompliant')
  })
})
