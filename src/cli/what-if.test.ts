import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { typed } from '../../test/fake/terminal.ts'
import type { CheckedPolicy } from './policy-check.ts'
import type { ForeseenRequest } from './what-if.ts'

// This also holds src/cli/policy-check.ts, and folders as src/cli/conditional-folder.ts reads them.

const root = mkdtempSync(join(tmpdir(), 'postern-what-if-'))
after(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, content: string | object): string {
  const file = join(root, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const mail = '00000002-0000-0ff1-ce00-000000000000'
const policy = (displayName: string, conditions: object, grantControls: object | null) => ({
  displayName,
  state: 'enabled',
  conditions: {
    users: { includeUsers: ['All'] },
    applications: { includeApplications: [mail] },
    clientAppTypes: ['all'],
    ...conditions,
  },
  grantControls,
})
const demands = (...builtInControls: string[]) => ({ operator: 'OR', builtInControls })

const policies = join(root, 'policies')
put('policies/devices.json', policy('Healthy devices', {}, demands('compliantDevice')))
put(
  'policies/guests/staff.json',
  policy(
    'A second factor away from home',
    {
      users: { includeGroups: ['G-STAFF'] },
      locations: { includeLocations: ['All'], excludeLocations: ['L-HOME'] },
    },
    demands('mfa'),
  ),
)
const directory = put('directory.json', {
  users: {
    value: [
      { id: 'U-ADA', userPrincipalName: 'ada@example.org', memberOf: [{ id: 'G-INNER' }] },
      { id: 'U-BOB', userPrincipalName: 'bob@example.org' },
    ],
  },
  groups: [
    { id: 'G-INNER', displayName: 'Inner', memberOf: ['G-STAFF'] },
    { id: 'G-STAFF', displayName: 'Staff' },
  ],
  namedLocations: [
    {
      '@odata.type': '#microsoft.graph.ipNamedLocation',
      id: 'L-HOME',
      displayName: 'Home',
      isTrusted: true,
      ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '192.0.2.0/24' }],
    },
  ],
})
const request = (userId: string, rest: object = {}, ipAddress = '203.0.113.7') => ({
  signInIdentity: { '@odata.type': '#microsoft.graph.userSignIn', userId },
  signInContext: { includeApplications: [mail] },
  signInConditions: { clientAppType: 'browser', devicePlatform: 'iOS', ipAddress },
  ...rest,
})
const given = ['--policies', policies, '--directory', directory, '--requests'] as const
const lines = (...requests: (object | string)[]) =>
  put(
    'requests.ndjson',
    requests.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'),
  )

