import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { type TestContext, test } from 'node:test'
import { minute } from '../../src/base/clock.ts'
import { type ConsequenceBody, rollbackHeader } from '../../src/graph/draft-contract.ts'
import type { World } from '../../src/postern.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import { openShell } from './shell.ts'
import { eventually, settle } from './site.ts'

// Nobody locks people out by accident. This also holds src/graph/routes/replay.ts, src/graph/consequence.ts,
// src/graph/change-options.ts, src/cli/policy-change.ts and src/cli/policy-try.ts.

async function open(t: TestContext, world: World = {}) {
  const shell = await openShell(t, world)
  const file = (name: string, value: object) => shell.file(name, JSON.stringify(value))
  return { ...shell, file }
}

const policies = '/identity/conditionalAccess/policies'
const noMail = {
  displayName: 'no mail',
  state: 'enabled',
  conditions: {
    users: { includeUsers: ['All'] },
    applications: { includeApplications: ['All'] },
    clientAppTypes: ['exchangeActiveSync'],
  },
  grantControls: { operator: 'OR', builtInControls: ['block'] },
}

test('every door refuses what would shut out an emergency account, and tells how to do it all the same', async (t) => {
  const { house, enforce, type, file, row } = await open(t)
  const { administrator } = house
  await house.addUser('alice')
  await enforce()
  await settle(house.phone('alice', 'ALICE1'))
  const guard = await type('policy', 'guard', '--break-glass-user', 'alice', '--most-percent', '40')
  assert.match(guard.out, /breakGlassUsers +alice\n.*\nmostPercent +40/)

  const refused = /emergencies from mail \(alice\).*(lockout-[\w-]{16})/s
  const confirmOf = (err: string) => refused.exec(err)?.[1] ?? assert.fail(err)
  const rules = await file('rules.json', {
    kind: 'deviceAccessRule',
    name: 'no iPhones',
    characteristic: 'DeviceType',
    queryString: 'iPhone',
    accessLevel: 'block',
  })
  const tried = await type('policy', 'try', rules)
  assert.equal(tried.code, 3)
  assert.match(
    tried.out,
    /1 newly blocked.*blocked +alice +ALICE1 .*exchangeDeviceRule +no iPhones/s,
  )
  const dry = await type('policy', 'apply', rules, '--dry-run')
  assert.equal(dry.out, tried.out)
  const first = await type('policy', 'apply', rules)
  assert.equal(first.code, 1)
  const confirm = confirmOf(first.err)
  await assert.rejects(administrator.call('POST', policies, noMail), refused)
  // The confirmation of one change is none of another.
  const wrong = administrator.call('POST', policies, noMail, { 'x-postern-confirm': confirm })
  await assert.rejects(wrong, refused)
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')

  // Each try of the same change has the same name, though a policy gets a fresh id each time.
  const named = await administrator.call('POST', policies, noMail).then(
    () => assert.fail('it was applied'),
    (thrown: unknown) => confirmOf((thrown as Error).message),
  )
  await administrator.call('POST', policies, noMail, { 'x-postern-confirm': named })
  assert.equal((await row('ALICE1')).exchangeAccessState, 'blocked')

  await type('enforce', '--off')
  const begin = await type('enforce')
  assert.match(begin.err, refused)
  const all = await type('enforce', '--confirm', confirmOf(begin.err))
  assert.equal(all.out, 'enforcing for all')
})

test('a folder of Graph’s policies is tried before it is there, and changes nothing', async (t) => {
  const { house, enforce, type, file } = await open(t)
  await house.addUser('alice')
  await enforce()
  await settle(house.phone('alice', 'ALICE1'))
  const tried = await type('--json', 'policy', 'try', await file('policy.json', noMail))
  assert.equal(tried.code, 3)
  const told = JSON.parse(tried.out) as ConsequenceBody
  assert.deepEqual(
    [told.letIn, told.newlyBlockedCount, told.newlyAllowedCount, told.confirm],
    [1, 1, 0, null],
  )
  const [one] = told.newlyBlocked
  assert.deepEqual(
    [
      one?.userPrincipalName,
      one?.easDeviceId,
      one?.before,
      one?.after,
      one?.policy,
      one?.ipAddress,
    ],
    ['alice', 'ALICE1', 'allow', 'block', 'no mail', '127.0.0.1'],
  )
  assert.match((await type('enforce', '--off', '--dry-run')).out, /0 newly blocked/)
  assert.deepEqual(await house.administrator.call('GET', policies).then(Object), {
    ...(await house.administrator.call<object>('GET', policies)),
    value: [],
  })
})

