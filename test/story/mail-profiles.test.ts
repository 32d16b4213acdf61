import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { HandedOutRow, PayloadBody } from '../../src/graph/actions-contract.ts'
import type { MyMailProfiles, PortalBody } from '../../src/graph/contract.ts'
import { readPlist } from '../fake/plist.ts'
import { enrollAgent } from './agent.ts'
import { openShell } from './shell.ts'
import { eventually, knownPhone } from './site.ts'

// Mail profiles as administrators and users meet them. This also holds src/graph/profile-warnings.ts,
// src/graph/routes/profile-payloads.ts and src/cli/profile-payloads.ts.

const staffOnly = {
  '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
  displayName: 'Company mail',
  accountName: 'Contoso',
  hostName: 'mail.example.org',
  assignments: [
    { target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId: 'Staff' } },
  ],
}

const managedMail = {
  '@odata.type': '#microsoft.graph.iosCompliancePolicy',
  displayName: 'Managed mail',
  managedEmailProfileRequired: true,
  assignments: [{ target: { '@odata.type': '#microsoft.graph.allLicensedUsersAssignmentTarget' } }],
}

test('F08: plan and apply warn of users without a profile, and their devices are noncompliant until they get one', async (t) => {
  const shell = await openShell(t)
  const { house, type } = shell
  for (const user of ['alice', 'bob']) await house.addUser(user)
  await shell.group('Staff', 'bob')
  await knownPhone(shell, 'alice', 'ALICE1')
  const person = await house.portal('alice')
  const device = (await shell.row('ALICE1')).azureADDeviceId ?? ''
  const agent = await enrollAgent(house, person, device)
  // An account that management installed while the user was among those who get one.
  await agent.report({ managedEmailProfile: true })
  const profile = await shell.file('profiles/mail.json', JSON.stringify(staffOnly))
  assert.equal((await type('profile', 'apply', profile)).code, 0)

  const folder = await shell.file('policies/managed.json', JSON.stringify(managedMail))
  const planned = await type('policy', 'plan', folder)
  assert.match(planned.err, /^warning: Managed mail: .* 1 users .*\(alice\)$/)
  assert.match(planned.out, /1 to create/)
  const applied = await type('policy', 'apply', folder)
  assert.equal(applied.code, 0)
  assert.match(applied.err, /\(alice\)$/)

  const issues = async () => {
    const { value } = await person.call<PortalBody>('GET', '/me/clients')
    return value.flatMap((client) => client.issues.map(({ title, measured }) => [title, measured]))
  }
  const isA = (state: string) =>
    eventually(async () => (await shell.row('ALICE1')).complianceState === state, state)
  await isA('noncompliant')
  assert.deepEqual(await issues(), [
    ['No mail profile is meant for you', 'no profile reaches this user'],
  ])

  await house.administrator.call('POST', '/groups/Staff/members', { add: ['alice'] })
  await isA('compliant')
  assert.deepEqual(await issues(), [])
  assert.deepEqual((await type('policy', 'plan', folder)).err, '')
})

test('F24: an administrator makes the payload of a device, and what is unassigned is named for removal', async (t) => {
  const shell = await openShell(t)
  const { house, type } = shell
  for (const user of ['alice', 'bob']) await house.addUser(user)
  await shell.group('Staff', 'alice')
  await knownPhone(shell, 'alice', 'ALICE1')
  const device = (await shell.row('ALICE1')).azureADDeviceId ?? ''
  await type('profile', 'apply', await shell.file('mail.json', JSON.stringify(staffOnly)))
  const payload = ['profile', 'payload', 'Company mail'] as const

  const shown = await type(...payload, '--device', device)
  const read = readPlist(shown.out) as { PayloadContent: readonly { UserName?: string }[] }
  assert.equal(read.PayloadContent[0]?.UserName, 'alice')
  const file = join(shell.folder, 'alice.mobileconfig')
  assert.equal((await type(...payload, '--device', device, '--out', file)).code, 0)
  assert.equal(await readFile(file, 'utf8'), `${shown.out}\n`)
  const made = JSON.parse((await type('--json', ...payload, '--user', 'alice')).out) as PayloadBody
  assert.notEqual(made.content.trim(), shown.out)

  assert.match(
    (await type(...payload, '--user', 'bob')).err,
    /^profile\.undeliverable: .*not for bob/,
  )
  assert.match((await type(...payload)).err, /--device or --user/)
  assert.match((await type(...payload, '--device', 'dev_none')).err, /no device dev_none/)

  const states = async () => {
    const { out } = await type('--json', 'profile', 'handed-out')
    const rows = (JSON.parse(out) as HandedOutRow[]).toSorted((a) => (a.deviceId === null ? -1 : 1))
    return rows.map(({ deviceId, state }) => [deviceId, state])
  }
  assert.deepEqual(await states(), [
    [null, 'current'],
    [device, 'current'],
  ])
  await shell.leave('Staff', 'alice')
  assert.deepEqual(await states(), [
    [null, 'remove'],
    [device, 'remove'],
  ])
  assert.match(
    (await type('profile', 'handed-out')).out,
    new RegExp(`remove .*${made.identifier}$`, 'm'),
  )
  assert.equal((await type('profile', 'taken-back', made.identifier, '--device', device)).code, 0)
  assert.match(
    (await type('profile', 'taken-back', made.identifier, '--device', device)).err,
    /not handed/,
  )
  await house.administrator.call('POST', '/groups/Staff/members', { add: ['alice'] })
  await type(...payload, '--device', device)
  await shell.act('ALICE1', 'retire')
  assert.deepEqual(
    (await states()).find(([id]) => id === device),
    [device, 'remove'],
  )
})

test('F24: a user loads only what is meant for them, and says alone that it is gone', async (t) => {
  const shell = await openShell(t)
  const { house, type } = shell
  for (const user of ['alice', 'bob']) await house.addUser(user)
  await shell.group('Staff', 'alice')
  await type('profile', 'apply', await shell.file('mail.json', JSON.stringify(staffOnly)))
  const [alice, bob] = [await house.portal('alice'), await house.portal('bob')]
  const path = '/me/mail-profiles'
  assert.deepEqual(await bob.call('GET', path), { value: [], remove: [] })
  const { value } = await alice.call<MyMailProfiles>('GET', path)
  const [{ id } = assert.fail()] = value
  await assert.rejects(bob.call('GET', `${path}/${id}/payload`), /profile\.undeliverable/)
  // The answer is XML and no JSON, so reading it as JSON fails after it was handed out.
  await assert.rejects(alice.call('GET', `${path}/${id}/payload`), SyntaxError)
  await shell.leave('Staff', 'alice')
  const { remove } = await alice.call<MyMailProfiles>('GET', path)
  const [{ identifier, place } = assert.fail()] = remove
  await assert.rejects(bob.call('DELETE', `${path}/${identifier}/${place}`), /not\.found/)
  await alice.call('DELETE', `${path}/${identifier}/${place}`)
  assert.deepEqual(await alice.call('GET', path), { value: [], remove: [] })
})
