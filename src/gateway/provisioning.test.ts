import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'
import {
  acknowledgeBody,
  deviceInformation,
  type Phone,
  provisionBody,
} from '../../test/fake/phone.ts'
import { easVersions } from '../wire/eas/version.ts'
import { AirSync, FolderHierarchy, Provision, Settings } from '../wire/wbxml/tokens.ts'
import { element, find, readWbxml } from '../wire/wbxml/wbxml.ts'

const tree = (body: Buffer) => readWbxml(body)

describe('Provision', () => {
  let rig: Rig
  before(async () => {
    rig = await startRig()
  })
  after(() => rig.stop())
  beforeEach(() => {
    rig.fake.reached.length = 0
    rig.access.setMailboxPolicy({
      allowNonProvisionableDevices: false,
      minDevicePasswordLength: 4,
      requireDeviceEncryption: false,
    })
  })

  it('4: the first phase gives a temporary key and the policy, and keeps what the device says', async () => {
    const phone = rig.phone('PRV1')
    const answer = await phone.post('Provision', provisionBody('14.1'))
    assert.equal(answer.status, 200)
    const root = tree(answer.body)
    assert.equal(answer.text(Provision.Status), '1')
    assert.equal(answer.text(Settings.Status), '1')
    assert.ok(Number(answer.text(Provision.PolicyKey)) > 0)
    const policy = find(root, Provision.Policies, Provision.Policy)
    assert.ok(policy && find(policy, Provision.Data, Provision.EASProvisionDoc))
    assert.equal(answer.text(Provision.DevicePasswordEnabled), '1')
    assert.equal(answer.text(Provision.MinDevicePasswordLength), '4')
    const facts = rig.devices.facts.get(rig.devices.partnershipOf('PRV1'))
    assert.equal(facts?.model?.value, 'Pixel 9')
    assert.equal(facts?.model?.trust, 'claimed')
    assert.equal(facts?.osVersion?.value, '15')
    assert.equal(rig.fake.reached.length, 0)
  })

  it('4: 14.1 without DeviceInformation is 165; 14.0 with it is accepted', async () => {
    const newer = await rig.phone('PRV2').post('Provision', provisionBody('14.1', false))
    assert.equal(newer.text(Provision.Status), '165')
    assert.equal(newer.text(Provision.PolicyKey), undefined)
    const older = rig.phone('PRV3', { version: '14.0' })
    const answer = await older.post('Provision', provisionBody('14.1'))
    assert.equal(answer.text(Provision.Status), '1')
  })

  it('5: only the final key opens; the temporary one is 144, a stale one Policy Status 5', async () => {
    const phone = rig.phone('PRV4')
    phone.policyKey = '0'
    const stale = (await phone.post('Provision', provisionBody('14.1'))).text(Provision.PolicyKey)
    const temporary = (await phone.post('Provision', provisionBody('14.1'))).text(
      Provision.PolicyKey,
    )
    assert.notEqual(stale, temporary)
    const late = await phone.post('Provision', acknowledgeBody('14.1', stale ?? ''))
    assert.deepEqual(late.texts(Provision.Status), ['1', '5'])
    phone.policyKey = temporary
    const early = await phone.folderSync()
    assert.equal(early.text(FolderHierarchy.Status), '144')
    const settled = await phone.post('Provision', acknowledgeBody('14.1', temporary ?? ''))
    assert.deepEqual(settled.texts(Provision.Status), ['1', '1'])
    phone.policyKey = settled.text(Provision.PolicyKey)
    const folders = await phone.folderSync()
    assert.equal(folders.text(FolderHierarchy.Status), '1')
    assert.ok(folders.texts(FolderHierarchy.DisplayName).includes('Inbox'))
    phone.policyKey = temporary
    assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '144')
    const again = await phone.post('Provision', acknowledgeBody('14.1', temporary ?? ''))
    assert.deepEqual(again.texts(Provision.Status), ['1', '5'], 'a key is bought once')
  })

  it('5: partly or not applied is 139, other management 145; where it is allowed all pass', async () => {
    for (const [status, told] of [
      ['2', '139'],
      ['3', '139'],
      ['4', '145'],
    ] as const) {
      const phone = rig.phone(`PRV5${status}`)
      const answer = await phone.provision(status)
      assert.equal(answer.text(Provision.Status), told)
      assert.equal((await phone.folderSync()).status, 449)
    }
    const old = rig.phone('PRV5O', { version: '12.1' })
    assert.equal((await old.provision('2')).status, 403)
    rig.access.setMailboxPolicy({ allowNonProvisionableDevices: true })
    const phone = rig.phone('PRV6')
    await phone.provision('2')
    assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '1')
    const facts = rig.devices.facts.get(rig.devices.partnershipOf('PRV6'))
    assert.equal(facts?.passwordRequired?.value, false)
    assert.equal(facts?.passwordMinimumLength?.value, 0)
  })

  it("the client's word on the policy goes to the gate, and the way back stays open", async () => {
    const phone = rig.phone('WORD')
    await phone.provision('3')
    const partnership = rig.devices.partnershipOf('WORD')
    assert.equal(rig.gate.policyRefused.get(partnership), true)
    rig.gate.say({ outcome: 'block', stateReason: 'exchangeMailboxPolicy' }, partnership)
    assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '142')
    await phone.provision('1')
    assert.equal(rig.gate.policyRefused.get(partnership), false)
    rig.gate.say({ outcome: 'allow' }, partnership)
    assert.equal((await phone.folderSync()).text(FolderHierarchy.Status), '1')
  })

  it('5: an unknown policy type is Policy Status 3', async () => {
    const body = element(
      Provision.Provision,
      deviceInformation('X'),
      element(
        Provision.Policies,
        element(Provision.Policy, element(Provision.PolicyType, 'MS-Other')),
      ),
    )
    const answer = await rig.phone('PRV7').post('Provision', body)
    assert.deepEqual(answer.texts(Provision.Status), ['1', '3'])
  })

  it('a full acknowledgement claims what the policy demanded', async () => {
    rig.access.setMailboxPolicy({
      requireDeviceEncryption: true,
      minDevicePasswordLength: 6,
      maxInactivityTimeDeviceLockSeconds: 90,
    })
    const factsOf = (id: string) => rig.devices.facts.get(rig.devices.partnershipOf(id))
    await rig.phone('ACK1').provision()
    assert.equal(factsOf('ACK1')?.passwordRequired?.value, true)
    assert.equal(factsOf('ACK1')?.passwordRequired?.trust, 'claimed')
    assert.equal(factsOf('ACK1')?.storageEncrypted?.value, true)
    assert.equal(factsOf('ACK1')?.passwordMinimumLength?.value, 6)
    assert.equal(factsOf('ACK1')?.passwordLockMinutes?.value, 2)
    assert.equal(factsOf('ACK1')?.passwordType?.value, 'numeric')
    await rig.phone('ACK2', { version: '12.0' }).provision()
    assert.equal(factsOf('ACK2')?.passwordRequired?.value, true)
    assert.equal(factsOf('ACK2')?.storageEncrypted, undefined, '12.0 knows no such setting')
  })

  it('6: a changed policy sends every version through Provision once, without a loop', async () => {
    for (const version of easVersions) {
      rig.access.setMailboxPolicy({ minDevicePasswordLength: 4 })
      const phone = rig.phone(`LOOP${version}`, { version })
      await phone.provision()
      for (let round = 0; round < 5; round += 1)
        assert.equal((await phone.sync('0')).status, 200, `${version} before`)
      rig.access.setMailboxPolicy({ minDevicePasswordLength: 6 })
      const refused = await phone.sync('0')
      assert.equal(refused.status, 449, version)
      if (Number(version) >= 14) assert.equal(refused.text(AirSync.Status), '143')
      await phone.provision()
      for (let round = 0; round < 10; round += 1)
        assert.equal((await phone.sync('0')).status, 200, `${version} after`)
    }
  })

  it('6: what a version is not sent does not make it provision again', async () => {
    const phone = rig.phone('LOOP25', { version: '2.5' })
    await phone.provision()
    rig.access.setMailboxPolicy({ requireDeviceEncryption: true })
    const old = rig.phone('LOOP120', { version: '12.0' })
    await old.provision()
    rig.access.setMailboxPolicy({ requireDeviceEncryption: false })
    assert.equal((await old.sync('0')).status, 200)
  })

  it('7: keys are of one partnership: two users on one DeviceId, one user with three devices', async () => {
    const owners: Phone[] = [
      rig.phone('SHARED', { user: 'alice' }),
      rig.phone('SHARED', { user: 'bob' }),
      rig.phone('OWN2', { user: 'alice' }),
      rig.phone('OWN3', { user: 'alice' }),
    ]
    for (const phone of owners) await phone.provision()
    const keys = owners.map((phone) => phone.policyKey)
    assert.equal(new Set(keys).size, 4)
    for (const phone of owners) assert.equal((await phone.folderSync()).status, 200)
    const [first, second] = owners
    if (first) first.policyKey = second?.policyKey
    assert.equal((await first?.folderSync())?.text(FolderHierarchy.Status), '144')
  })

  it('what is no Provision request is told so', async () => {
    const phone = rig.phone('ODD1')
    assert.equal((await phone.post('Provision')).text(Provision.Status), '2')
    const wipe = element(
      Provision.Provision,
      element(Provision.RemoteWipe, element(Provision.Status, '1')),
    )
    assert.equal((await phone.post('Provision', wipe)).text(Provision.Status), '2')
    const other = element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, '0'))
    assert.equal((await phone.post('Provision', other)).text(Provision.Status), '2')
  })

  it('keys outlive a restart, and end with their partnership', async () => {
    const phone = rig.phone('KEEP1')
    await phone.provision()
    const { createClients } = await import('./clients.ts')
    const partnership = rig.devices.partnershipOf('KEEP1')
    const clients = createClients(rig.store)
    assert.equal(String((await clients.state(partnership)).policyKey), phone.policyKey)
    await rig.store.transact((tx) =>
      rig.store.journal.append(tx, 'partnership.removed', { partnership }),
    )
    for (let tries = 0; (await phone.folderSync()).status !== 449; tries += 1)
      assert.ok(tries < 100, 'the key still opens')
  })
})

describe('Provision told by status alone', () => {
  it('answers 14.1 with HTTP 200 and 142, 12.1 still with 449', async () => {
    const rig = await startRig({ demand: 'status' })
    const answer = await rig.phone('ST1').folderSync()
    assert.equal(answer.status, 200)
    assert.equal(answer.text(FolderHierarchy.Status), '142')
    assert.equal((await rig.phone('ST2', { version: '12.1' }).folderSync()).status, 449)
    await rig.stop()
  })
})
