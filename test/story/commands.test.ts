import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShell } from './shell.ts'
import { settle } from './site.ts'

// What an administrator types. This also holds src/cli/policy-templates.ts, src/cli/device-access-rules.ts,
// src/graph/routes/device-access-rules.ts, src/graph/routes/policy-templates.ts, src/cli/devices.ts, src/cli/directory.ts, src/cli/mailbox.ts, src/cli/policies.ts,
// src/cli/print.ts, src/graph/caller.ts, src/graph/graph.ts, src/graph/routes/devices.ts, src/graph/routes/directory.ts and
// src/graph/routes/mailbox.ts.

test('users, groups and mail: from nothing to somebody who reads', async (t) => {
  const { type, file, house } = await openShell(t)
  const password = await file('password', 'correct horse\n')
  assert.match((await type('device', 'list')).out, /nothing|no |none/i)
  const added = await type('user', 'add', 'alice', 'alice@example.org', '--password-file', password)
  assert.deepEqual(added, { code: 0, out: 'added alice', err: '' })
  const again = await type('user', 'add', 'Alice', 'a@example.org', '--password-file', password)
  assert.equal(again.code, 1)
  assert.match(again.err, /^name\.taken: /)
  assert.equal((await type('group', 'add', 'staff')).code, 0)
  assert.equal((await type('group', 'join', 'staff', 'alice')).code, 0)
  assert.match((await type('group', 'list')).out, /staff +alice/)
  assert.match((await type('user', 'list')).out, /alice +alice +alice@example\.org/)
  const mail = await file('mail.eml', 'Subject: Figures\r\n\r\nHello.\r\n')
  assert.equal((await type('mailbox', 'import', mail, '--user', 'alice')).code, 0)
  const phone = house.phone('alice', 'ALICE1', { password: 'correct horse' })
  await settle(phone)
  assert.deepEqual(
    [...phone.mails().values()].map(({ subject }) => subject),
    ['Figures'],
  )
  assert.equal((await type('user', 'disable', 'alice')).code, 0)
  assert.equal((await phone.folderSync()).http, 401)
})

test('devices: list, show, block, explain, log, and back', async (t) => {
  const { type, house } = await openShell(t)
  await house.addUser('alice')
  assert.equal((await type('enforce')).out, 'enforcing for all')
  await settle(house.phone('alice', 'ALICE1'))
  assert.match((await type('device', 'list')).out, /alice_iPhone +alice +allowed/)
  const rows: unknown = JSON.parse((await type('--json', 'device', 'list')).out)
  assert.ok(Array.isArray(rows) && rows.length === 1)
  assert.match((await type('device', 'block', 'ALICE1')).out, /blocked \(exchangeIndividualRule\)/)
  assert.match((await type('device', 'show', 'alice_iPhone')).out, /exchangeAccessState +blocked/)
  const explained = await type('explain', 'ALICE1')
  assert.match(explained.out, /personalBlock/)
  assert.match((await type('log', '--count', '5')).out, /block/)
  assert.match((await type('device', 'list', '--state', 'allowed')).out, /nothing|no |none/i)
  assert.match((await type('device', 'reset', 'ALICE1')).out, /allowed/)
  assert.match((await type('device', 'allow', 'ALICE1')).out, /exchangeIndividualRule/)
  const missing = await type('device', 'show', 'nobody')
  assert.equal(missing.code, 1)
  assert.match(missing.err, /^not\.found/)
  const retired = await type('device', 'retire', 'ALICE1')
  assert.equal(retired.code, 1)
  assert.match(retired.err, /nothing to retire/)
  assert.equal((await type('enforce', '--off')).out, 'observing: all mail passes')
})

test('policies: what is wrong is named, what is right is in force', async (t) => {
  const { type, file } = await openShell(t)
  const bad = await file('bad.yaml', 'kind: compliancePolicy\nname: P\nplatform: amiga\n')
  const refused = await type('policy', 'apply', bad)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /policy\.invalid.*bad\.yaml, document 1: .*platform/s)
  const good = await file(
    'good.yaml',
    'kind: compliancePolicy\nname: Phones\nplatform: iOS\nsettings: { osMinimumVersion: "17.0" }\n---\nkind: exchangeOnline\nenabled: true\n',
  )
  assert.equal((await type('policy', 'apply', good, '--check')).code, 0)
  assert.doesNotMatch((await type('policy', 'list')).out, /Phones/)
  assert.equal((await type('policy', 'apply', good)).code, 0)
  assert.match((await type('policy', 'list')).out, /compliancePolicy +Phones/)
  const back = await file('back.yaml', (await type('policy', 'list', '--yaml')).out)
  assert.equal((await type('policy', 'apply', back)).code, 0)
})

