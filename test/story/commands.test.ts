import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShell } from './shell.ts'
import { settle } from './site.ts'

// What an administrator types. This also holds src/cli/devices.ts, src/cli/directory.ts, src/cli/mailbox.ts, src/cli/policies.ts,
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
