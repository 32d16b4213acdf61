import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import type { HistoryRow, HistoryVerdict } from '../../src/graph/history-contract.ts'
import { openShell, type Shell } from './shell.ts'

// Who changed what. This also holds src/cli/history.ts, src/cli/history-verify.ts, src/cli/history-file.ts, src/cli/moment.ts,
// src/graph/routes/history.ts, src/graph/history-contract.ts, src/graph/answer-failures.ts and src/access/policy-things.ts.

/** A shell at which several people type, each under a name. */
async function open(t: TestContext) {
  const shell = await openShell(t)
  t.after(() => void delete process.env['POSTERN_ACTOR'])
  const as = (actor: string) => {
    process.env['POSTERN_ACTOR'] = actor
    return shell.type
  }
  const rows = async (...flags: readonly string[]): Promise<readonly HistoryRow[]> =>
    JSON.parse((await shell.type('--json', 'history', 'list', ...flags)).out) as HistoryRow[] // as the server sends them
  const sql = (text: string) => {
    const database = new DatabaseSync(join(shell.folder, 'postern.sqlite'))
    database.exec(text)
    database.close()
  }
  return { ...shell, as, rows, sql }
}

const outside = (groups: readonly string[]) => ({
  displayName: 'Outside',
  state: 'enabledForReportingButNotEnforced',
  conditions: {
    clientAppTypes: ['all'],
    applications: { includeApplications: ['All'] },
    users: { includeUsers: ['All'], excludeGroups: groups },
  },
  grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
})

const phones = (osMinimumVersion: string) => ({
  kind: 'compliancePolicy',
  name: 'Phones',
  platform: 'iOS',
  settings: { osMinimumVersion },
})

test('two administrators change things, and the history says who changed what, and how', async (t) => {
  const { as, rows, file, group, type } = await open(t)
  await group('Board')
  await group('Staff')
  const put = (name: string, value: object) => file(`set/${name}.json`, JSON.stringify(value))
  await put('outside', outside(['Board']))
  await put('phones', phones('17.0'))
  const set = await file('set/rule.yaml', rule('block'))
  const folder = join(set, '..')
  assert.equal((await as('ann')('policy', 'apply', folder)).code, 0)
  await put('outside', outside(['Staff']))
  await put('phones', phones('18.0'))
  assert.equal((await as('bob')('policy', 'apply', folder)).code, 0)
  assert.equal((await as('bob')('policy', 'apply', folder)).code, 0)
  await as('ann')(
    'collection',
    'create',
    'Pilots',
    '--rule',
    'user.userPrincipalName -startsWith "p"',
  )
  await as('bob')('collection', 'delete', 'Pilots')
  await as('ann')('enforce')

  const all = await rows()
  assert.deepEqual(
    all.map(({ entry: { actor, change, kind, name } }) => `${actor} ${change} ${kind} ${name}`),
    [
      'local:ann changed enforcement ',
      'local:bob deleted collection Pilots',
      'local:ann created collection Pilots',
      'local:bob created apply ',
      'local:bob changed conditionalAccessPolicy Outside',
      'local:bob changed compliancePolicy Phones',
      'local:ann created apply ',
      'local:ann created deviceAccessRule Old phones',
      'local:ann created conditionalAccessPolicy Outside',
      'local:ann created compliancePolicy Phones',
      'local:root created group Staff',
      'local:root created group Board',
    ],
  )
  assert.equal(new Set(all.slice(3, 6).map(({ entry }) => entry.correlation)).size, 1)
  assert.deepEqual(
    (await rows('--actor', 'local:bob', '--name', 'phones')).map(({ entry }) => entry.seq),
    [7],
  )
  assert.equal((await rows('--since', '1d', '--count', '2')).length, 2)
  assert.equal((await rows('--kind', 'collection')).length, 2)
  await assertTold(type)
})

