import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Enforcement } from '../access/policy.ts'
import type { GroupId } from '../directory/directory.ts'
import type { ManagedDevice } from './contract.ts'
import { overviewOf, previewOf } from './overview.ts'
import { managedDevice } from './rows.ts'

const nobody = {
  partnership: undefined,
  device: undefined,
  user: undefined,
  decision: undefined,
  verdict: undefined,
}
const blank = managedDevice(nobody, ({ rule }) => ({
  rule,
  title: '',
  explanation: '',
  howToResolve: '',
}))
const row = (id: string, user: string, rest: Partial<ManagedDevice>): ManagedDevice => ({
  ...blank,
  id,
  deviceName: `${user}_${id}`,
  userPrincipalName: user,
  exchangeAccessState: 'allowed',
  judged: 'allow',
  ...rest,
})

const group: GroupId = 'grp_pilot'
const everyone: Enforcement = { state: 'enforcing', scope: 'all' }
const pilot: Enforcement = { state: 'enforcing', scope: [group] }
const observing: Enforcement = { state: 'observing', scope: 'all' }
const groupsOf = (user: string) => (user === 'pia' ? new Set([group]) : undefined)

const observed = [
  row('1', 'anna', {}),
  row('2', 'anna', { judged: 'quarantine', complianceState: 'noncompliant' }),
  row('3', 'pia', { judged: 'block' }),
  row('4', 'pia', { judged: 'quarantine', exchangeAccessStateReason: 'approvalPending' }),
  row('5', 'zoe', {
    judged: 'block',
    enforced: true,
    exchangeAccessState: 'blocked',
    exchangeAccessStateReason: 'userDisabled',
  }),
  row('6', 'zoe', { exchangeAccessState: 'none', judged: 'none' }),
]
const names = (some: readonly { id: string }[]) => some.map(({ id }) => id)

test('beginning: who loses mail, for everyone or for a group first', () => {
  const all = previewOf(observed, observing, everyone, groupsOf)
  assert.deepEqual(names(all.lose), ['2', '3', '4'])
  assert.deepEqual([all.total, all.loseCount, all.loseUserCount, all.regainCount], [6, 3, 2, 0])
  assert.deepEqual(names(previewOf(observed, observing, pilot, groupsOf).lose), ['3', '4'])
  assert.deepEqual(previewOf(observed, observing, observing, groupsOf).lose, [])
})

test('stopping: who gets mail back; a disabled user does not', () => {
  const enforced = observed.map((each) => ({ ...each, enforced: true }))
  const stop = previewOf(enforced, everyone, observing, groupsOf)
  assert.deepEqual([names(stop.lose), names(stop.regain)], [[], ['2', '3', '4']])
  const narrow = previewOf(enforced, everyone, pilot, groupsOf)
  assert.deepEqual([names(narrow.lose), names(narrow.regain)], [[], ['2']])
})

test('widening from a group to all touches only the others', () => {
  const half = observed.map((each) => ({
    ...each,
    enforced: each.enforced || each.userPrincipalName === 'pia',
  }))
  const { lose, regain } = previewOf(half, pilot, everyone, groupsOf)
  assert.deepEqual([names(lose), names(regain)], [['2'], []])
})

test('the counts are those of the rows', () => {
  assert.deepEqual(overviewOf(observed), {
    enrolledDeviceCount: 0,
    deviceExchangeAccessStateSummary: {
      allowedDeviceCount: 4,
      blockedDeviceCount: 1,
      quarantinedDeviceCount: 0,
      unknownDeviceCount: 0,
      unavailableDeviceCount: 1,
    },
    totalDeviceCount: 6,
    noncompliantDeviceCount: 1,
    approvalPendingDeviceCount: 1,
    keptOnlyByObservingDeviceCount: 3,
  })
})

test('a list stops at a page, the count does not', () => {
  const many = Array.from({ length: 2500 }, (_, at) => row(`${at}`, 'anna', { judged: 'block' }))
  const { lose, loseCount } = previewOf(many, observing, everyone, groupsOf)
  assert.deepEqual([lose.length, loseCount], [1000, 2500])
})
