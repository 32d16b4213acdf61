import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { hour, minute } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { UserId } from '../directory/directory.ts'
import {
  alice,
  bob,
  closeAll,
  draft,
  fact,
  failsWith,
  fileUrl,
  nobody,
  openDevices,
  phone,
  start,
} from '../../test/worlds/devices.ts'
import type { DeviceId } from './devices.ts'
import type { Facts } from './facts.ts'

afterEach(closeAll)

describe('a device', () => {
  test('is enrolled with bounded facts, and heard of', async () => {
    const { devices, news } = await openDevices()
    const id = await devices.enroll({
      ...draft(alice, { osVersion: fact('18.1', 'managed', start + hour) }),
      name: ' Alice\u0000 phone ',
      ownership: 'company',
    })
    assert.deepEqual(await devices.find(id), {
      id,
      owner: alice,
      ownership: 'company',
      name: 'Alice  phone',
      channel: 'portal',
      registration: 'registered',
      enrolledAt: start,
      lastReportAt: start,
      facts: { osVersion: fact('18.1') },
    })
    const plain = await devices.find(await devices.enroll(draft(bob)))
    assert.equal(plain?.ownership, 'personal')
    assert.equal(plain?.lastReportAt, undefined)
    await assert.rejects(
      devices.enroll({ ...draft(alice), name: '\t' }),
      failsWith('request.malformed'),
    )
    assert.equal((await news()).filter(([kind]) => kind === 'device.enrolled').length, 2)
  })

  test('reports: each report is heard of, other news only when a value or its trust changed', async () => {
    const { devices, clock, news } = await openDevices()
    const id = await devices.enroll(draft(alice))
    await news()
    const heard = [['device.observed', { device: id }]]
    const tell = async (facts: Facts, reported: boolean) => {
      clock.advance(minute)
      await devices.observe(id, facts, reported)
      return await news()
    }
    const now = () => clock.now() + minute
    assert.deepEqual(await tell({ jailbroken: fact(false, 'managed', now()) }, true), heard)
    assert.equal((await devices.find(id))?.lastReportAt, clock.now())
    assert.deepEqual(await tell({ jailbroken: fact(false, 'managed', now()) }, true), heard)
    assert.deepEqual(await tell({ jailbroken: fact(false, 'managed', now()) }, false), [])
    assert.equal((await devices.find(id))?.lastReportAt, clock.now() - minute)
    assert.equal((await devices.find(id))?.facts.jailbroken?.at, clock.now())
    assert.deepEqual(await tell({ jailbroken: fact(true, 'claimed', now()) }, false), [])
    assert.deepEqual(await tell({ jailbroken: fact(true, 'managed', now()) }, false), heard)
    assert.equal((await devices.find(id))?.facts.jailbroken?.value, true)
  })

  test('that is retired stays retired, is told so, and again is harmless', async () => {
    const { devices, clock, news } = await openDevices()
    const id = await devices.enroll(draft(alice))
    const { id: partnership } = await devices.partner(alice, phone)
    await devices.activate(partnership, id)
    await news()
    clock.advance(minute)
    await devices.retire(id)
    await devices.retire(id)
    const found = await devices.find(id)
    assert.equal(found?.registration, 'revoked')
    assert.equal(found?.retiredAt, start + minute)
    const after = await devices.partner(alice, phone)
    assert.equal(after.device, undefined)
    assert.equal(after.activatedAt, undefined)
    assert.deepEqual(await news(), [
      ['device.retired', { device: id }],
      ['partnership.changed', { partnership, user: alice }],
    ])
    const refused = failsWith('enrollment.refused')
    await assert.rejects(devices.observe(id, { jailbroken: fact(false) }, true), refused)
    await assert.rejects(devices.activate(partnership, id), failsWith('not.found'))
    assert.deepEqual(await news(), [])
  })

  test('of an unknown id is not found', async () => {
    const { devices, news } = await openDevices()
    const missing = failsWith('not.found')
    const { id } = await devices.partner(alice, phone)
    await news()
    assert.equal(await devices.find(nobody.device), undefined)
    assert.equal(await devices.find(nobody.partnership), undefined)
    await assert.rejects(devices.observe(nobody.device, {}, true), missing)
    await assert.rejects(devices.observe(nobody.partnership, {}, true), missing)
    await assert.rejects(devices.retire(nobody.device), missing)
    await assert.rejects(devices.activate(id, nobody.device), missing)
    await assert.rejects(devices.activate(nobody.partnership, nobody.device), missing)
    devices.seen(nobody.partnership, start, true)
    assert.deepEqual(await news(), [])
  })

  test('past the cap of its owner is refused; retired ones do not count', async () => {
    const { devices } = await openDevices()
    const ids: DeviceId[] = []
    for (let n = 0; n < limits.devicesPerUser.value; n++)
      ids.push(await devices.enroll(draft(alice)))
    await assert.rejects(devices.enroll(draft(alice)), failsWith('limit.exceeded'))
    await devices.enroll(draft(bob))
    const [first] = ids
    assert.ok(first)
    await devices.retire(first)
    await devices.enroll(draft(alice))
  })
})