/** The same for people. */
async function assertTold(type: Shell['type']): Promise<void> {
  const shown = await type('history', 'show', '8')
  assert.match(shown.out, /^8: local:bob changed conditionalAccessPolicy "Outside"\n/)
  assert.match(
    shown.out,
    /\nconditions\.users\.excludeGroups: \+ "Staff"\nconditions\.users\.excludeGroups: - "Board"$/,
  )
  assert.match(
    (await type('history', 'show', '7')).out,
    /\nsettings\.osMinimumVersion: "17\.0" -> "18\.0"$/,
  )
  assert.match(
    (await type('history', 'list')).out,
    /12 +20\S+ \S+ +local:ann +changed +enforcement +state/,
  )
  assert.match(
    (await type('history', 'list', '--csv')).out,
    /^number,at,actor,change,kind,name,what\r\n12,/,
  )
  const lost = await type('history', 'show', '99')
  assert.deepEqual([lost.code, lost.err.startsWith('not.found')], [1, true])
  for (const wrong of [
    ['--kind', 'x'],
    ['--count', '0'],
    ['--since', 'x'],
  ])
    assert.equal((await type('history', 'list', ...wrong)).code, 1)
}

const rule = (level: string) =>
  `kind: deviceAccessRule\nname: Old phones\ncharacteristic: DeviceModel\nqueryString: X\naccessLevel: ${level}\n`

test('what was altered in the database, put away from its end, or made up in an export, is found and named', async (t) => {
  const { as, type, file, sql, folder } = await open(t)
  let deed = 'create'
  const change = async (description: string, actor = 'ann') => {
    const typed = await as(actor)('collection', deed, 'Pilots', '--description', description)
    assert.equal(typed.code, 0)
    deed = 'change'
  }
  assert.deepEqual(await type('history', 'head'), {
    code: 0,
    out: 'nothing was changed yet',
    err: '',
  })
  assert.match((await type('history', 'verify')).out, /^whole: 0 entries$/)
  for (const level of ['block', 'allow', 'quarantine', 'block']) await change(level)
  const { out: head } = await type('history', 'head')
  assert.match(head, /^4:[0-9a-f]{64}$/)
  const key = await file('key.pem', (await type('history', 'key')).out)
  const exported = await file('history.ndjson', (await type('history', 'export')).out)
  const whole = await type('history', 'verify', '--head', head, '--key', key)
  assert.deepEqual([whole.code, whole.out], [0, `whole: 4 entries, the last is ${head}`])
  const offline = await type('history', 'verify', '--file', exported, '--key', key, '--head', head)
  assert.deepEqual([offline.code, offline.out, offline.err], [0, whole.out, ''])
  assert.match(
    (await type('history', 'verify', '--file', exported)).err,
    /^by the key in the file itself/,
  )

  const text = await readFile(exported, 'utf8')
  const lines = text.trimEnd().split('\n')
  const forged = async (next: readonly string[]) =>
    type('history', 'verify', '--key', key, '--file', await file('forged.ndjson', next.join('\n')))
  const fault = (seq: number, what: string) =>
    new RegExp(`^${seq} ${what}: .*\nNOT WHOLE: 1 faults in`)
  const altered = await forged(
    lines.map((line) => line.replace('"after":"quarantine"', '"after":"allow"')),
  )
  assert.equal(altered.code, 3)
  assert.match(altered.out, fault(3, 'altered'))
  assert.match((await forged(lines.filter((_, at) => at !== 2))).out, fault(2, 'missing'))
  assert.match((await forged(lines.slice(0, -1))).out, fault(4, 'head'))
  for (const wrong of [[], ['{}'], [lines[0] ?? '', '{"entry":1}']])
    assert.equal((await forged(wrong)).code, 1)
  assert.equal((await type('history', 'verify', '--file', join(folder, 'nowhere'))).code, 1)
  assert.equal((await type('history', 'verify', '--head', '4')).code, 1)

  sql(
    `update history set document = replace(document, 'local:ann', 'local:bob'), actor = 'local:bob' where seq = 2`,
  )
  const found = await type('--json', 'history', 'verify')
  assert.equal(found.code, 3)
  const { faults } = JSON.parse(found.out) as HistoryVerdict // as the server sends it
  assert.deepEqual(
    faults.map(({ seq, fault: what }) => `${seq} ${what}`),
    ['2 altered'],
  )
  sql(
    `update history set document = replace(document, 'local:bob', 'local:ann'), actor = 'local:ann' where seq = 2`,
  )
  assert.equal((await type('history', 'verify')).code, 0)
  sql(`delete from history where seq = 4`)
  assert.equal((await type('history', 'verify')).code, 0)
  await change('allow', 'mallory')
  assert.equal((await type('history', 'verify')).code, 0)
  const gone = await type('history', 'verify', '--head', head)
  assert.deepEqual([gone.code, fault(4, 'head').test(gone.out)], [3, true])
})
