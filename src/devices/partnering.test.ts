import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { limits } from '../base/limits.ts'
import {
  alice,
  bob,
  closeAll,
  draft,
  fact,
  failsWith,
  fileUrl,
  openDevices,
  phone,
  start,
  until,
} from '../../test/worlds/devices.ts'

afterEach(closeAll)

describe('a client', () => {
  test('starts one partnership, found again in any case and kept as first spelled', async () => {
    const { devices, news } = await openDevices()
    const started = await devices.partner(alice, phone)
    assert.match(started.id, /^prt_/)
    assert.deepEqual(started, {
      id: started.id,
      user: alice,
      eas: phone,
      firstSeenAt: start,
      lastSeenAt: start,
      facts: { platform: fact('iOS', 'claimed') },
    })
    for (const deviceId of [phone.deviceId, 'APPLC39GQ8NNDTDL', 'applc39gq8nndtdl'])
      assert.deepEqual(await devices.partner(alice, { ...phone, deviceId }), started)
    assert.deepEqual(await devices.find(started.id), started)
    const other = await devices.partner(bob, phone)
    assert.notEqual(other.id, started.id)
    assert.deepEqual(await news(), [
      ['partnership.started', { partnership: started.id, user: alice }],
      ['partnership.started', { partnership: other.id, user: bob }],
    ])
  })

  test('that comes with twenty requests at once starts one', async () => {
    const { devices, news } = await openDevices()
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        devices.partner(alice, n % 2 ? phone : { ...phone, deviceId: 'applc39gq8nndtdl' }),
      ),
    )
    assert.equal(new Set(found.map(({ id }) => id)).size, 1)
    assert.equal((await news()).length, 1)
  })

  test('with a new user agent or type is heard of; with a new version it is only kept', async () => {
    const { devices, news } = await openDevices()
    const { id } = await devices.partner(alice, phone)
    await news()
    const version = { ...phone, protocolVersion: '14.1' }
    assert.deepEqual((await devices.partner(alice, version)).eas, version)
    assert.deepEqual(await news(), [])
    const updated = { ...version, userAgent: 'Android-Mail/2024.1', deviceType: 'Android' }
    const changed = await Promise.all([1, 2, 3].map(() => devices.partner(alice, updated)))
    for (const one of changed) {
      assert.deepEqual(one.eas, updated)
      assert.equal(one.facts.platform?.value, 'android')
    }
    assert.deepEqual(await news(), [['partnership.changed', { partnership: id, user: alice }]])
    assert.deepEqual((await devices.find(id))?.eas, updated)
  })

  test('that leaves its user agent out keeps the known one', async () => {
    const { devices, news } = await openDevices()
    await devices.partner(alice, phone)
    await news()
    const silent = { ...phone, userAgent: '', protocolVersion: '' }
    assert.deepEqual((await devices.partner(alice, silent)).eas, phone)
    assert.deepEqual(await news(), [])
  })

  test('with a DeviceId of garbage is refused; a long user agent is cut and then known', async () => {
    const { devices, news } = await openDevices()
    for (const deviceId of ['', 'a b', 'a\r\nb', 'é', 'x'.repeat(129)])
      await assert.rejects(
        devices.partner(alice, { ...phone, deviceId }),
        failsWith('request.malformed'),
      )
    assert.deepEqual(await news(), [])
    const long = { ...phone, userAgent: `\u0000${'x'.repeat(100_000)}` }
    const { id, eas } = await devices.partner(alice, long)
    assert.equal(eas.userAgent, 'x'.repeat(limits.factChars.value))
    assert.equal((await devices.partner(alice, long)).id, id)
    assert.equal((await news()).length, 1)
  })

  test('past the cap is refused, also when a hundred come at once; others are served', async () => {
    const { devices } = await openDevices()
    const { value: cap } = limits.easDevicesPerUser
    const answers = await Promise.allSettled(
      Array.from({ length: cap + 25 }, (_, n) =>
        devices.partner(alice, { ...phone, deviceId: `D${n}` }),
      ),
    )
    const refused = answers.filter((answer) => answer.status === 'rejected')
    assert.equal(refused.length, 25)
    for (const { reason } of refused) assert.ok(failsWith('limit.exceeded')(reason))
    const { partnerships } = await devices.list({ user: alice })
    assert.equal(partnerships.length, cap)
    const [first] = partnerships
    assert.ok(first)
    assert.equal((await devices.partner(alice, first.eas)).id, first.id, 'a known one is served')
    await devices.partner(bob, phone)
    await devices.forget(first.id)
    await devices.partner(alice, { ...phone, deviceId: 'new' })
  })

  test('that was forgotten is new next time', async () => {
    const { devices, news } = await openDevices()
    const { id } = await devices.partner(alice, phone)
    devices.seen(id, start + 5, true)
    await devices.forget(id)
    assert.equal(await devices.find(id), undefined)
    await assert.rejects(devices.forget(id), failsWith('not.found'))
    const again = await devices.partner(alice, phone)
    assert.notEqual(again.id, id)
    assert.deepEqual(
      (await news()).map(([kind]) => kind),
      ['partnership.started', 'partnership.removed', 'partnership.started'],
    )
  })
})

describe('two nodes on one file', () => {
  test('start one partnership for the same new client', async () => {
    const url = fileUrl()
    const one = await openDevices(url)
    const two = await openDevices(url)
    for (let round = 0; round < 10; round++) {
      const eas = { ...phone, deviceId: `T${round}` }
      const found = await Promise.all(
        [one, two, one, two].map(({ devices }) => devices.partner(alice, eas)),
      )
      assert.equal(new Set(found.map(({ id }) => id)).size, 1)
    }
    assert.equal((await one.devices.list()).partnerships.length, 10)
  })

  test('share the cap', async () => {
    const url = fileUrl()
    const one = await openDevices(url)
    const two = await openDevices(url)
    const answers = await Promise.allSettled(
      Array.from({ length: limits.easDevicesPerUser.value + 10 }, (_, n) =>
        (n % 2 ? one : two).devices.partner(alice, { ...phone, deviceId: `C${n}` }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 'rejected').length, 10)
  })

  test('hear of each other: what one knows in memory follows what the other changes', async () => {
    const url = fileUrl()
    const one = await openDevices(url)
    const two = await openDevices(url)
    const { id } = await one.devices.partner(alice, phone)
    await one.devices.partner(alice, phone)
    const device = await two.devices.enroll(draft(alice))
    const deviceOnOne = async () => (await one.devices.partner(alice, phone)).device
    await two.devices.activate(id, device)
    await until(async () => (await deviceOnOne()) === device)
    await two.devices.retire(device)
    await until(async () => (await deviceOnOne()) === undefined)
    await two.devices.forget(id)
    await until(async () => (await one.devices.partner(alice, phone)).id !== id)
  })

  test('a change on a forgotten partnership starts a new one instead of failing', async () => {
    const url = fileUrl()
    const one = await openDevices(url)
    const two = await openDevices(url)
    const { id } = await one.devices.partner(alice, phone)
    await two.devices.forget(id)
    const again = await one.devices.partner(alice, { ...phone, userAgent: 'other' })
    assert.notEqual(again.id, id)
    assert.equal((await two.devices.list()).partnerships.length, 1)
  })
})
