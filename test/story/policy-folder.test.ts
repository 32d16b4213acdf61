import assert from 'node:assert/strict'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Collection, PolicySet } from '../../src/graph/contract.ts'
import type { PolicyPlan } from '../../src/graph/folder-contract.ts'
import { openShell, type Shell } from './shell.ts'

// Policies as code. This also holds src/cli/policy-plan.ts, src/cli/policy-export.ts, src/cli/policy-documents.ts,
// src/graph/folder-contract.ts, src/graph/routes/policy-folder.ts, src/graph/policy-folder/conditional-form.ts and src/graph/policy-folder/site-form.ts.

const target = (type: string, groupId?: string) => ({
  target: {
    '@odata.type': `#microsoft.graph.${type}AssignmentTarget`,
    ...(groupId && { groupId }),
  },
})

const phones = {
  '@odata.type': '#microsoft.graph.iosCompliancePolicy',
  displayName: 'Phones',
  passcodeRequired: true,
  osMinimumVersion: '17.0',
  assignments: [target('group', 'Staff'), target('exclusionGroup', 'Board')],
}

const office = {
  '@odata.type': '#microsoft.graph.ipNamedLocation',
  displayName: 'Office',
  isTrusted: false,
  ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '192.0.2.0/24' }],
}

const outside = {
  displayName: 'Compliant devices outside',
  state: 'enabled',
  conditions: {
    clientAppTypes: ['all'],
    applications: { includeApplications: ['All'] },
    users: { includeUsers: ['All'], excludeUsers: ['alice'], excludeGroups: ['Board'] },
    locations: { includeLocations: ['All'], excludeLocations: ['Office'] },
  },
  grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
}

/** A shell with people, and a folder with a policy of each kind that Graph has. */
async function openFolder(shell: Shell): Promise<string> {
  await shell.house.addUser('alice')
  await shell.group('Staff', 'alice')
  await shell.group('Board', 'alice')
  await put(shell, 'compliance/phones', phones)
  await put(shell, 'locations/office', office)
  await put(shell, 'access/outside', outside)
  await shell.file('set/site.yaml', 'kind: organization\nuserMailInsert: Ask the desk.\n')
  return join(shell.folder, 'set')
}

const put = ({ file }: Shell, name: string, document: object) =>
  file(`set/${name}.json`, JSON.stringify(document))

const changesOf = (out: string) =>
  (JSON.parse(out) as PolicyPlan).changes.map(({ action, kind, name }) => [action, kind, name])

test('a folder is planned, applied, changed, and in force by names', async (t) => {
  const shell = await openShell(t)
  const { type, house } = shell
  const folder = await openFolder(shell)
  const planned = await type('policy', 'plan', folder)
  assert.equal(planned.code, 3)
  assert.match(planned.out, /^\+ create compliancePolicy "Phones"$/m)
  assert.match(planned.out, /^ {4}userMailInsert: "" -> "Ask the desk\."$/m)
  assert.match(planned.out, /^3 to create, 1 to change, 0 to delete$/m)
  const list = () => house.administrator.call<PolicySet>('GET', '/postern/policies')
  assert.ok(!(await list()).documents.some(({ kind }) => kind === 'compliancePolicy'))

  const applied = await type('policy', 'apply', folder)
  assert.equal(applied.code, 0, applied.err)
  assert.match(applied.out, /applied: 3 created, 1 changed, 0 deleted$/)
  assert.deepEqual(await type('policy', 'plan', folder), {
    code: 0,
    out: '0 to create, 0 to change, 0 to delete',
    err: '',
  })
  const [policy] = (await list()).documents
  assert.ok(policy?.kind === 'compliancePolicy')
  assert.deepEqual([policy.assignedTo, policy.excluded], [['Staff'], ['Board']])
  const graph = '/identity/conditionalAccess'
  const one = async (path: string) => {
    const { value } = await house.administrator.call<Collection<typeof outside & { id: string }>>(
      'GET',
      `${graph}/${path}`,
    )
    assert.equal(value.length, 1)
    return value[0]
  }
  const [made, place] = [await one('policies'), await one('namedLocations')]
  assert.deepEqual(made?.conditions.locations.excludeLocations, [place?.id])
  assert.match(made?.conditions.users.excludeUsers[0] ?? '', /^usr_/)

  await put(shell, 'compliance/phones', { ...phones, osMinimumVersion: '18.1' })
  await put(shell, 'access/outside', { ...outside, state: 'disabled' })
  const changed = await type('policy', 'plan', folder)
  assert.equal(changed.code, 3)
  assert.match(
    changed.out,
    /^~ change compliancePolicy "Phones"\n {4}osMinimumVersion: "17\.0" -> "18\.1"$/m,
  )
  assert.match(changed.out, /^ {4}state: "enabled" -> "disabled"$/m)
  assert.equal((await type('policy', 'apply', folder)).code, 0)
  assert.equal((await one('policies'))?.id, made?.id, 'who keeps the name keeps the id')
})