test('the classic page as a template: shown, applied with settings, changed by applying it again', async (t) => {
  const { type, house } = await openShell(t)
  assert.match((await type('policy', 'template', 'list')).out, /classic-exchange-online/)
  const shown = await type('policy', 'template', 'show', 'classic-on-premises')
  assert.match(shown.out, /overrideDefaultRule +false/)
  await house.addUser('alice')
  await house.deliver('alice', 'Figures')
  await type('enforce')
  const phone = house.phone('alice', 'ALICE1')
  const apply = (...set: string[]) =>
    type('policy', 'template', 'apply', 'classic-exchange-online', '--set', ...set)
  const missing = await apply('targeted=Staff')
  assert.equal(missing.code, 1)
  assert.match(missing.err, /not\.found.*Staff/s)
  assert.match((await apply('colour=red')).err, /colour is none; there are state, exempt/)
  await type('group', 'add', 'Staff')
  await type('group', 'join', 'Staff', 'alice')
  // Only told at first.
  assert.match((await apply('targeted=Staff')).out, /a healthy device +enabledForReporting/)
  await settle(phone)
  const reason = async () => (await type('--json', 'device', 'show', 'ALICE1')).out
  assert.match(await reason(), /"exchangeAccessState": "allowed"/)
  assert.equal((await apply('targeted=Staff', 'state=enabled')).code, 0)
  assert.match(await reason(), /"exchangeAccessStateReason": "notEnrolled"/)
  assert.equal((await apply('targeted=Staff', 'exempt=Staff', 'state=enabled')).code, 0)
  assert.match(await reason(), /"exchangeAccessState": "allowed"/)
  const { value } = await house.administrator.call<{ value: { displayName: string }[] }>(
    'GET',
    '/identity/conditionalAccess/policies',
  )
  assert.equal(new Set(value.map(({ displayName }) => displayName)).size, value.length)
})

test('Graph lists the templates of one policy each', async (t) => {
  const { house } = await openShell(t)
  const graph = '/identity/conditionalAccess/templates'
  interface Row {
    readonly id: string
    readonly name: string
    readonly details: { readonly grantControls: { readonly builtInControls: string[] } | null }
  }
  const { value } = await house.administrator.call<{ value: Row[] }>('GET', graph)
  assert.equal(value.length, 7)
  const legacy = value.find(({ name }) => /only send a password/.test(name)) ?? assert.fail()
  assert.deepEqual(legacy.details.grantControls?.builtInControls, ['block'])
  assert.deepEqual(await house.administrator.call('GET', `${graph}/${legacy.id}`), legacy)
  await assert.rejects(
    house.administrator.call('GET', `${graph}/classic-on-premises`),
    /more than one/,
  )
  await assert.rejects(house.administrator.call('GET', `${graph}/nothing`), /no template/)
  const all = await house.administrator.call<{ value: object[] }>('GET', '/postern/policyTemplates')
  assert.equal(all.value.length, 9)
})

