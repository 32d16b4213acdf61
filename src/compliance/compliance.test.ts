import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type JudgingRooms,
  openedPerTest,
  type Phone,
  openJudgingRooms,
  policyOf,
  storeFile,
  told,
  until,
} from '../../test/fake/judging-rooms.ts'
import { createManualClock, day, hour } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { DeviceId } from '../devices/devices.ts'
import { transitiveGroups } from '../directory/directory.ts'
import type { CompliancePolicy } from './policy.ts'

// The room really runs here, so this also holds src/compliance/memberships.ts, src/compliance/policy-check.ts,
// src/compliance/policy-keeping.ts, src/compliance/records.ts, src/compliance/rejudge.ts, src/compliance/keeping.ts,
// src/compliance/site.ts, src/compliance/world.ts, src/compliance/hearing.ts and src/compliance/taking.ts.

const start = Date.UTC(2026, 2, 1)
const { endings, open } = openedPerTest()

async function openAt(moment: number, options: Parameters<typeof openJudgingRooms>[0] = {}) {
  const clock = createManualClock(moment)
  return { ...(await open({ clock, ...options })), clock }
}

const stateOf = async ({ compliance }: JudgingRooms, device: DeviceId, state: string) =>
  until(async () => {
    const verdict = await compliance.verdict(device)
    return verdict?.state === state ? verdict : undefined
  })

