import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type DeviceAsk, provisionDocument } from '../../src/phone/documents.ts'
import type { EasSeen } from '../../src/phone/line.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import type { EasVersion } from '../../src/wire/eas/version.ts'
import { Provision, Settings } from '../../src/wire/wbxml/tokens.ts'
import { childrenOf, find, textOf } from '../../src/wire/wbxml/wbxml.ts'
import { openFront, organization, setUp, subjects } from './front.ts'
import { type RealSogo, startSogo } from './sogo.ts'

const policyType = 'MS-EAS-Provisioning-WBXML'

const device: DeviceAsk = {
  model: 'SM-M215F',
  os: 'Android 14',
  imei: '356938035643809',
  friendlyName: 'Pocket phone',
  userAgent: 'Android-Mail/2024.11.03',
}

describe('EAS acceptance over SOGo: provisioning', () => {
  let sogo: RealSogo
  before(async () => {
    sogo = await startSogo()
  })
  after(() => sogo?.stop())

  test('4: the first Provision gives policy and temporary key; the inventory shows the device', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const phone = front.house.phone('alice', 'First4', { userAgent: 'Android-Mail/2024.11.03' })
    const { seen, key } = await begin(phone, device)
    assert.equal(seen.http, 200)
    assert.ok(seen.root)
    // MS-ASPROV R534: in this order.
    assert.deepEqual(
      childrenOf(seen.root).map(({ tag }) => tag),
      [Settings.DeviceInformation, Provision.Status, Provision.Policies],
    )
    assert.equal(textOf(seen.root, Settings.DeviceInformation, Settings.Status), '1')
    assert.equal(textOf(seen.root, Provision.Status), '1')
    assert.equal(policy(seen, Provision.PolicyType), policyType)
    assert.equal(policy(seen, Provision.Status), '1')
    assert.match(key, /^[1-9]\d{0,9}$/)
    const path = [Provision.Policies, Provision.Policy, Provision.Data, Provision.EASProvisionDoc]
    assert.equal(textOf(seen.root, ...path, Provision.DevicePasswordEnabled), '1')

    const row = await front.row('First4')
    assert.deepEqual(
      [row?.model, row?.operatingSystem, row?.imei, row?.userAgent],
      [device.model, device.os, device.imei, device.userAgent],
    )
    assert.deepEqual(await front.reached('First4'), [])
  })

  test('4: 14.1 without DeviceInformation is 165; 14.0 with it is accepted', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    for (const [version, told, status] of [
      ['14.1', undefined, 165],
      ['16.1', undefined, 165],
      ['14.0', device, 1],
      ['14.0', undefined, 1],
      ['12.1', undefined, 1],
    ] as const) {
      const phone = front.house.phone('alice', 'Silent4', { version })
      const { seen, key } = await begin(phone, told)
      assert.deepEqual([seen.http, seen.status], [200, status], version)
      assert.equal(key !== '', status === 1)
    }
  })

  test('5: the temporary key buys the final one, once, and only the final one opens SOGo', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    await sogo.deliver('alice', 'Five')
    const phone = front.house.phone('alice', 'Keys5')
    const { key: temporary } = await begin(phone, device)
    phone.policyKey = temporary
    assert.equal((await phone.folderSync()).status, 144)
    assert.deepEqual(await front.reached('Keys5'), [])

    const acknowledged = await acknowledge(phone, temporary, 1)
    const final = policy(acknowledged, Provision.PolicyKey)
    assert.equal(acknowledged.status, 1)
    assert.ok(final && final !== temporary)
    assert.equal((await phone.folderSync()).status, 144, 'the temporary key')
    phone.policyKey = final
    const folders = await phone.folderSync()
    assert.deepEqual([folders.http, folders.status], [200, 1])
    await phone.syncAll()
    assert.ok(subjects(phone).includes('Five'))

    phone.policyKey = temporary
    const stale = await acknowledge(phone, temporary, 1)
    assert.deepEqual([stale.status, policy(stale, Provision.Status)], [1, '5'])
    phone.policyKey = final
    assert.equal((await phone.folderSync()).status, 1, 'a stale acknowledgement changes nothing')
  })

  test('5: a client that will not apply the policy hears 139 or 145; an unknown type is policy status 3', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    for (const [version, word, status] of [
      ['14.1', 2, 139],
      ['14.1', 3, 139],
      ['14.1', 4, 145],
      ['14.0', 2, 139],
      ['16.1', 4, 145],
    ] as const) {
      const phone = front.house.phone('alice', `Refuses5x${version.replace('.', '')}x${word}`, {
        version,
      })
      const { key } = await begin(phone, version === '14.0' ? undefined : device)
      phone.policyKey = key
      const seen = await acknowledge(phone, key, word)
      assert.deepEqual([seen.http, seen.status], [200, status])
      assert.notEqual((await phone.folderSync()).status, 1)
      assert.deepEqual(await front.reached(phone.deviceId), [])
    }
    const old = front.house.phone('alice', 'RefusesOld5', { version: '12.1' })
    const { key } = await begin(old, undefined)
    old.policyKey = key
    assert.equal((await acknowledge(old, key, 2)).http, 403)

    const phone = front.house.phone('alice', 'Type5')
    const seen = await phone.call(
      'Provision',
      provisionDocument({ policyType: 'MS-Unheard-Of', device }),
    )
    assert.equal(seen.status, 1)
    assert.equal(policy(seen, Provision.Status), '3')
    assert.equal(policy(seen, Provision.PolicyKey), undefined)

    // Where the policy allows it, the same word is good enough.
    await front.apply(organization({ mailboxPolicy: { allowNonProvisionableDevices: true } }))
    const lenient = front.house.phone('alice', 'Lenient5')
    assert.equal((await lenient.provision(device, 2)).second?.status, 1)
    assert.equal((await lenient.folderSync()).status, 1)
  })

  test('6: an edited policy is asked for once, at every version, and then never again', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const versions: readonly EasVersion[] = ['12.1', '14.0', '14.1', '16.1']
    const phones = versions.map((version) =>
      front.house.phone('alice', `Edited6x${version.replace('.', '')}`, { version }),
    )
    for (const phone of phones) await setUp(phone)
    // The second edit is of a setting that 12.1 was the first to know.
    for (const mailboxPolicy of [
      { minDevicePasswordLength: 6 },
      { requireDeviceEncryption: true },
    ]) {
      await front.apply(organization({ mailboxPolicy }))
      await Promise.all(phones.map((phone) => provisionsOnce(phone)))
    }
    // The same again is no edit.
    await front.apply(organization({ mailboxPolicy: { requireDeviceEncryption: true } }))
    for (const phone of phones) assert.equal((await phone.folderSync()).status, 1)
  })
})