test('F85 a client that asks too often is told to wait, and let in by one word', async (t) => {
  const { type, file, house } = await openShell(t)
  await house.addUser('alice')
  await type('enforce')
  const phone = house.phone('alice', 'ALICE1')
  await settle(phone)
  const limits = await file(
    'limits.yaml',
    'kind: autoblockThreshold\nbehavior: RecentCommands\nincidenceLimit: 3\nincidenceMinutes: 60\nblockMinutes: 30\n',
  )
  assert.equal((await type('policy', 'apply', limits)).code, 0)
  assert.match((await type('policy', 'list')).out, /RecentCommands +3 within 60 minutes/)
  const told: number[] = []
  for (let n = 0; n < 4; n++) told.push((await phone.folderSync('0')).http)
  assert.deepEqual(told, [200, 200, 503, 503])
  const { headers } = await phone.folderSync('0')
  assert.equal(headers['x-ms-asthrottle'], 'RecentCommands')
  assert.ok(Number(headers['retry-after']) > 1700)
  assert.match(
    (await type('explain', 'ALICE1')).out,
    /recentCommands: Your mail app asks too often/,
  )
  assert.equal((await type('device', 'reset', 'ALICE1')).code, 0)
  assert.equal((await phone.folderSync('0')).http, 200)
  const blind = await file(
    'blind.yaml',
    'kind: autoblockThreshold\nbehavior: OutOfBudgets\nincidenceLimit: 3\nincidenceMinutes: 60\nblockMinutes: 30\n',
  )
  assert.match((await type('policy', 'apply', blind)).err, /seen by the mail server itself/)
})

test('F38 a rule about X-MS-WL names the clients that send it', async (t) => {
  const { type, file, house } = await openShell(t)
  await house.addUser('alice')
  await type('enforce')
  const rule = await file(
    'rule.yaml',
    'kind: deviceAccessRule\nname: cloud\ncharacteristic: XMSWLHeader\nqueryString: App=Outlook\naccessLevel: block\n',
  )
  assert.equal((await type('policy', 'apply', rule)).code, 0)
  const cloud = house.phone('alice', 'CLOUD1', { wlHeader: 'App=Outlook' })
  const other = house.phone('alice', 'OTHER1')
  assert.equal((await cloud.folderSync('0')).status, 129)
  // Left out, what was told once still holds.
  cloud.wlHeader = undefined
  assert.equal((await cloud.folderSync('0')).status, 129)
  assert.notEqual((await other.folderSync('0')).status, 129)
})

test('a wrong word is said with the way out, and exit code 2', async (t) => {
  const { type } = await openShell(t)
  for (const argv of [
    ['divice', 'list'],
    ['device', 'show'],
    ['user', 'add', 'x'],
  ]) {
    const typed = await type(...argv)
    assert.equal(typed.code, 2, argv.join(' '))
    assert.match(typed.err, /--help/)
  }
  const help = await type('--help')
  assert.equal(help.code, 0)
  for (const word of [
    'run',
    'demo',
    'device',
    'user',
    'group',
    'policy',
    'explain',
    'log',
    'enforce',
  ])
    assert.match(help.out, new RegExp(`^ +${word}`, 'm'))
  assert.equal((await type('policy', '--help')).code, 0)
})

test('F38 device access rules one by one: made, changed in their level alone, tried, and taken away', async (t) => {
  const { type, house, row } = await openShell(t)
  await house.addUser('alice')
  await type('enforce')
  await settle(house.phone('alice', 'ALICE1'))
  const add = (...rest: string[]) =>
    type('rule', 'add', 'iPhone', '--characteristic', 'DeviceType', ...rest)
  assert.equal((await add('--level', 'allow', '--name', 'Phones')).out, 'Phones(DeviceType): allow')
  assert.match((await add('--level', 'block', '--name', 'PHONES')).err, /^name\.taken/)
  assert.match((await add('--level', 'forbid')).err, /^request\.malformed.*accessLevel/)
  const wild = await type(
    'rule',
    'add',
    'iP*',
    '--characteristic',
    'DeviceType',
    '--level',
    'block',
  )
  assert.match(wild.err, /^policy\.invalid.*wildcard/)
  const tried = await type('rule', 'set', 'phones', 'block', '--dry-run')
  assert.match(tried.out, /1 newly blocked.*ALICE1/s)
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')
  const blocked = await type('rule', 'set', 'phones(devicetype)', 'block')
  assert.equal(blocked.out, 'Phones(DeviceType): block')
  assert.equal((await row('ALICE1')).exchangeAccessStateReason, 'exchangeDeviceRule')
  assert.match((await type('rule', 'list')).out, /Phones\(DeviceType\) +DeviceType +iPhone +block/)
  assert.equal((await type('rule', 'remove', 'Phones', '--rollback-after', '1h')).code, 0)
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')
  assert.match((await type('policy', 'confirm')).out, /deviceAccessRules.*stays/)
  assert.match((await type('rule', 'remove', 'Phones')).err, /^not\.found/)
})
