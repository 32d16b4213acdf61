import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WhatIfBody } from '../../src/graph/conditional-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { hold, openSite, settle } from './site.ts'

// This also holds src/access/conditions/conditional-access.ts, src/graph/routes/conditional-access.ts and
// src/graph/routes/evaluate.ts.

const path = '/identity/conditionalAccess/policies'

interface Saved {
  readonly id: string
  readonly displayName: string
  readonly state: string
  readonly grantControls: { readonly operator: string }
  readonly modifiedDateTime: string | null
}

const policy = (displayName: string, control: string, more: object = {}) => ({
  displayName,
  state: 'enabled',
  conditions: {
    users: { includeUsers: ['All'] },
    applications: { includeApplications: ['All'] },
    clientAppTypes: ['exchangeActiveSync'],
    ...more,
  },
  grantControls: { operator: 'AND', builtInControls: [control] },
})

test('F43 a policy of Graph takes effect with the next request, and its end too', async (t) => {
  const { house, enforce, row } = await openSite(t)
  await house.addUser('alice')
  await house.deliver('alice', 'Figures')
  const { administrator } = house
  await enforce()
  const phone = house.phone('alice', 'ALICE1')
  await settle(phone)
  const held = await hold(phone)
  const saved = await administrator.call<Saved>('POST', path, policy('no mail', 'block'))
  // 32: a single control leaves nothing to join.
  assert.equal(saved.grantControls.operator, 'OR')
  assert.deepEqual([saved.modifiedDateTime, saved.id.startsWith('cap_')], [null, true])
  await held.ended()
  assert.equal((await row('ALICE1')).exchangeAccessStateReason, 'azureADBlockDueToAccessPolicy')
  assert.equal((await phone.folderSync()).status, 129)
  // 8: only watching changes nothing.
  await administrator.call('PATCH', `${path}/${saved.id}`, {
    state: 'enabledForReportingButNotEnforced',
  })
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')
  await administrator.call('DELETE', `${path}/${saved.id}`)
  const { value } = await administrator.call<Collection<Saved>>('GET', path)
  assert.deepEqual(value, [])
})

test('22 a place that is trusted, and one that is not', async (t) => {
  const { house, enforce, row } = await openSite(t)
  await house.addUser('alice')
  const { administrator } = house
  await enforce()
  const places = '/identity/conditionalAccess/namedLocations'
  const office = {
    displayName: 'Office',
    isTrusted: true,
    ipRanges: [{ cidrAddress: '127.0.0.0/8' }],
  }
  const { id } = await administrator.call<{ id: string }>('POST', places, office)
  const locations = { includeLocations: ['All'], excludeLocations: ['AllTrusted'] }
  await administrator.call('POST', path, policy('office only', 'block', { locations }))
  const phone = house.phone('alice', 'ALICE1')
  await settle(phone)
  assert.equal((await row('ALICE1')).exchangeAccessState, 'allowed')
  await assert.rejects(administrator.call('DELETE', `${places}/${id}`), /untrust it first/)
  await administrator.call('PATCH', `${places}/${id}`, { isTrusted: false })
  assert.equal((await row('ALICE1')).exchangeAccessState, 'blocked')
  await administrator.call('DELETE', `${places}/${id}`)
})

test('31 what Graph refuses is refused, and nothing is kept', async (t) => {
  const { house } = await openSite(t)
  const { administrator } = house
  const refused = async (document: object, why: RegExp) =>
    assert.rejects(administrator.call('POST', path, document), why)
  await refused(policy('p', 'block', { clientAppTypes: [] }), /1064/)
  await refused(policy('p', 'passwordChange'), /1032/)
  await refused(policy('p', 'block', { users: { includeGroups: ['grp_nobody'] } }), /no group/)
  await refused(policy('p', 'block', { clientAppTypes: ['telnet'] }), /clientAppTypes/)
  await refused({ ...policy('p', 'block'), state: 'maybe' }, /state/)
  await assert.rejects(administrator.call('GET', `${path}/cap_none`), /nothing here/)
  const { value } = await administrator.call<Collection<Saved>>('GET', path)
  assert.deepEqual(value, [])
})

test('two administrators who add policies at once lose none', async (t) => {
  const { house } = await openSite(t)
  const { administrator } = house
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`)
  await Promise.all(names.map((name) => administrator.call('POST', path, policy(name, 'mfa'))))
  const { value } = await administrator.call<Collection<Saved>>('GET', path)
  assert.deepEqual(value.map(({ displayName }) => displayName).toSorted(), names.toSorted())
})

test('24 What If asks every policy of the site for a sign-in that is only thought of', async (t) => {
  const { house } = await openSite(t)
  const { administrator } = house
  await house.addUser('alice')
  await administrator.call('POST', path, policy('phones', 'compliantDevice'))
  await administrator.call('POST', path, {
    ...policy('risky', 'block', { clientAppTypes: ['all'], signInRiskLevels: ['high'] }),
    state: 'enabledForReportingButNotEnforced',
  })
  interface Foreseen {
    readonly displayName: string
    readonly policyApplies: boolean
    readonly analysisReasons: string
  }
  const evaluate = async (signInConditions: object, more: object = {}) => {
    const { value } = await administrator.call<{ value: Foreseen[] }>(
      'POST',
      '/identity/conditionalAccess/evaluate',
      {
        signInIdentity: { '@odata.type': '#microsoft.graph.userSignIn', userId: 'ALICE' },
        signInContext: { includeApplications: ['00000002-0000-0ff1-ce00-000000000000'] },
        signInConditions,
        ...more,
      },
    )
    return value.map(({ displayName, policyApplies, analysisReasons }) => [
      displayName,
      policyApplies,
      analysisReasons,
    ])
  }
  assert.deepEqual(await evaluate({ clientAppType: 'browser' }), [
    ['phones', false, 'clientApps'],
    ['risky', false, 'signInRisk'],
  ])
  assert.deepEqual(
    await evaluate(
      { clientAppType: 'exchangeActiveSync', signInRiskLevel: 'high' },
      { AppliedPoliciesOnly: true },
    ),
    [
      ['phones', true, 'notSet'],
      ['risky', true, 'notSet'],
    ],
  )
  const foreseen = await administrator.call<WhatIfBody>(
    'POST',
    '/identity/conditionalAccess/evaluate',
    {
      signInIdentity: { userId: 'alice' },
      signInConditions: { clientAppType: 'exchangeActiveSync' },
      signInContext: { includeApplications: ['00000002-0000-0ff1-ce00-000000000000'] },
    },
  )
  assert.equal(foreseen.postern.outcome, 'block')
  assert.deepEqual(
    foreseen.value.map(({ postern }) => [postern.result, postern.missing]),
    [
      ['failure', ['compliantDevice']],
      ['reportOnlyNotApplied', []],
    ],
  )
  const nobody = { signInIdentity: { userId: 'nobody' } }
  await assert.rejects(evaluate({}, nobody), /no user nobody/)
  await assert.rejects(evaluate({ clientAppType: 'telnet' }), /clientAppType/)
})
