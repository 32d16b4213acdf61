import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Collection } from '../../src/graph/contract.ts'
import type { ConsequenceBody } from '../../src/graph/draft-contract.ts'
import { openShell } from './shell.ts'
import { eventually, knownPhone } from './site.ts'

// What healthy means is changed as carefully as who may pass: tried first, and never so that people are locked out by
// accident. This also holds src/graph/guarded-compliance.ts.

interface Group {
  readonly id: string
  readonly displayName: string
}

const family = '/deviceManagement/deviceCompliancePolicies'
const target = (type: string, groupId?: string) => ({
  target: {
    '@odata.type': `#microsoft.graph.${type}AssignmentTarget`,
    ...(groupId && { groupId }),
  },
})
const phones = (osMinimumVersion: string, more: object = {}) => ({
  '@odata.type': '#microsoft.graph.iosCompliancePolicy',
  displayName: 'Phones',
  osMinimumVersion,
  assignments: [target('allLicensedUsers')],
  ...more,
})
const blockAfter = (gracePeriodHours: number) => ({
  scheduledActionsForRule: [
    { scheduledActionConfigurations: [{ actionType: 'block', gracePeriodHours }] },
  ],
})

/** alice and bob with a healthy phone each, of iOS 17.4, where only healthy phones may. */
async function open(t: TestContext) {
  const shell = await openShell(t)
  const { house, enforce, group, type, row } = shell
  const { administrator } = house
  const file = (name: string, value: object) => shell.file(name, JSON.stringify(value))
  for (const user of ['alice', 'bob']) await house.addUser(user)
  await group('Board', 'bob')
  const { id } = await administrator.call<{ id: string }>('POST', family, phones('17.0'))
  await shell.apply({ kind: 'exchangeOnline', enabled: true })
  await enforce()
  await knownPhone(shell, 'alice', 'ALICE1')
  await knownPhone(shell, 'bob', 'BOB1')
  await type('policy', 'guard', '--most-percent', '100')
  const isA = (device: string, state: string) =>
    eventually(async () => (await row(device)).exchangeAccessState === state, state)
  return { ...shell, administrator, path: `${family}/${id}`, file, isA }
}

test('a draft of compliance policies tells by name who would lose mail and who would get it, and why; nothing is saved', async (t) => {
  const { type, file, row, administrator, path, isA } = await open(t)
  const tried = await type('policy', 'try', await file('stricter.json', phones('17.5')))
  assert.equal(tried.code, 3)
  assert.match(tried.out, /2 newly blocked, 0 newly allowed\n/)
  const because =
    /blocked +alice +ALICE1 .* quarantine +notCompliant .*osMinimumVersion is 17\.4, Phones requires 17\.5/
  assert.match(tried.out, because)
  assert.match(tried.out, /blocked +bob +BOB1 /)
  const dry = await type(
    'policy',
    'apply',
    await file('stricter.json', phones('17.5')),
    '--dry-run',
  )
  assert.equal(dry.out, tried.out)

  // Another assignment, a new policy, both at once, and one that changes nothing.
  const foresee = async (...documents: readonly object[]) => {
    const { out, code } = await type('--json', 'policy', 'try', await file('draft.json', documents))
    const told = JSON.parse(out) as ConsequenceBody
    assert.equal(code, told.newlyBlockedCount > 0 ? 3 : 0)
    return told.newlyBlocked.map(({ userPrincipalName }) => userPrincipalName).toSorted()
  }
  const spared = [target('allLicensedUsers'), target('exclusionGroup', 'Board')]
  assert.deepEqual(await foresee(phones('17.5', { assignments: spared })), ['alice'])
  const board = { ...phones('18.0'), displayName: 'Board phones' }
  assert.deepEqual(await foresee({ ...board, assignments: [target('group', 'Board')] }), ['bob'])
  assert.deepEqual(await foresee({ ...board, assignments: [] }), [])
  assert.deepEqual(await foresee(phones('17.4')), [])

  // Those who would lose it only when their grace is over are told apart, with the moment.
  const graceful = await type('policy', 'try', await file('g.json', phones('17.5', blockAfter(24))))
  assert.equal(graceful.code, 0)
  assert.match(graceful.out, /0 newly blocked, 0 newly allowed, 2 blocked when grace ends\n/)
  assert.match(graceful.out, /blocked \d{4}-\d\d-\d\d [\d:]+Z +alice .*osMinimumVersion is 17\.4/)

  const draft = { deviceCompliancePolicies: [{ ...phones('17.5'), assignments: undefined }] }
  const told = await administrator.call<ConsequenceBody>('POST', '/postern/policies/replay', draft)
  assert.equal(told.newlyBlockedCount, 2)
  const { findings } = told.newlyBlocked[0] ?? assert.fail()
  assert.deepEqual(
    findings.map(({ setting, policy, measured, required }) => [
      setting,
      policy,
      measured,
      required,
    ]),
    [['osMinimumVersion', 'Phones', '17.4', '17.5']],
  )
  const kept = await administrator.call<{ osMinimumVersion: string }>('GET', path)
  assert.equal(kept.osMinimumVersion, '17.0')
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')

  // The other way round: what is tightened, then loosened in a draft.
  await administrator.call('PATCH', path, { osMinimumVersion: '17.5' })
  await isA('ALICE1', 'quarantined')
  await isA('BOB1', 'quarantined')
  const looser = await type('policy', 'try', await file('looser.json', phones('17.0')))
  assert.deepEqual([looser.code, /(\d) newly allowed/.exec(looser.out)?.[1]], [0, '2'])
})

