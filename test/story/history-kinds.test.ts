import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HistoryBody, HistoryVerdict } from '../../src/graph/history-contract.ts'
import { openSite } from './site.ts'

// What an administrator can change is told of, whatever it is.

type Method = 'POST' | 'PATCH' | 'PUT' | 'DELETE'

const profile = {
  '@odata.type': '#microsoft.graph.iosEasEmailProfileConfiguration',
  displayName: 'Company mail',
  accountName: 'Contoso',
  hostName: 'mail.example.org',
}
const template = { displayName: 'Reminder', defaultLocale: 'en', brandingOptions: 'none' }
const policy = {
  '@odata.type': '#microsoft.graph.iosCompliancePolicy',
  displayName: 'Phones',
  osMinimumVersion: '17.0',
}
const location = {
  '@odata.type': '#microsoft.graph.ipNamedLocation',
  displayName: 'Office',
  isTrusted: false,
  ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '192.0.2.0/24' }],
}
const carl = { userPrincipalName: 'carl', mail: 'carl@example.org' }
const start = { target: 'Pilot', sizes: [1], startTime: '09:00' }

/** A deed and what the history says of it: `change kind name` each, in their order. */
const deeds: readonly (readonly [Method, path: string, body: object, ...told: string[]])[] = [
  ['POST', '/users', carl, 'created user carl'],
  ['PATCH', '/users/carl', { accountEnabled: false }, 'changed user carl'],
  ['PATCH', '/users/carl', { accountEnabled: false }],
  ['PATCH', '/users/carl', { accountEnabled: true, role: 'administrator' }, 'changed user carl'],
  ['PATCH', '/users/carl', { password: 'correct horse battery' }, 'changed user carl'],
  ['PATCH', '/users/carl', { preferredLanguage: 'de' }, 'changed user carl'],
  ['POST', '/groups', { displayName: 'Pilot' }, 'created group Pilot'],
  ['POST', '/groups', { displayName: 'Staff' }, 'created group Staff'],
  ['POST', '/groups/Staff/members', { add: ['carl', 'Pilot'] }, 'changed group Staff'],
  ['POST', '/groups/Staff/members', { add: ['carl'] }],
  ['POST', '/groups/Staff/members', { remove: ['carl', 'Pilot'] }, 'changed group Staff'],
  ['POST', '/postern/rollouts', start, 'created rollout Pilot'],
  ['POST', '/postern/rollouts/Pilot/next', {}, 'changed group Pilot', 'changed rollout Pilot'],
  ['POST', '/postern/rollouts/Pilot/back', {}, 'changed group Pilot', 'changed rollout Pilot'],
  ['POST', '/postern/rollouts/Pilot/resume', {}, 'changed rollout Pilot'],
  ['POST', '/postern/rollouts/Pilot/pause', {}, 'changed rollout Pilot'],
  ['POST', '/postern/rollouts/Pilot/stop', {}, 'changed rollout Pilot'],
  ['POST', '/deviceManagement/deviceConfigurations', profile, 'created emailProfile Company mail'],
  [
    'PATCH',
    '/deviceManagement/deviceConfigurations/Company mail',
    { hostName: 'mx.example.org' },
    'changed emailProfile Company mail',
  ],
  [
    'DELETE',
    '/deviceManagement/deviceConfigurations/Company mail',
    {},
    'deleted emailProfile Company mail',
  ],
  [
    'POST',
    '/deviceManagement/notificationMessageTemplates',
    template,
    'created notificationTemplate Reminder',
  ],
  ['PATCH', '/deviceManagement/intuneBrand', { displayName: 'Contoso' }, 'changed brand '],
  [
    'POST',
    '/postern/collections',
    { displayName: 'Leave', collectionType: 'user' },
    'created collection Leave',
  ],
  ['PATCH', '/postern/collections/Leave', { description: 'x' }, 'changed collection Leave'],
  ['POST', '/postern/collections/Leave/members', { add: ['carl'] }, 'changed collection Leave'],
  ['DELETE', '/postern/collections/Leave', {}, 'deleted collection Leave'],
  ['POST', '/deviceManagement/deviceCompliancePolicies', policy, 'created compliancePolicy Phones'],
  [
    'PATCH',
    '/deviceManagement',
    { settings: { secureByDefault: true } },
    'changed complianceSite ',
  ],
  ['POST', '/identity/conditionalAccess/namedLocations', location, 'created namedLocation Office'],
  ['PUT', '/postern/lockout', { mostPercent: 50, leastClients: 3 }, 'changed lockout '],
  ['PUT', '/postern/enforcement', { state: 'enforcing', scope: ['Pilot'] }, 'changed enforcement '],
]

test('each change of an administrator is in the history by its name, and the chain holds', async (t) => {
  const { house } = await openSite(t)
  const { call } = house.administrator
  let seen = 0
  for (const [method, path, body, ...told] of deeds) {
    await call(method, encodeURI(path), method === 'DELETE' ? undefined : body, {
      'x-postern-actor': 'ann',
    })
    const page = await call<HistoryBody>('GET', `/postern/history?order=oldest&after=${seen}`)
    const entries = page.value.map(({ entry }) => entry)
    assert.deepEqual(
      entries.map(({ actor, change, kind, name }) => `${actor} ${change} ${kind} ${name}`),
      told.map((one) => `local:ann ${one}`),
      `${method} ${path} ${JSON.stringify(body)}`,
    )
    assert.doesNotMatch(JSON.stringify(entries), /horse/)
    seen += entries.length
  }
  const verdict = await call<HistoryVerdict>('GET', '/postern/history/verify')
  assert.deepEqual([verdict.whole, verdict.entries], [true, seen])
})