const invalid = (part: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'policy.invalid' && part.test(thrown.detail)

describe('judging devices', () => {
  it('follows the facts, and says so only when the verdict differs', async () => {
    const rooms = await open()
    const { compliance } = rooms
    await compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    const { id } = await rooms.user('alice')
    const news = await rooms.hear('compliance.changed')
    const phone = await rooms.phone(id, { passwordRequired: true })
    await stateOf(rooms, phone.device, 'compliant')
    await rooms.report(phone, { passwordRequired: false, model: 'X' })
    const { findings } = await stateOf(rooms, phone.device, 'noncompliant')
    assert.deepEqual(findings, [
      { rule: 'passwordRequired', policy: 'policy', measured: false, required: true },
    ])
    await rooms.report(phone, { passwordRequired: false, model: 'Y' })
    await rooms.report(phone, { passwordRequired: true })
    await stateOf(rooms, phone.device, 'compliant')
    const states = (await news()).map(({ body }) => (body as { state: string }).state)
    // First of all nothing was known of it.
    assert.deepEqual(states.slice(-3), ['compliant', 'noncompliant', 'compliant'])
    assert.ok(states.length <= 4)
  })

  it('a policy reaches every device at once, and none that it is not for', async () => {
    const rooms = await open()
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { passwordRequired: false })
    const laptop = await rooms.phone(id, { platform: 'windows', passwordRequired: false })
    await stateOf(rooms, phone.device, 'compliant')
    await rooms.compliance.deploy(
      [policyOf({ passwordRequired: true }, { platform: 'iOS' })],
      'test',
    )
    await stateOf(rooms, phone.device, 'noncompliant')
    await stateOf(rooms, laptop.device, 'notApplicable')
    await rooms.compliance.deploy([], 'test')
    await stateOf(rooms, phone.device, 'compliant')
  })

  it('F10 joining a group is enough, however deep it is nested', async () => {
    const rooms = await open()
    const { directory } = rooms
    const alice = await rooms.user('alice')
    const bob = await rooms.user('bob')
    const [outer, inner] = [await directory.addGroup('outer'), await directory.addGroup('inner')]
    await directory.changeMembers(outer.id, { add: [inner.id] })
    const assignedTo = [outer.id]
    await rooms.compliance.deploy([policyOf({ passwordRequired: true }, { assignedTo })], 'test')
    const phone = await rooms.phone(alice.id, { passwordRequired: false })
    const other = await rooms.phone(bob.id, { passwordRequired: false })
    await stateOf(rooms, phone.device, 'compliant')
    await directory.changeMembers(inner.id, { add: [alice.id] })
    await stateOf(rooms, phone.device, 'noncompliant')
    await directory.changeMembers(inner.id, { add: [bob.id], remove: [alice.id] })
    await stateOf(rooms, other.device, 'noncompliant')
    await stateOf(rooms, phone.device, 'compliant')
  })

  it('F10 however quickly users join and leave, the last verdict on each is that of now', async () => {
    const rooms = await open()
    const { directory, compliance } = rooms
    const users = [await rooms.user('alice'), await rooms.user('bob')]
    const [outer, inner] = [await directory.addGroup('outer'), await directory.addGroup('inner')]
    const assignedTo = [outer.id]
    await compliance.deploy([policyOf({ passwordRequired: true }, { assignedTo })], 'test')
    const phones: Phone[] = []
    for (const { id } of users) phones.push(await rooms.phone(id, { passwordRequired: false }))
    for (let turn = 0; turn < 40; turn += 1) {
      const members = [inner.id, ...users.map(({ id }) => id)]
      const one = members[turn % 3] ?? inner.id
      const group = one === inner.id ? outer.id : inner.id
      await directory.changeMembers(group, turn % 2 === 0 ? { add: [one] } : { remove: [one] })
      // Somebody looks in between, and somebody does not.
      const looking = phones[turn % 5]
      if (looking) void compliance.check(looking.device).catch(() => {})
    }
    const groups = transitiveGroups(await directory.everybody())
    for (const { user, device } of phones) {
      const isIn = groups.get(user)?.has(outer.id) ?? false
      await stateOf(rooms, device, isIn ? 'noncompliant' : 'compliant')
    }
  })

  it('F15 grace ends by itself, by an alarm', async () => {
    const rooms = await openAt(start)
    await rooms.compliance.deploy(
      [policyOf({ passwordRequired: true }, { gracePeriodHours: 24 })],
      'test',
    )
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { passwordRequired: false })
    const { graceUntil } = await stateOf(rooms, phone.device, 'inGracePeriod')
    assert.equal(graceUntil, start + day)
    rooms.clock.advance(day)
    await stateOf(rooms, phone.device, 'noncompliant')
  })

  it('F13 a device that falls silent is noncompliant at its hour, and not if it reported meanwhile', async () => {
    const rooms = await openAt(start)
    await rooms.compliance.deploy([policyOf({ maximumReportAgeHours: 24 })], 'test')
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { model: 'X' })
    await stateOf(rooms, phone.device, 'compliant')
    rooms.clock.advance(23 * hour)
    await rooms.report(phone, { model: 'X' })
    rooms.clock.advance(2 * hour)
    const again = await until(async () => {
      const verdict = await rooms.compliance.verdict(phone.device)
      return verdict?.recheckAt === start + 47 * hour ? verdict : undefined
    })
    assert.equal(again.state, 'compliant')
    rooms.clock.advance(22 * hour)
    await stateOf(rooms, phone.device, 'noncompliant')
    await rooms.report(phone, { model: 'X' })
    await stateOf(rooms, phone.device, 'compliant')
  })

  it('F11 Check judges at once and tells when', async () => {
    const rooms = await openAt(start)
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { passwordRequired: false })
    await stateOf(rooms, phone.device, 'compliant')
    rooms.clock.advance(hour)
    const checked = await rooms.compliance.check(phone.device)
    assert.equal(checked.judgedAt, start + hour)
    assert.deepEqual(await rooms.compliance.verdict(phone.device), checked)
    await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    assert.equal((await rooms.compliance.check(phone.device)).state, 'noncompliant')
    await assert.rejects(rooms.compliance.check(`dev_${'0'.repeat(26)}`), { code: 'not.found' })
  })

  it('F03 a device that turns noncompliant leaves one event, where the policy wants it', async () => {
    const rooms = await open()
    const severe = policyOf({ passwordRequired: true }, { severity: 'criticalWithEvent' })
    const mild = policyOf(
      { storageRequireEncryption: true },
      { name: 'mild', severity: 'critical' },
    )
    await rooms.compliance.deploy([severe, mild], 'test')
    assert.deepEqual(await rooms.compliance.policies(), [severe, mild])
    const news = await rooms.hear('compliance.event')
    const { id } = await rooms.user('alice')
    const good = { passwordRequired: true, storageEncrypted: true, platform: 'android' } as const
    const phone = await rooms.phone(id, good)
    await stateOf(rooms, phone.device, 'compliant')
    await rooms.report(phone, { storageEncrypted: false })
    await stateOf(rooms, phone.device, 'noncompliant')
    assert.deepEqual(await news(), [])
    for (const model of ['X', 'Y']) await rooms.report(phone, { passwordRequired: false, model })
    await until(async () => (await rooms.compliance.verdict(phone.device))?.findings.length === 2)
    await rooms.report(phone, good)
    await stateOf(rooms, phone.device, 'compliant')
    await rooms.report(phone, { passwordRequired: false })
    await stateOf(rooms, phone.device, 'noncompliant')
    const event = { device: phone.device, policies: ['policy'] }
    assert.deepEqual(
      (await news()).map(({ body }) => body),
      [event, event],
    )
  })

  it('F09 what management forces is remediated, what nobody forces counts', async () => {
    const rooms = await open()
    await rooms.compliance.deploy(
      [policyOf({ passwordRequired: true }, { platform: 'iOS' })],
      'test',
    )
    const { id: owner } = await rooms.user('alice')
    const states: [string, string | undefined][] = []
    for (const channel of ['apple', 'report', 'portal']) {
      const facts = told({ platform: 'iOS', passwordRequired: false }, 1)
      const device = await rooms.devices.enroll({ owner, name: 'phone', channel, facts })
      states.push([channel, (await rooms.compliance.check(device)).state])
    }
    assert.deepEqual(states, [
      ['apple', 'compliant'],
      ['report', 'noncompliant'],
      ['portal', 'noncompliant'],
    ])
  })

  it('tells in detail what led to a verdict, and saves nothing', async () => {
    const rooms = await openAt(start)
    const named = (name: string, passwordMinimumLength: number) =>
      policyOf({ passwordMinimumLength }, { name })
    await rooms.compliance.deploy([named('A', 6), named('B', 8)], 'test')
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { platform: 'android', passwordMinimumLength: 7 })
    const saved = await stateOf(rooms, phone.device, 'noncompliant')
    const { conflicts, policies } = await rooms.compliance.detail(phone.device)
    assert.equal(conflicts[0]?.effective, 8)
    assert.deepEqual(
      policies.flatMap(({ settings }) => settings.map(({ state }) => state)),
      ['compliant', 'noncompliant'],
    )
    assert.deepEqual(await rooms.compliance.verdict(phone.device), saved)
    await rooms.devices.retire(phone.device)
    await assert.rejects(rooms.compliance.detail(phone.device), { code: 'not.found' })
  })

  it('a retired device has no verdict any more', async () => {
    const rooms = await open()
    const { id } = await rooms.user('alice')
    const phone = await rooms.phone(id, { passwordRequired: false })
    await stateOf(rooms, phone.device, 'compliant')
    const news = await rooms.hear('compliance.changed')
    await rooms.devices.retire(phone.device)
    await until(async () => (await rooms.compliance.verdict(phone.device)) === undefined)
    assert.deepEqual(
      (await news()).map(({ body }) => body),
      [{ device: phone.device, state: 'unknown', was: 'compliant' }],
    )
  })

  it('F12 the switch for devices without a policy reaches those judged before', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const before = await openJudgingRooms({ url })
    const { id } = await before.user('alice')
    const phone = await before.phone(id, { model: 'X' })
    await stateOf(before, phone.device, 'compliant')
    await before.stop()
    const after = await open({ url, site: { secureByDefault: true } })
    const { findings } = await stateOf(after, phone.device, 'noncompliant')
    assert.equal(findings[0]?.rule, 'policyAssigned')
  })

  it('F12 F13 the site decides at any time, for every device, and it is kept', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const clock = createManualClock(start)
    const before = await openJudgingRooms({ url, clock })
    const { id } = await before.user('alice')
    const phone = await before.phone(id, { model: 'X' })
    await stateOf(before, phone.device, 'compliant')
    const { site } = before.compliance
    assert.equal((await site.current()).checkinThresholdDays, 30)
    await site.change({ secureByDefault: true }, 'test')
    await stateOf(before, phone.device, 'noncompliant')
    await site.change({ secureByDefault: false, checkinThresholdDays: 1 }, 'test')
    await stateOf(before, phone.device, 'compliant')
    for (const days of [0, 121, 1.5, Number.NaN])
      await assert.rejects(site.change({ checkinThresholdDays: days }, 'test'), invalid(/1 to 120/))
    await before.stop()
    clock.advance(day)
    const after = await open({ url, clock })
    assert.equal((await after.compliance.site.current()).checkinThresholdDays, 1)
    const { findings } = await stateOf(after, phone.device, 'noncompliant')
    assert.equal(findings[0]?.rule, 'isActive')
  })

  it('what was reported while nobody judged is judged after a restart', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const before = await openJudgingRooms({ url })
    await before.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    const { id } = await before.user('alice')
    const phone = await before.phone(id, { passwordRequired: true })
    await stateOf(before, phone.device, 'compliant')
    await before.access.stop()
    await before.compliance.stop()
    await before.report(phone, { passwordRequired: false })
    assert.equal((await before.compliance.verdict(phone.device))?.state, 'compliant')
    await before.devices.stop()
    await before.store.stop()
    const after = await open({ url })
    await stateOf(after, phone.device, 'noncompliant')
  })
})

