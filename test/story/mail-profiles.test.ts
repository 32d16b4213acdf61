import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PortalBody } from '../../src/graph/contract.ts'
import { enrollAgent } from './agent.ts'
import { openShell } from './shell.ts'
import { eventually, knownPhone } from './site.ts'

// Mail profiles as administrators and users meet them. This also holds src/graph/profile-warnings.ts.

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