test('a change of what healthy means is refused at every door where it would lock out an emergency account', async (t) => {
  const { type, file, row, administrator, path, isA } = await open(t)
  await type('policy', 'guard', '--break-glass-user', 'bob')
  const refused = /emergencies from mail \(bob\).*(lockout-[\w-]{16})/s
  const confirmOf = (text: string) => refused.exec(text)?.[1] ?? assert.fail(text)
  const stricter = await file('stricter.json', phones('17.5'))
  const applied = await type('policy', 'apply', stricter)
  assert.equal(applied.code, 1)
  confirmOf(applied.err)
  const change = { osMinimumVersion: '17.5' }
  await assert.rejects(administrator.call('PATCH', path, change), refused)
  const { value: groups } = await administrator.call<Collection<Group>>('GET', '/groups')
  const board = groups.find(({ displayName }) => displayName === 'Board')
  const spareAlice = { assignments: [target('group', board?.id)] }
  await administrator.call('POST', `${path}/assign`, spareAlice)
  const anew = { ...phones('18.0'), displayName: 'New', ...spareAlice }
  await assert.rejects(administrator.call('POST', family, anew), refused)
  // Without its only policy a device has none, and where that is no health it loses mail too.
  await administrator.call('PATCH', '/deviceManagement', { settings: { secureByDefault: true } })
  await isA('ALICE1', 'quarantined')
  await assert.rejects(administrator.call('DELETE', path), refused)
  await assert.rejects(administrator.call('POST', `${path}/assign`, { assignments: [] }), refused)
  assert.equal((await row('BOB1')).exchangeAccessState, 'allowed')

  // One change is confirmed by its own name, and by no other's.
  const named = await administrator.call('PATCH', path, change).then(
    () => assert.fail('it was applied'),
    (thrown: unknown) => confirmOf(String(thrown)),
  )
  const confirmed = { 'x-postern-confirm': named }
  await assert.rejects(administrator.call('DELETE', path, undefined, confirmed), refused)
  await administrator.call('PATCH', path, change, confirmed)
  await isA('BOB1', 'quarantined')
  const listed = await type('history', 'list')
  assert.match(listed.out, /confirmation/)
})