describe('deploying policies', () => {
  it('F01 a name has at most 256 characters and is there once', async () => {
    const { compliance } = await open()
    const named = (name: string) => policyOf({}, { name })
    await compliance.deploy([named('n'.repeat(256))], 'test')
    await assert.rejects(compliance.deploy([named('n'.repeat(257))], 'test'), invalid(/name/))
    await assert.rejects(compliance.deploy([named('')], 'test'), invalid(/name/))
    await assert.rejects(compliance.deploy([named('A'), named('a')], 'test'), invalid(/two/))
    assert.deepEqual(await compliance.policies(), [named('n'.repeat(256))])
  })

  it('comes back as it was given, in its order', async () => {
    const rooms = await open()
    const { id } = await rooms.directory.addGroup('staff')
    const policies = [
      policyOf(
        { osMinimumVersion: '17.4', maximumReportAgeHours: 24 },
        { name: 'z', description: 'd' },
      ),
      policyOf({ passwordRequired: true }, { name: 'a', assignedTo: [id], excluded: [id] }),
    ]
    await rooms.compliance.deploy(policies, 'test')
    assert.deepEqual(await rooms.compliance.policies(), policies)
  })

  it('refuses what it does not understand, all or nothing', async () => {
    const { compliance } = await open()
    const good = policyOf({ passwordRequired: true }, { name: 'good' })
    await compliance.deploy([good], 'test')
    const bad: [unknown, RegExp][] = [
      [{ ...good, settings: { pasword: true } }, /settings/],
      [{ ...good, settings: { osMinimumVersion: 'newest' } }, /osMinimumVersion/],
      [{ ...good, settings: { osMinimumVersion: '17,4' } }, /osMinimumVersion/],
      [{ ...good, settings: { maximumReportAgeHours: 0 } }, /maximumReportAgeHours/],
      [{ ...good, platform: 'amiga' }, /platform/],
      [{ ...good, gracePeriodHours: -1 }, /gracePeriodHours/],
      [{ ...good, gracePeriodHours: 8761 }, /gracePeriodHours/],
      [{ ...good, notReported: 'maybe' }, /notReported/],
      [{ ...good, assignedTo: ['grp_nobody'] }, /no group grp_nobody/],
      [{ ...good, excluded: ['staff'] }, /excluded/],
      [{ ...good, extra: 1 }, /extra|nrecognized/],
    ]
    for (const [policy, part] of bad) {
      const set = [policyOf({}, { name: 'first' }), policy as CompliancePolicy]
      await assert.rejects(compliance.deploy(set, 'test'), invalid(part))
    }
    assert.deepEqual(await compliance.policies(), [good])
  })
})
