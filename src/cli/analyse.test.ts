import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { typed } from '../../test/fake/terminal.ts'
import type { AnalysisReport, DifferenceReport } from '../conditional/analysis-report.ts'

// The words are of src/conditional/analysis-words.ts, users are read by src/cli/directory-file.ts, device models made up by
// src/conditional/analysis/device-sides.ts.

const root = mkdtempSync(join(tmpdir(), 'postern-analyse-'))
after(() => rmSync(root, { recursive: true, force: true }))

const policy = (displayName: string, conditions: object, control: string, state = 'enabled') => ({
  displayName,
  state,
  conditions: {
    clientAppTypes: ['all'],
    applications: { includeApplications: ['All'] },
    ...conditions,
  },
  grantControls: { operator: 'OR', builtInControls: [control] },
})

/** A folder that holds each value as a file. */
function folder(name: string, values: readonly object[]): string {
  mkdirSync(join(root, name))
  values.forEach((value, n) => {
    writeFileSync(join(root, name, `${n}.json`), JSON.stringify(value))
  })
  return join(root, name)
}

const everyone = { users: { includeUsers: ['All'] } }
const butBreakGlass = { users: { includeUsers: ['All'], excludeGroups: ['G1'] } }
const onIpads = {
  devices: { deviceFilter: { mode: 'exclude', rule: 'device.model -startsWith "iPad"' } },
}
const group = { id: 'G1', displayName: 'Break glass' }

describe('postern analyse', () => {
  it('ends with 0 where there is no hole, and tells exceptions by their name', async () => {
    const path = folder('whole', [policy('Devices', butBreakGlass, 'compliantDevice'), group])
    const { code, out } = await typed('analyse', path)
    assert.equal(code, 0)
    assert.match(out, /group Break glass +browser, .* any platform +anywhere +nothing more/)
    assert.match(out, /No holes\./)
  })

  it('ends with 3 and a request for what-if where somebody gets in', async () => {
    const path = folder('ipad', [policy('Devices', { ...everyone, ...onIpads }, 'compliantDevice')])
    const { code, out } = await typed('--json', 'analyse', path)
    const { holes, openToMembers } = JSON.parse(out) as AnalysisReport
    assert.equal(code, 3)
    assert.equal(openToMembers, 21)
    const [way] = holes[0]?.cells ?? []
    assert.ok(way)
    assert.deepEqual(
      (way.request as { signInConditions: { deviceInfo: object } }).signInConditions.deviceInfo,
      { model: 'ipad', isCompliant: false, isManaged: true },
    )
  })

  it('tells what is redundant, shadowed and dead, and counts report-only policies when asked', async () => {
    const path = folder('surplus', [
      policy('Block', everyone, 'block'),
      policy('Too late', everyone, 'mfa'),
      policy('Nobody', { users: { includeUsers: ['None'] } }, 'mfa'),
      policy('Draft', everyone, 'block', 'enabledForReportingButNotEnforced'),
    ])
    const kinds = async (...more: string[]) => {
      const { out } = await typed('--json', 'analyse', path, ...more)
      const { surplus } = JSON.parse(out) as AnalysisReport
      return surplus.map(({ kind, policy }) => `${policy.displayName} ${kind}`)
    }
    assert.deepEqual(await kinds(), ['Too late shadowed', 'Nobody neverApplies'])
    assert.deepEqual(await kinds('--counting', 'reportOnly'), [
      'Block shadowed',
      'Too late shadowed',
      'Nobody neverApplies',
      'Draft shadowed',
    ])
  })

  it('names the people of a directory, nested groups and exceptions among them', async () => {
    const path = folder('people', [
      policy(
        'Staff',
        { users: { includeGroups: ['staff'], excludeGroups: ['G1'] } },
        'compliantDevice',
      ),
    ])
    const directory = join(root, 'directory.json')
    const users = [
      { id: 'u1', userPrincipalName: 'ann@x.test', memberOf: [{ id: 'team' }] },
      { id: 'u2', userPrincipalName: 'bob@x.test', memberOf: [] },
      { id: 'u3', userPrincipalName: 'root@x.test', memberOf: ['team', 'g1'] },
    ]
    const groups = [{ id: 'team', memberOf: ['staff'] }, { id: 'staff', members: [] }, group]
    writeFileSync(directory, JSON.stringify({ users: { value: users }, groups }))
    const { code, out } = await typed('--json', 'analyse', path, '--directory', directory)
    const { holes, exceptions } = JSON.parse(out) as AnalysisReport
    assert.equal(code, 3)
    assert.deepEqual(
      [...new Set(holes.flatMap(({ who }) => who))],
      [{ kind: 'people', names: ['bob@x.test'] }],
    )
    assert.deepEqual(
      [...new Set(exceptions.flatMap(({ who }) => who))],
      [{ kind: 'people', names: ['root@x.test'] }],
    )
  })

  it('ends with 1 for a file that it cannot read, and with 2 for wrong usage', async () => {
    const path = folder('broken', [policy('Odd', everyone, 'mfa', 'sometimes')])
    const { code, complaints } = await typed('analyse', path)
    assert.equal(code, 1)
    assert.match(complaints.join(), /0\.json: state/)
    assert.equal((await typed('analyse', folder('empty', []))).code, 1)
    assert.equal((await typed('analyse', join(root, 'none'))).code, 1)
    assert.equal((await typed('analyse')).code, 2)
    assert.equal((await typed('analyse', path, '--counting', 'some')).code, 2)
  })
})

describe('postern diff', () => {
  const eas = { ...everyone, clientAppTypes: ['exchangeActiveSync', 'other'] }

  it('ends with 0 for two ways to say the same', async () => {
    const one = folder('one', [policy('Legacy', eas, 'block')])
    const two = folder('two', [
      policy('EAS', { ...everyone, clientAppTypes: ['exchangeActiveSync'] }, 'block'),
      policy('Other', { ...everyone, clientAppTypes: ['other'] }, 'block'),
    ])
    const { code, out } = await typed('diff', one, two)
    assert.equal(code, 0)
    assert.match(out, /let in the same/)
  })

  it('ends with 3, and names who is let in and by which policy they were refused', async () => {
    const before = folder('before', [policy('Legacy', eas, 'block')])
    const after = folder('after', [
      policy('Legacy', { ...everyone, clientAppTypes: ['other'] }, 'block'),
    ])
    const { code, out } = await typed('diff', before, after)
    assert.equal(code, 3)
    assert.match(
      out,
      /^opened: exchangeActiveSync on any platform: to mail; was refused by Legacy$/m,
    )
    assert.doesNotMatch(out, /closed/)
    const back = JSON.parse((await typed('--json', 'diff', after, before)).out) as DifferenceReport
    assert.deepEqual([back.opened.length, back.closed.length > 0], [0, true])
  })

  it('tells session controls that come and go', async () => {
    const plain = policy('Hourly', everyone, 'mfa')
    const frequency = { isEnabled: true, value: 1, type: 'hours', frequencyInterval: 'timeBased' }
    const hourly = { ...plain, sessionControls: { signInFrequency: frequency } }
    const { code, out } = await typed('diff', folder('free', [plain]), folder('hourly', [hourly]))
    assert.equal(code, 3)
    assert.match(out, /^added: signInFrequency .* by Hourly$/m)
  })
})