test('a change with a rollback waits for its confirmation', async (t) => {
  const { type, file } = await open(t)
  const rules = await file('mail.json', { kind: 'organization', defaultAccessLevel: 'block' })
  assert.match((await type('policy', 'confirm')).err, /^not\.found/)
  assert.match((await type('policy', 'apply', rules, '--rollback-after', 'soon')).err, /no time/)
  assert.equal((await type('policy', 'apply', rules, '--rollback-after', '10m')).code, 0)
  assert.match(
    (await type('policy', 'confirm', '--show')).out,
    /organization, changed by local:.*undone .* unless/,
  )
  assert.match((await type('enforce', '--rollback-after', '1h')).err, /^policy\.unsettled/)
  assert.match((await type('policy', 'confirm')).out, /stays/)
  assert.match((await type('policy', 'confirm', '--show')).out, /no change waits/)
})

test('what the site decides for all devices cannot be rolled back: asked for so, nothing of it is done', async (t) => {
  const { house, type } = await open(t)
  const { call } = house.administrator
  const settings = { secureByDefault: true, deviceComplianceCheckinThresholdDays: 7 }
  const before = await call('GET', '/deviceManagement/settings')
  await assert.rejects(
    call('PATCH', '/deviceManagement', { settings }, { [rollbackHeader]: '600' }),
    { code: 'policy.invalid' },
  )
  assert.deepEqual(await call('GET', '/deviceManagement/settings'), before)
  assert.match((await type('policy', 'confirm', '--show')).out, /no change waits/)
  assert.equal((await type('history', 'list')).out, 'nothing was changed')
  await call('PATCH', '/deviceManagement', { settings })
  assert.deepEqual(await call('GET', '/deviceManagement/settings'), settings)
})

test('a template too is tried before it is applied, and refused where it would shut out an emergency account', async (t) => {
  const { house, enforce, type, row } = await open(t)
  await house.addUser('alice')
  await enforce()
  await settle(house.phone('alice', 'ALICE1'))
  await type('policy', 'guard', '--break-glass-user', 'alice')
  const apply = (...flags: string[]) =>
    type('policy', 'template', 'apply', 'require-known-device', '--set', 'state=enabled', ...flags)
  assert.match((await apply('--dry-run')).out, /1 newly blocked.*ALICE1.*danger: breakGlass/s)
  const refused = await apply()
  const [, confirm = assert.fail(refused.err)] = /(lockout-[\w-]{16})/.exec(refused.err) ?? []
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')
  assert.equal((await apply('--confirm', confirm, '--rollback-after', '1h')).code, 0)
  assert.notEqual((await row('ALICE1')).exchangeAccessState, 'allowed')
  assert.match((await type('policy', 'confirm')).out, /stays/)
})

test('a change of both kinds of policies is undone as one, unless it is confirmed', async (t) => {
  const clock = createMovedClock()
  const { type, file, house } = await open(t, { clock })
  const phones = (osMinimumVersion: string) => ({
    kind: 'compliancePolicy',
    name: 'Phones',
    platform: 'iOS',
    settings: { osMinimumVersion },
  })
  const inForce = () => house.administrator.call('GET', '/postern/policies')
  assert.equal((await type('policy', 'apply', await file('first.json', phones('17.0')))).code, 0)
  const before = await inForce()
  await file('set/phones.json', phones('18.0'))
  await file('set/tablets.json', { ...phones('16.0'), name: 'Tablets' })
  const mail = await file('set/mail.json', { kind: 'organization', userMailInsert: 'Call us' })
  assert.equal((await type('policy', 'apply', dirname(mail), '--rollback-after', '10m')).code, 0)
  assert.notDeepEqual(await inForce(), before)
  assert.match((await type('policy', 'confirm', '--show')).out, /organization, compliancePolicies/)
  clock.move(11 * minute)
  await eventually(
    async () => (await type('policy', 'confirm', '--show')).out.includes('no change waits'),
    'it is undone',
    20_000,
  )
  assert.deepEqual(await inForce(), before)
})