describe('activation', () => {
  test('binds, carries the facts and the last report of the client over, and is heard of', async () => {
    const { devices, clock, news } = await openDevices()
    const told = { osVersion: fact('18.1', 'claimed'), model: fact('iPhone15C4', 'claimed') }
    const { id } = await devices.partner(alice, phone)
    await devices.observe(id, told, true)
    const device = await devices.enroll(draft(alice, { osVersion: fact('17.0') }))
    await news()
    clock.advance(hour)
    await devices.activate(id, device)
    const bound = await devices.partner(alice, phone)
    assert.equal(bound.device, device)
    assert.equal(bound.activatedAt, start + hour)
    const found = await devices.find(device)
    assert.deepEqual(found?.facts, {
      platform: fact('iOS', 'claimed'),
      model: told.model,
      osVersion: fact('17.0'),
    })
    assert.equal(found?.lastReportAt, start)
    assert.deepEqual(await news(), [
      ['partnership.activated', { partnership: id, user: alice, device }],
      ['device.observed', { device }],
    ])
    await devices.activate(id, device)
    assert.deepEqual(await news(), [], 'again is harmless')
  })

  test('a client that tells something new tells it of its device too, as a claim', async () => {
    const { devices, clock, news } = await openDevices()
    const { id } = await devices.partner(alice, phone)
    const device = await devices.enroll(draft(alice, { storageEncrypted: fact(true) }))
    await devices.activate(id, device)
    await news()
    clock.advance(hour)
    const at = start + hour
    await devices.observe(
      id,
      {
        storageEncrypted: fact(false, 'claimed', at),
        passwordRequired: fact(true, 'attested', at),
      },
      true,
    )
    const { facts, lastReportAt } = (await devices.find(device)) ?? {}
    assert.deepEqual(facts?.storageEncrypted, fact(true))
    assert.equal(facts?.passwordRequired?.trust, 'claimed', 'a password alone proves no more')
    assert.equal(lastReportAt, at)
    assert.deepEqual(await news(), [
      ['partnership.changed', { partnership: id, user: alice, device }],
      ['device.observed', { device }],
    ])
    clock.advance(hour)
    await devices.partner(alice, phone)
    await devices.observe(id, { passwordRequired: fact(true, 'claimed', at + hour) }, false)
    assert.deepEqual(await news(), [])
    const seen = await devices.partner(alice, phone)
    assert.equal(seen.facts.passwordRequired?.at, at + hour, 'memory follows what was told')
  })

  test('moves to another device of the same user, and is refused for one of another', async () => {
    const { devices } = await openDevices()
    const { id } = await devices.partner(alice, phone)
    const first = await devices.enroll(draft(alice))
    const second = await devices.enroll(draft(alice))
    const strange = await devices.enroll(draft(bob))
    await devices.activate(id, first)
    await devices.activate(id, second)
    assert.equal((await devices.find(id))?.device, second)
    await assert.rejects(devices.activate(id, strange), failsWith('permission.denied'))
    assert.equal((await devices.find(id))?.device, second)
    await devices.retire(first)
    assert.equal((await devices.find(id))?.device, second, 'the old device takes nothing with it')
  })

  test('an EAS DeviceId is bound by one user: of two at once one wins, and retiring frees it', async () => {
    const { devices } = await openDevices()
    const users = [alice, bob] as const
    const sides = await Promise.all(
      users.map(async (user) => ({
        partnership: (await devices.partner(user, phone)).id,
        device: await devices.enroll(draft(user)),
      })),
    )
    const answers = await Promise.allSettled(
      sides.map(({ partnership, device }) => devices.activate(partnership, device)),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const loser = answers.findIndex(({ status }) => status === 'rejected')
    const [lost, won] = loser === 0 ? sides : [...sides].reverse()
    assert.ok(lost && won)
    const denied = failsWith('permission.denied')
    await assert.rejects(devices.activate(lost.partnership, lost.device), denied)
    await devices.retire(won.device)
    await devices.activate(lost.partnership, lost.device)
    await assert.rejects(devices.activate(won.partnership, won.device), failsWith('not.found'))
  })

  test('racing a retirement never leaves a client bound to a retired device', async () => {
    const { devices } = await openDevices()
    for (let round = 0; round < 20; round++) {
      const eas = { ...phone, deviceId: `R${round}` }
      const { id } = await devices.partner(alice, eas)
      const device = await devices.enroll(draft(alice))
      const race = [devices.activate(id, device), devices.retire(device)]
      await Promise.allSettled(round % 2 ? race : race.reverse())
      assert.equal((await devices.find(device))?.registration, 'revoked')
      assert.equal((await devices.find(id))?.device, undefined)
      assert.equal((await devices.partner(alice, eas)).device, undefined)
    }
  })

  test('racing with forgetting leaves nothing bound', async () => {
    const { devices } = await openDevices()
    for (let round = 0; round < 10; round++) {
      const { id } = await devices.partner(alice, phone)
      const device = await devices.enroll(draft(alice))
      await Promise.allSettled([devices.forget(id), devices.activate(id, device)])
      assert.deepEqual((await devices.list({ device })).partnerships, [])
      // Nothing holds the DeviceId back for its next owner.
      const next = await devices.partner(bob, phone)
      await devices.activate(next.id, await devices.enroll(draft(bob)))
      await devices.forget(next.id)
    }
  })
})

test('a list is filtered by user and by device', async () => {
  const { devices } = await openDevices()
  const one = await devices.partner(alice, phone)
  const two = await devices.partner(alice, { ...phone, deviceId: 'D2' })
  const other = await devices.partner(bob, phone)
  const device = await devices.enroll(draft(alice))
  const strange = await devices.enroll(draft(bob))
  await devices.activate(two.id, device)
  const idsOf = async (filter?: { user?: UserId; device?: DeviceId }) => {
    const listed = await devices.list(filter)
    return [...listed.devices, ...listed.partnerships].map(({ id }) => id).sort()
  }
  assert.deepEqual(await idsOf(), [device, strange, one.id, two.id, other.id].sort())
  assert.deepEqual(await idsOf({ user: alice }), [device, one.id, two.id].sort())
  assert.deepEqual(await idsOf({ device }), [device, two.id].sort())
  assert.deepEqual(await idsOf({ user: bob, device }), [])
})

test('on a file: all that was acknowledged is there after a restart', async () => {
  const url = fileUrl()
  const before = await openDevices(url)
  const { id } = await before.devices.partner(alice, phone)
  const device = await before.devices.enroll(draft(alice, { osVersion: fact('18.1') }))
  await before.devices.activate(id, device)
  before.devices.seen(id, start + 500, true)
  const expected = await before.devices.list()
  await before.devices.stop()
  await before.store.stop()
  const after = await openDevices(url)
  assert.deepEqual(await after.devices.list(), expected)
  assert.deepEqual(await after.devices.partner(alice, phone), expected.partnerships[0])
})
