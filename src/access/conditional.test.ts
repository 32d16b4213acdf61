import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openJudgingRooms } from '../../test/fake/judging-rooms.ts'
import { asFailure } from '../base/failures.ts'
import { type Log, silentLog } from '../base/log.ts'
import { createEvaluator } from '../conditional/conditional.ts'
import { readPolicy } from '../conditional/read-policy.ts'
import { signInOf } from './conditional.ts'
import { defaultAccessPolicies } from './policy.ts'
import { indexOf } from './policy-index.ts'
import type { Circumstances } from './request.ts'
import { Snapshot } from './snapshot.ts'

const { policy } = readPolicy({
  id: 'p',
  displayName: 'P',
  state: 'enabled',
  conditions: { users: { includeUsers: ['All'] }, applications: { includeApplications: ['All'] } },
  grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
})

const fault = { get: () => assert.fail('planted') }

/** Where a condition alone reads, if not under its own name. */
function placeFor(name: string, asked: Record<string, unknown>): [object, string] {
  if (name !== 'clientApplications') return [asked, name === 'others' ? 'agents' : name]
  const principals = { includeServicePrincipals: ['robot'] }
  asked['clientApplications'] = principals
  return [principals, 'excludeServicePrincipals']
}

it('an exception in any condition of a policy refuses, and the log says in which', async () => {
  const details: string[] = []
  const log: Log = {
    ...silentLog,
    error(_event, thrown) {
      const failure = asFailure(thrown)
      details.push(failure.detail)
      return failure.id
    },
  }
  const rooms = await openJudgingRooms({ log })
  const { id: user } = await rooms.user('alice')
  const { id: partnership } = await rooms.client(user)
  const admit = async () =>
    (await rooms.gate.admit({ protocol: 'eas', user, partnership })).decision
  assert.equal((await admit()).outcome, 'allow')
  const { snapshot } = rooms.access.deciding.live
  const { policies } = snapshot
  const [prepared] = createEvaluator({ policies: [policy] }).prepared
  assert.ok(prepared)
  for (const { name } of prepared.parts.map(({ condition }) => condition)) {
    const planted = { ...policy, conditions: { ...policy.conditions } }
    Object.defineProperty(...placeFor(name, planted.conditions), fault)
    snapshot.setPolicies({
      ...policies,
      conditionalAccess: { ...policies.conditionalAccess, policies: [planted] },
    })
    details.length = 0
    const { outcome, stateReason } = await admit()
    assert.deepEqual([outcome, stateReason], ['block', 'internal'], name)
    assert.equal(details[0], `condition ${name} of policy P`)
  }
  snapshot.setPolicies(policies)
  assert.equal((await admit()).outcome, 'allow')
  await rooms.stop()
})

it('the same user and device are the same objects each time, until their health changes', () => {
  const device: Circumstances['device'] = {
    id: 'dev_1',
    registered: true,
    managed: true,
    activated: true,
    compliance: 'inGracePeriod',
    findings: [],
    graceUntil: 1000,
    attributes: { model: 'iPhone' },
  }
  const eas = {
    deviceId: 'D',
    deviceType: 'iPhone',
    userAgent: '',
    model: undefined,
    operatingSystem: undefined,
    platform: 'iOS',
    firstSeenAt: 0,
    policyRefused: false,
  }
  const user = { id: 'usr_1', enabled: true, groups: new Set<string>() } as const
  const before = signInOf({ user, eas, device, approved: false }, 500)
  const again = signInOf({ user, eas, device: { ...device }, approved: false }, 999)
  const after = signInOf({ user, eas, device, approved: false }, 1000)
  assert.equal(again.identity, before.identity)
  assert.equal(again.device, before.device)
  assert.equal(before.device?.isCompliant, true)
  assert.equal(after.device?.isCompliant, false)
  const other = signInOf({ user, eas, device: { ...device, id: 'dev_2' }, approved: false }, 500)
  assert.equal(other.device?.attributes['deviceId'], 'dev_2')
})

it('of policies that were edited, also while nobody asked, only what changed is prepared again', () => {
  const { conditionalAccess } = defaultAccessPolicies
  const [first, second, third] = ['A', 'B', 'C'].map((displayName) => ({
    ...defaultAccessPolicies,
    conditionalAccess: {
      ...conditionalAccess,
      policies: [structuredClone(policy), { ...policy, id: 'q', displayName }],
    },
  }))
  assert.ok(first && second && third)
  const snapshot = new Snapshot()
  snapshot.setPolicies(first)
  const before = indexOf(first).evaluator?.prepared
  snapshot.setPolicies(second)
  snapshot.setPolicies(third)
  const after = indexOf(third).evaluator?.prepared
  assert.equal(after?.[0], before?.[0])
  assert.equal(after?.[1]?.policy.displayName, 'C')
})