test('what no file names is told, and goes only with --prune', async (t) => {
  const shell = await openShell(t)
  const { type } = shell
  const folder = await openFolder(shell)
  assert.equal((await type('policy', 'apply', folder)).code, 0)
  await put(shell, 'compliance/phones', { ...phones, displayName: 'New phones' })
  await type('policy', 'apply', folder)
  const drifted = await type('policy', 'plan', folder)
  assert.equal(drifted.code, 4)
  assert.match(drifted.out, /^\? unmanaged compliancePolicy "Phones"$/m)
  const pruned = await type('--json', 'policy', 'plan', folder, '--prune')
  assert.equal(pruned.code, 3)
  assert.deepEqual(changesOf(pruned.out), [['delete', 'compliancePolicy', 'Phones']])
  assert.match((await type('policy', 'apply', folder, '--prune')).out, /1 deleted/)
  assert.equal((await type('policy', 'plan', folder, '--prune')).code, 0)

  // Of kinds that the folder does not hold nothing is said, and nothing goes.
  await rm(join(folder, 'access'), { recursive: true })
  assert.equal((await type('policy', 'plan', folder, '--prune')).code, 0)
  // A location that a policy is about stays.
  await put(shell, 'locations/office', { ...office, displayName: 'Branch' })
  const refused = await type('policy', 'apply', folder, '--prune')
  assert.equal(refused.code, 1)
  assert.match(refused.err, /Compliant devices outside is about the location "Office"/)
})

test('one bad document among good ones: nothing is applied, and it is named', async (t) => {
  const shell = await openShell(t)
  const { type } = shell
  const folder = await openFolder(shell)
  const bad: readonly [string, object, RegExp][] = [
    [
      'a',
      { ...phones, displayName: 'X', assignments: [target('group', 'Nobody')] },
      /a\.json, document 1: X: no group or collection is named "Nobody"/,
    ],
    [
      'a',
      {
        ...outside,
        displayName: 'X',
        conditions: { ...outside.conditions, locations: { includeLocations: ['Moon'] } },
      },
      /no location is named "Moon"/,
    ],
    ['a', { ...phones, passcodeRequired: 'perhaps' }, /a\.json, document 1: .*passwordRequired/],
    ['a', { ...phones, osMinimumVersion: '9.0' }, /"Phones" is in a\.json.* too, and differs/],
    ['a', { '@odata.type': '#microsoft.graph.amigaCompliancePolicy', displayName: 'X' }, /a\.json/],
    ['a', { kind: 'complaincePolicy', name: 'X' }, /a\.json, document 1: kind/],
  ]
  for (const [name, document, said] of bad) {
    await put(shell, name, document)
    for (const verb of ['plan', 'apply']) {
      const refused = await type('policy', verb, folder)
      assert.equal(refused.code, 1, refused.out)
      assert.match(refused.err, said)
    }
    await rm(join(folder, `${name}.json`))
  }
  assert.match((await type('policy', 'plan', folder)).out, /^3 to create, 1 to change/m)
})

