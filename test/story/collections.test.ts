import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  CollectionRow,
  DeployedDeviceRow,
  DeploymentRow,
} from '../../src/graph/collections-contract.ts'
import type { Collection, ManagedDevice } from '../../src/graph/contract.ts'
import { openShell, type Shell } from './shell.ts'
import { hold, knownPhone, settle, subjects } from './site.ts'

// This also holds src/collections/collections.ts, src/collections/records.ts, src/compliance/deployment.ts,
// src/compliance/memberships.ts, src/graph/routes/collections.ts, src/graph/routes/deployments.ts and src/cli/collections.ts.

async function deploymentOf({ house }: Shell, name: string): Promise<DeploymentRow> {
  const { value } = await house.administrator.call<Collection<DeploymentRow>>(
    'GET',
    '/postern/deployments',
  )
  return value.find(({ displayName }) => displayName === name) ?? assert.fail(`no policy ${name}`)
}

/** Until it says so: judging takes some milliseconds. */
async function eventually<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  const { isDeepStrictEqual } = await import('node:util')
  for (let tries = 0; tries < 200; tries += 1) {
    if (isDeepStrictEqual(await ask(), expected)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepEqual(await ask(), expected)
}

const phones = {
  kind: 'compliancePolicy',
  name: 'Phones of staff',
  platform: 'iOS',
  settings: { osMinimumVersion: '18.0' },
} as const

test('F10 a policy for a collection reaches whoever is in it, at once and no longer', async (t) => {
  const shell = await openShell(t)
  const { house, type, group } = shell
  for (const user of ['alice', 'bob']) await house.addUser(user)
  await group('Staff')
  await house.deliver('alice', 'Figures')
  assert.match((await type('collection', 'list')).out, /no collections/)
  const rule = 'user.memberOf -contains "staff" -and user.accountEnabled -eq True'
  assert.equal((await type('collection', 'create', 'All staff', '--rule', rule)).code, 0)
  await shell.apply(
    { ...phones, assignedTo: ['collection: All staff'] },
    { kind: 'exchangeOnline', enabled: true },
  )
  await shell.enforce()
  const phone = await knownPhone(shell, 'alice', 'ALICE1', { os: '17.0' })
  assert.deepEqual(subjects(phone), ['Figures'])
  assert.equal((await deploymentOf(shell, phones.name)).total, 0)
  // Alice joins: the connection that she holds ends.
  const held = await hold(phone)
  await house.administrator.call('POST', '/groups/Staff/members', { add: ['alice'] })
  await held.ended()
  assert.equal((await shell.row('ALICE1')).exchangeAccessStateReason, 'notCompliant')
  await eventually(async () => (await deploymentOf(shell, phones.name)).noncompliant, 1)
  // She is excepted by name, and mail flows again.
  assert.equal((await type('collection', 'create', 'Excepted')).code, 0)
  assert.equal((await type('collection', 'add', 'Excepted', 'alice')).code, 0)
  assert.equal((await type('collection', 'change', 'all STAFF', '--exclude', 'Excepted')).code, 0)
  await eventually(async () => (await shell.row('ALICE1')).exchangeAccessState, 'allowed')
  await settle(phone)
  const { out } = await type('collection', 'members', 'Excepted')
  assert.match(out, /alice/)
})

test('F21 F23 deployment status: counts that equal their lists, and a collection from a state', async (t) => {
  const shell = await openShell(t)
  const { house, type } = shell
  for (const user of ['alice', 'bob', 'carol']) await house.addUser(user)
  await shell.apply(phones, { kind: 'exchangeOnline', enabled: true })
  await shell.enforce()
  await knownPhone(shell, 'alice', 'ALICE1', { os: '18.1' })
  await knownPhone(shell, 'bob', 'BOB1', { os: '17.0' })
  await eventually(async () => {
    const { total, compliant, noncompliant } = await deploymentOf(shell, phones.name)
    return [total, compliant, noncompliant]
  }, [2, 1, 1])
  const listed = async (state: string) => {
    const { value } = await house.administrator.call<Collection<DeployedDeviceRow>>(
      'GET',
      `/postern/deployments/${encodeURIComponent(phones.name)}/devices?$filter=state eq '${state}'`,
    )
    return value
  }
  const row = await deploymentOf(shell, phones.name)
  for (const state of ['compliant', 'noncompliant', 'error', 'unknown', 'inProgress'] as const)
    assert.equal((await listed(state)).length, row[state], state)
  assert.deepEqual((await listed('noncompliant'))[0]?.findings, [
    { rule: 'osMinimumVersion', measured: '17.0', required: '18.0' },
  ])
  const made = await type(
    'collection',
    'from-state',
    'Too old',
    '--policy',
    phones.name,
    '--state',
    'noncompliant',
  )
  assert.deepEqual([made.code, made.out], [0, 'Too old: 1 members'])
  const bob = await shell.row('BOB1')
  const members = await type('--json', 'collection', 'members', 'Too old')
  assert.deepEqual(
    (JSON.parse(members.out) as readonly { id: string }[]).map(({ id }) => id),
    [bob.azureADDeviceId],
  )
  const exported = await type('deployment', 'status', phones.name, '--csv')
  assert.match(exported.out, /^device,user,state,error category,error id,because,last report\r\n/)
  assert.match(
    exported.out,
    /bob,noncompliant,Discovery,0x87D1FDE8,"osMinimumVersion: 17\.0, required 18\.0"/,
  )
  const why = await type('deployment', 'reasons', phones.name)
  assert.match(
    why.out,
    /^noncompliant +.* setting +Discovery +0x87D1FDE8 +osMinimumVersion +18\.0 +1$/m,
  )
  const failing = await house.administrator.call<Collection<DeployedDeviceRow>>(
    'GET',
    `/postern/deployments/${encodeURIComponent(phones.name)}/devices?$filter=errorId eq '0x87D1FDE8'&$orderby=errorCategory desc`,
  )
  assert.deepEqual(
    failing.value.map(({ userPrincipalName }) => userPrincipalName),
    ['bob'],
  )
  assert.match((await type('deployment', 'list')).out, /Phones of staff +2 +1 +0 +1/)
})

test('what is in use stays, what cannot be is refused with its reason', async (t) => {
  const shell = await openShell(t)
  const { type, house } = shell
  await house.addUser('alice')
  const said = async (...argv: readonly string[]) => {
    const { code, err } = await type('collection', ...argv)
    assert.equal(code, 1)
    return err
  }
  await type('collection', 'create', 'A')
  await type('collection', 'create', 'B', '--include', 'A')
  assert.match(await said('delete', 'A'), /collection\.invalid: .*no collection has the id/)
  assert.match(await said('change', 'A', '--limiting', 'B'), /made of itself/)
  assert.match(await said('create', 'C', '--rule', 'user.age -eq "9"'), /user\.age is no property/)
  assert.match(await said('create', 'a'), /another one of this name/)
  assert.match(await said('add', 'A', 'nobody'), /no user "nobody"/)
  assert.match(await said('show', 'Z'), /not\.found/)
  await shell.apply({ ...phones, assignedTo: ['B'] })
  assert.match(await said('delete', 'B'), /the policy "Phones of staff" is deployed to it/)
  assert.equal((await type('collection', 'list')).out.split('\n').length, 3)
})

test('two administrators who add members at once lose none', async (t) => {
  const { house, type } = await openShell(t)
  const users = Array.from({ length: 8 }, (_, n) => `user${n}`)
  for (const user of users) await house.addUser(user)
  await type('collection', 'create', 'Everybody')
  await Promise.all(
    users.map((user) =>
      house.administrator.call('POST', '/postern/collections/Everybody/members', { add: [user] }),
    ),
  )
  const row = await house.administrator.call<CollectionRow>('GET', '/postern/collections/everybody')
  assert.equal(row.memberCount, users.length)
})

test('a device collection: by its properties, within the devices of some users', async (t) => {
  const shell = await openShell(t)
  const { house, type } = shell
  for (const user of ['alice', 'bob']) await house.addUser(user)
  await shell.group('Board', 'alice')
  await type('collection', 'create', 'The board', '--rule', 'user.memberOf -contains "Board"')
  const made = await type(
    'collection',
    'create',
    'Phones of the board',
    '--type',
    'device',
    '--rule',
    'device.platform -eq "iOS"',
    '--limiting',
    'The board',
  )
  assert.deepEqual([made.code, made.err], [0, ''])
  await knownPhone(shell, 'alice', 'ALICE1', { os: '17.0' })
  await knownPhone(shell, 'bob', 'BOB1', { os: '17.0' })
  const { out } = await type('--json', 'collection', 'members', 'Phones of the board')
  const alice: ManagedDevice = await shell.row('ALICE1')
  assert.deepEqual(
    (JSON.parse(out) as readonly { id: string }[]).map(({ id }) => id),
    [alice.azureADDeviceId],
  )
  await shell.apply({ ...phones, assignedTo: ['Phones of the board'] })
  await eventually(
    async () => [
      (await shell.row('ALICE1')).complianceState,
      (await shell.row('BOB1')).complianceState,
    ],
    ['noncompliant', 'compliant'],
  )
})
