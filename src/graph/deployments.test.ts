import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ruleNamed } from '../compliance/catalogue.ts'
import type { SavedVerdict } from '../compliance/compliance.ts'
import type { DeployedDevice } from '../compliance/deployment.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Device } from '../devices/devices.ts'
import { deploymentStates } from './collections-contract.ts'
import {
  deploymentReasons,
  deploymentRow,
  overall,
  standOverall,
  withReason,
} from './deployments.ts'

const finding = fc.record<Finding>({
  rule: fc.constantFrom('osMinimumVersion', 'passwordRequired', 'isActive', 'ofANewerNode'),
  policy: fc.constantFrom('Phones', 'Strict', ''),
  measured: fc.constantFrom<Finding['measured']>('notReported', 'notEvaluated', '16.1', false),
  required: fc.constantFrom<Finding['required']>('17.0', true, 4),
})
const deployed = fc
  .array(
    fc.record({
      state: fc.constantFrom(...deploymentStates),
      findings: fc.array(finding, { maxLength: 3 }),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.map((one, at): DeployedDevice => ({ ...one, device: device(at) })))

function device(at: number, change: Partial<Device> = {}): Device {
  const row: Partial<Device> = { id: `dev_${at}`, name: `phone ${at}`, ...change }
  return row as Device // all that is looked at
}

const inState = (devices: readonly DeployedDevice[], state: DeployedDevice['state']) =>
  devices.filter((one) => one.state === state)

test('F21 F22 every number is the length of its list, and every device is in one state', () => {
  fc.assert(
    fc.property(deployed, (devices) => {
      const row = deploymentRow(overall, devices)
      for (const state of deploymentStates) assert.equal(row[state], inState(devices, state).length)
      const sum = deploymentStates.reduce((all, state) => all + row[state], 0)
      assert.equal(sum, row.total)
    }),
  )
})

test('F22 every reason stands once and counts its list; every device has one; most devices first', () => {
  fc.assert(
    fc.property(deployed, (devices) => {
      const reasons = deploymentReasons(overall, devices)
      const keys = reasons.map(({ state, id }) => `${state} ${id}`)
      assert.equal(new Set(keys).size, keys.length)
      const counts = reasons.map(({ deviceCount }) => deviceCount)
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => b - a),
      )
      const seen = new Set<DeployedDevice>()
      for (const { state, id, deviceCount } of reasons) {
        const list = inState(withReason(devices, id), state)
        assert.equal(deviceCount, list.length)
        for (const one of list) seen.add(one)
      }
      assert.equal(seen.size, devices.length)
    }),
  )
})

test('F21 who never reported is unknown for that one reason, whatever the policy demands', () => {
  const findings: readonly Finding[] = [
    { rule: 'passwordRequired', policy: 'Phones', measured: 'notReported', required: true },
  ]
  const reasons = deploymentReasons({ displayName: 'Phones' }, [
    { device: device(0), state: 'unknown', findings },
  ])
  assert.deepEqual(
    reasons.map(({ state, type, category, name }) => [state, type, category, name]),
    [['unknown', 'policy', 'silent', 'Phones']],
  )
})

test('F21 a row has the six columns of Configuration Manager, its error id in hexadecimal', () => {
  const findings: readonly Finding[] = [
    { rule: 'passwordRequired', policy: 'Phones', measured: false, required: true },
    { rule: 'osMinimumVersion', policy: 'Phones', measured: 'notReported', required: '17.0' },
  ]
  const rows = deploymentReasons({ displayName: 'Phones' }, [
    { device: device(0), state: 'noncompliant', findings },
    { device: device(1), state: 'unknown', findings },
    { device: device(2), state: 'compliant', findings: [] },
  ])
  const columns = rows.map(({ policyName, name, type, errorCategory, errorId, code }) =>
    [policyName, name, type, errorCategory, errorId, code].join(' | '),
  )
  const title = (name: string) => ruleNamed(name)?.title
  assert.deepEqual(columns.toSorted(), [
    `Phones | ${title('osMinimumVersion')} | setting | Discovery | 0x87D00215 | osMinimumVersion`,
    'Phones | Phones | policy |  |  | compliant',
    'Phones | Phones | policy | Infrastructural |  | unknown',
    `Phones | ${title('passwordRequired')} | setting | Discovery | 0x87D1FDE8 | passwordRequired`,
  ])
})

test('F22 a setting that policies demand differently is one reason, without a demand', () => {
  const of = (policy: string, required: string): Finding => ({
    rule: 'osMinimumVersion',
    policy,
    measured: '15.2',
    required,
  })
  const both = [of('Strict', '18.0'), of('Phones', '17.0')]
  const [reason, second] = deploymentReasons(overall, [
    { device: device(0), state: 'noncompliant', findings: both },
  ])
  assert.equal(second, undefined)
  assert.deepEqual(
    [reason?.policyName, reason?.required, reason?.deviceCount, reason?.name],
    ['Phones, Strict', '', 1, 'Minimum version of the operating system'],
  )
})

test('F22 overall: retired devices are in no list, those without a verdict are in progress', () => {
  const verdict = (at: number, part: Pick<SavedVerdict, 'state' | 'policies'>): SavedVerdict => ({
    device: `dev_${at}`,
    judgedAt: 0,
    findings: [],
    ...part,
  })
  const forced = [
    {
      policy: 'Phones',
      state: 'compliant' as const,
      findings: [],
      remediated: ['passwordRequired'],
    },
  ]
  const devices = [0, 1, 2, 3, 4].map((at) => device(at, at === 0 ? { retiredAt: 1 } : {}))
  const stands = standOverall(devices, [
    verdict(0, { state: 'compliant', policies: [] }),
    verdict(1, { state: 'compliant', policies: forced }),
    verdict(2, { state: 'inGracePeriod', policies: [] }),
    verdict(3, { state: 'conflict', policies: [] }),
  ])
  assert.deepEqual(
    stands.map(({ state }) => state),
    ['remediated', 'noncompliant', 'error', 'inProgress'],
  )
})