test('what is exported changes nothing, here, and makes the same again elsewhere', async (t) => {
  const shell = await openShell(t)
  const { type, apply } = shell
  assert.equal((await type('policy', 'apply', await openFolder(shell))).code, 0)
  await shell.file(
    'own.yaml',
    [
      'kind: compliancePolicy\nname: "All: of ../them"\nplatform: all\nseverity: critical\nsettings: { passwordRequired: true }\nassignedTo: [Staff]',
      'kind: deviceAccessRule\nname: Fridges\ncharacteristic: DeviceType\nqueryString: Fridge\naccessLevel: block',
      'kind: semantics\nunmetPolicy: block',
      'kind: autoblockThreshold\nbehavior: RecentCommands\nincidenceLimit: 9\nincidenceMinutes: 5\nblockMinutes: 60',
    ].join('\n---\n'),
  )
  assert.equal((await type('policy', 'apply', join(shell.folder, 'own.yaml'))).code, 0)
  const out = join(shell.folder, 'out')
  assert.equal((await type('policy', 'export', out)).code, 0)
  assert.deepEqual((await readdir(join(out, 'compliance'))).sort(), [
    'All_ of .._them.json',
    'Phones.json',
  ])
  assert.equal((await type('policy', 'plan', out, '--prune')).code, 0)
  assert.match((await type('policy', 'export', out)).err, /^name\.taken: .*--replace/)
  assert.equal((await type('policy', 'export', out, '--replace')).code, 0)

  const other = await openShell(t)
  await other.house.addUser('alice')
  await other.group('Staff')
  await other.group('Board')
  assert.equal((await other.type('policy', 'apply', out)).code, 0)
  assert.equal((await other.type('policy', 'plan', out, '--prune')).code, 0)
  const again = join(other.folder, 'again')
  await other.type('policy', 'export', again)
  assert.equal((await type('policy', 'plan', again, '--prune')).code, 0)

  await apply({ kind: 'organization', userMailInsert: 'Changed by hand' })
  assert.deepEqual(changesOf((await type('--json', 'policy', 'plan', out)).out), [
    ['change', 'organization', ''],
  ])
})

test('what Graph leaves out of an answer stays as it is', async (t) => {
  const shell = await openShell(t)
  const { type } = shell
  const folder = await openFolder(shell)
  const late = { actionType: 'block', gracePeriodHours: 72 }
  const whole = { ...phones, scheduledActionsForRule: [{ scheduledActionConfigurations: [late] }] }
  await put(shell, 'compliance/phones', whole)
  await type('policy', 'apply', folder)
  const { assignments: _, ...bare } = phones
  await put(shell, 'compliance/phones', { ...bare, id: 'X', version: 7, osMinimumVersion: '17.2' })
  const planned = await type('--json', 'policy', 'plan', folder)
  const [change] = (JSON.parse(planned.out) as PolicyPlan).changes
  assert.deepEqual(change?.properties, [
    { path: 'osMinimumVersion', before: '17.0', after: '17.2' },
  ])
})

test('ids of another system are read by the names that its export holds', async (t) => {
  const shell = await openShell(t)
  const { type } = shell
  await openFolder(shell)
  const id = (digit: string) => `${digit.repeat(8)}-0000-0000-0000-000000000000`
  const group = { '@odata.type': '#microsoft.graph.group', id: id('a'), displayName: 'Staff' }
  await shell.file('theirs/groups.json', JSON.stringify({ value: [group] }))
  await shell.file('theirs/place.json', JSON.stringify({ ...office, id: id('b') }))
  const conditions = {
    ...outside.conditions,
    users: { includeGroups: [id('A')] },
    locations: { includeLocations: [id('b')] },
  }
  await shell.file('theirs/policy.json', JSON.stringify({ ...outside, conditions, id: id('c') }))
  const folder = join(shell.folder, 'theirs')
  const applied = await type('policy', 'apply', folder)
  assert.equal(applied.code, 0, applied.err)
  assert.match(applied.err, /left out, no policy: groups\.json/)
  assert.equal((await type('policy', 'plan', folder)).code, 0)
})
