import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openedPerTest, policyOf, until } from '../../test/fake/judging-rooms.ts'
import type { DeviceId } from '../devices/devices.ts'
import type { GroupId } from '../directory/directory.ts'
import type { ProfileDraft } from '../profiles/graph-json.ts'

const { open } = openedPerTest()

const mail = (assignedTo: 'all' | readonly GroupId[], excluded: readonly GroupId[] = []) => ({
  type: 'iosEasEmailProfileConfiguration' as const,
  displayName: 'Company mail',
  description: '',
  settings: {},
  assignments: { assignedTo, excluded },
})

async function openOffice() {
  const rooms = await open()
  const { compliance, directory } = rooms
  const [alice, bob] = [await rooms.user('alice'), await rooms.user('bob')]
  const [staff, team] = [await directory.addGroup('staff'), await directory.addGroup('team')]
  await directory.changeMembers(staff.id, { add: [team.id] })
  await compliance.deploy([policyOf({ managedEmailProfileRequired: true })], 'test')
  const phone = await rooms.phone(alice.id, { platform: 'iOS', managedEmailProfile: true })
  const other = await rooms.phone(bob.id, { platform: 'iOS', managedEmailProfile: true })
  return {
    ...rooms,
    alice,
    staff: staff.id,
    team: team.id,
    phone: phone.device,
    other: other.device,
    put: (draft: ProfileDraft) => rooms.profiles.put([draft], 'test'),
    async stands(device: DeviceId, state: string) {
      const verdict = await until(async () => {
        const saved = await compliance.verdict(device)
        return saved?.state === state ? saved : undefined
      })
      return verdict.findings.map(({ measured, hint }) => [measured, hint])
    },
  }
}

describe('whom mail profiles reach', () => {
  it('F08: whom no profile reaches does not meet a demand for one, whatever the device says', async () => {
    const office = await openOffice()
    const { stands, directory, phone, other } = office
    await stands(phone, 'compliant')
    const news = await office.hear('compliance.changed')
    await office.put(mail([office.staff]))
    assert.deepEqual(await stands(phone, 'noncompliant'), [['noProfile', 'assignMailProfile']])
    await stands(other, 'noncompliant')
    await directory.changeMembers(office.team, { add: [office.alice.id] })
    await stands(phone, 'compliant')
    await stands(other, 'noncompliant')
    await office.put(mail('all', [office.team]))
    await stands(phone, 'noncompliant')
    await stands(other, 'compliant')
    await office.profiles.remove('Company mail', 'test')
    await stands(phone, 'compliant')
    // Two for the first, one for joining, two for the other target, one for the removal.
    assert.equal((await news()).length, 6)
  })

  it('F08: only whose reach may differ is judged again', async () => {
    const office = await openOffice()
    const { stands, directory, compliance, phone, other } = office
    await directory.changeMembers(office.team, { add: [office.alice.id] })
    await office.put(mail([]))
    await stands(phone, 'noncompliant')
    await stands(other, 'noncompliant')
    const judged = (await compliance.verdict(other))?.judgedAt
    const news = await office.hear('profile.changed')
    await office.put(mail([office.staff]))
    await stands(phone, 'compliant')
    await office.put({ ...mail([office.staff]), description: 'Other words' })
    assert.deepEqual(
      (await news()).map(({ body }) => body),
      [
        { actor: 'test', groups: [office.staff] },
        { actor: 'test', groups: [] },
      ],
    )
    assert.equal((await compliance.verdict(other))?.judgedAt, judged)
  })

  it('F08: a demand that comes after the profiles is held against them too', async () => {
    const office = await openOffice()
    await office.compliance.deploy([policyOf({ passwordBlockSimple: true })], 'test')
    await office.put(mail([office.staff]))
    await office.stands(office.phone, 'noncompliant')
    await office.compliance.deploy([policyOf({})], 'test')
    await office.stands(office.phone, 'compliant')
    await office.compliance.deploy([policyOf({ managedEmailProfileRequired: true })], 'test')
    assert.deepEqual(await office.stands(office.phone, 'noncompliant'), [
      ['noProfile', 'assignMailProfile'],
    ])
  })

  it('F08: however quickly profiles and groups change, the last verdict is that of now', async () => {
    const office = await openOffice()
    const { directory, staff, team, alice, compliance } = office
    const change = [
      () => office.put(mail([staff])),
      () => directory.changeMembers(team, { add: [alice.id] }),
      () => office.put(mail([staff], [team])),
      () => compliance.check(office.phone),
      () => office.put(mail('all')),
      () => directory.changeMembers(team, { remove: [alice.id] }),
      () => office.put(mail([team])),
    ]
    for (let turn = 0; turn < 30; turn += 1)
      await Promise.all([change[turn % 7]?.(), change[(turn * 3 + 1) % 7]?.()])
    await office.put(mail([team]))
    await office.stands(office.phone, (await isIn()) ? 'compliant' : 'noncompliant')
    await directory.changeMembers(team, { add: [alice.id] })
    await office.stands(office.phone, 'compliant')
    await office.stands(office.other, 'noncompliant')

    async function isIn() {
      const { groups } = await directory.everybody()
      return groups.find(({ id }) => id === team)?.members.includes(alice.id)
    }
  })

  it('F08: a profile for another platform says nothing of this one', async () => {
    const office = await openOffice()
    await office.put({ ...mail([]), type: 'androidEasEmailProfileConfiguration' })
    const { state } = await office.compliance.check(office.phone)
    assert.equal(state, 'compliant')
  })
})