async function provisionsOnce(phone: EasClient): Promise<void> {
  const asked = await phone.sync()
  const old = phone.version === '12.1'
  assert.deepEqual([asked.http, asked.status], [449, old ? undefined : 143], phone.version)
  const { second } = await phone.provision(device)
  assert.equal(second?.status, 1)
  for (let round = 0; round < 10; round++) {
    const { http, status } = await phone.folderSync()
    assert.deepEqual([http, status], [200, 1], `${phone.version} round ${round}`)
  }
  // SOGo answers "nothing new" without a body.
  const { http, empty, collection } = await phone.sync()
  assert.ok(http === 200 && (empty || collection?.status === 1))
}

/** Phase one with key 0. */
async function begin(
  phone: EasClient,
  told: DeviceAsk | undefined,
): Promise<{ seen: EasSeen; key: string }> {
  phone.policyKey = '0'
  const seen = await phone.call('Provision', provisionDocument({ policyType, device: told }))
  return { seen, key: policy(seen, Provision.PolicyKey) ?? '' }
}

/** Phase two: what the client says of the policy. */
function acknowledge(phone: EasClient, policyKey: string, status: number): Promise<EasSeen> {
  const said = { policyKey, status }
  const document = provisionDocument({ policyType, device: undefined, acknowledge: said })
  return phone.call('Provision', document)
}

function policy({ root }: EasSeen, tag: number): string | undefined {
  const found = root && find(root, Provision.Policies, Provision.Policy)
  return found && textOf(found, tag)
}