describe('postern what-if', () => {
  it('tells for each request the outcome, and for each policy its result and reasons', async () => {
    const file = lines(
      request('U-ADA', { id: 'away' }),
      request('ADA@example.org', { satisfied: ['mfa', 'compliantDevice'] }),
      request('bob@example.org', { satisfied: ['compliantDevice'] }),
      request('ada@example.org', { satisfied: ['compliantDevice'] }, '192.0.2.9'),
    )
    const { code, out, complaints } = await typed('--json', 'what-if', ...given, file)
    assert.deepEqual(complaints, [])
    assert.equal(code, 0)
    const told = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as ForeseenRequest)
    assert.deepEqual(
      told.map(({ line, outcome }) => [line, outcome]),
      [
        [1, 'block'],
        [2, 'grant'],
        [3, 'grant'],
        [4, 'grant'],
      ],
    )
    assert.equal(told[0]?.id, 'away')
    assert.deepEqual(told[0]?.required, ['compliantDevice'])
    assert.deepEqual(
      told[0]?.policies.map(({ displayName, result, missing }) => [displayName, result, missing]),
      [
        ['Healthy devices', 'failure', ['compliantDevice']],
        ['A second factor away from home', 'interrupted', ['mfa']],
      ],
    )
    assert.deepEqual(
      [told[2]?.policies[1]?.analysisReasons, told[3]?.policies[1]?.analysisReasons],
      ['users', 'location'],
    )
  })

  it('is a test of policies: a request may say what should come out', async () => {
    const right = request('U-BOB', { expected: 'block' })
    assert.equal((await typed('what-if', ...given, lines(right))).code, 0)
    const wrong = request('U-BOB', { id: 'bob', expected: 'grant' })
    const { code, out } = await typed('what-if', ...given, lines(right, wrong))
    assert.equal(code, 3)
    assert.match(out, /^bob: block \(required: compliantDevice\), though grant was expected$/m)
    assert.match(out, /Healthy devices +failure +compliantDevice/)
  })

  it('names what it cannot read, goes on, and ends with 1', async () => {
    const file = lines(
      '{ "signInIdentity": ',
      request('nobody@example.org'),
      request('U-ADA', { expected: 'perhaps' }),
      request('U-ADA'),
    )
    const { code, out, complaints } = await typed('--json', 'what-if', ...given, file)
    assert.equal(code, 1)
    assert.equal(out.trim().split('\n').length, 1)
    assert.match(complaints[0] ?? '', /^line 1: request\.malformed: no JSON/)
    assert.match(complaints[1] ?? '', /^line 2: not\.found: no user nobody@example\.org/)
    assert.match(complaints[2] ?? '', /^line 3: request\.malformed: expected/)
  })

  it('needs files that are there', async () => {
    const missing = await typed('what-if', ...given, join(root, 'none'))
    assert.equal(missing.code, 1)
    assert.match(missing.complaints.join('\n'), /not\.found/)
    const usage = await typed('what-if', '--policies', policies)
    assert.equal(usage.code, 2)
  })

  it('asks nobody for a fresh proof who signs in now, and whoever proved it long ago', async () => {
    const often = {
      ...policy('Every hour', {}, demands('mfa')),
      sessionControls: { signInFrequency: { isEnabled: true, type: 'hours', value: 1 } },
    }
    put('often/often.json', often)
    const options = ['--policies', join(root, 'often'), '--directory', directory] as const
    const now = ['--now', '2026-03-01T12:00:00Z'] as const
    const file = lines(
      request('U-ADA', { satisfied: ['mfa'], expected: 'grant' }),
      request('U-ADA', {
        satisfied: ['mfa'],
        authenticatedDateTime: '2026-03-01T10:00:00Z',
        expected: 'interrupt',
      }),
    )
    assert.equal((await typed('what-if', ...options, ...now, '--requests', file)).code, 0)
  })
})

describe('postern policy check', () => {
  it('is content with what it understands, and misses a location that is nowhere', async () => {
    const { code, out } = await typed('--json', 'policy', 'check', policies)
    assert.equal(code, 3)
    const checked = JSON.parse(out) as readonly CheckedPolicy[]
    assert.deepEqual(
      checked.map(({ file, result }) => [file, result]),
      [
        ['devices.json', 'understood'],
        ['guests/staff.json', 'notEvaluated'],
      ],
    )
    assert.match(checked[1]?.notEvaluated.join() ?? '', /l-home/i)
    assert.equal((await typed('policy', 'check', join(policies, 'devices.json'))).code, 0)
  })

  it('names per file what is not evaluated, what is no policy, and why', async () => {
    put(
      'mixed/terms.json',
      policy('Strength', {}, { operator: 'AND', authenticationStrength: { id: 'S-UNKNOWN' } }),
    )
    put('mixed/phones.json', {
      '@odata.type': '#microsoft.graph.iosCompliancePolicy',
      displayName: 'Phones',
      passcodeRequired: true,
    })
    put('mixed/broken.json', '{ "conditions": ')
    const { code, out } = await typed('--json', 'policy', 'check', join(root, 'mixed'))
    assert.equal(code, 1)
    const checked = JSON.parse(out) as readonly CheckedPolicy[]
    assert.deepEqual(
      checked.map(({ file, kind, result }) => [file, kind, result]),
      [
        ['broken.json', 'unreadable', 'fault'],
        ['phones.json', 'compliancePolicy', 'understood'],
        ['terms.json', 'conditionalAccessPolicy', 'notEvaluated'],
      ],
    )
    assert.match(checked[2]?.notEvaluated.join() ?? '', /S-UNKNOWN/i)
    rmSync(join(root, 'mixed/broken.json'))
    const people = await typed('policy', 'check', join(root, 'mixed'))
    assert.equal(people.code, 3)
    assert.match(people.out, /1 understood, 1 not evaluated in full, 0 unreadable/)
  })

  it('an empty folder is an error', async () => {
    mkdirSync(join(root, 'empty'))
    const { code, complaints } = await typed('policy', 'check', join(root, 'empty'))
    assert.equal(code, 1)
    assert.match(complaints[0] ?? '', /policy\.invalid: .*holds no policy/)
  })
})
