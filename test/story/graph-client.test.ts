import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Client, GraphError, PageIterator, ResponseType } from '@microsoft/microsoft-graph-client'
import { Agent } from 'undici'
import type { House } from '../house.ts'
import { knownPhone, openSite, type Site } from './site.ts'

// This also holds src/graph/routes/compliance-policies.ts and src/graph/compliance-policy-rows.ts.

/** The client library of Microsoft Graph, as it comes, told nothing but where the server is. */
function graphClient(t: TestContext, { url, authority, token }: House): Client {
  const dispatcher = new Agent({ connect: { ca: authority } })
  t.after(() => dispatcher.close())
  const fetchOptions: RequestInit & { dispatcher: Agent } = { dispatcher }
  return Client.initWithMiddleware({
    baseUrl: `${url}/`,
    customHosts: new Set([new URL(url).hostname]),
    authProvider: { getAccessToken: async () => token },
    fetchOptions,
  })
}

interface Policy {
  readonly id: string
  readonly '@odata.type': string
  readonly displayName: string
  readonly version: number
  readonly passcodeRequired?: boolean
  readonly osMinimumVersion?: string
  readonly createdDateTime: string
  readonly lastModifiedDateTime: string
  readonly assignments?: readonly { readonly target: { readonly groupId?: string } }[]
  readonly scheduledActionsForRule?: readonly {
    readonly scheduledActionConfigurations: readonly { readonly actionType: string }[]
  }[]
}

interface Page<T> {
  readonly value: readonly T[]
  readonly '@odata.count': number
  readonly '@odata.nextLink'?: string
}

const policies = '/deviceManagement/deviceCompliancePolicies'

const draft = (displayName: string, more: object = {}) => ({
  '@odata.type': '#microsoft.graph.iosCompliancePolicy',
  displayName,
  passcodeRequired: true,
  scheduledActionsForRule: [
    {
      ruleName: 'PasswordRequired',
      scheduledActionConfigurations: [{ actionType: 'block', gracePeriodHours: 0 }],
    },
  ],
  ...more,
})

const assignTo = (...groups: readonly string[]) => ({
  assignments: groups.map((groupId) => ({
    target: { '@odata.type': '#microsoft.graph.groupAssignmentTarget', groupId },
  })),
})

test('the life of a compliance policy, by the client library of Microsoft Graph', async (t) => {
  const { house, group } = await openSite(t)
  await house.addUser('alice')
  await group('staff', 'alice')
  const client = graphClient(t, house)
  const { value: groups } = (await client.api('/groups').get()) as Page<{ id: string }>
  const created = (await client.api(policies).post(draft('Phones'))) as Policy
  assert.match(created.id, /^cpl_/)
  assert.deepEqual([created.version, created.passcodeRequired], [1, true])
  assert.equal(created.createdDateTime, created.lastModifiedDateTime)

  await client.api(`${policies}/${created.id}/assign`).post(assignTo(groups[0]?.id ?? ''))
  await client.api(`${policies}/${created.id}`).patch({ osMinimumVersion: '18.0' })
  const read = (await client
    .api(`${policies}/${created.id}`)
    .expand(['assignments', 'scheduledActionsForRule($expand=scheduledActionConfigurations)'])
    .get()) as Policy
  assert.equal(read.osMinimumVersion, '18.0')
  assert.equal(read.version, 3)
  assert.equal(read.assignments?.[0]?.target.groupId, groups[0]?.id)
  const rule = read.scheduledActionsForRule?.[0]
  assert.equal(rule?.scheduledActionConfigurations[0]?.actionType, 'block')

  await client.api(`${policies}/${created.id}/scheduleActionsForRules`).post({
    deviceComplianceScheduledActionForRules: [
      {
        ruleName: 'PasswordRequired',
        scheduledActionConfigurations: [
          { actionType: 'block', gracePeriodHours: 72 },
          { actionType: 'remoteLock', gracePeriodHours: 240 },
        ],
      },
    ],
  })
  const { value: actions } = (await client
    .api(`${policies}/${created.id}/scheduledActionsForRule`)
    .expand('scheduledActionConfigurations')
    .get()) as Page<NonNullable<Policy['scheduledActionsForRule']>[number]>
  assert.deepEqual(
    actions[0]?.scheduledActionConfigurations.map(({ actionType }) => actionType),
    ['block', 'remoteLock'],
  )
  // A new setting did not forget whom the policy is for.
  await client.api(`${policies}/${created.id}`).patch({ passcodeRequired: null, description: 'x' })
  const after = (await client
    .api(`${policies}/${created.id}`)
    .expand('assignments')
    .get()) as Policy
  assert.equal(after.assignments?.length, 1)
  assert.equal(after.passcodeRequired, undefined)
  await client.api(`${policies}/${created.id}`).delete()
  assert.equal(((await client.api(policies).get()) as Page<Policy>).value.length, 0)
})

test('pages, and what of a row is wanted', async (t) => {
  const { house } = await openSite(t)
  const client = graphClient(t, house)
  const names = Array.from({ length: 7 }, (_, n) => `Policy ${n}`)
  for (const name of names) await client.api(policies).post(draft(name))
  const first = (await client.api(policies).top(3).orderby('displayName').get()) as Page<Policy>
  assert.ok(first['@odata.nextLink']?.startsWith(`${house.url}/v1.0${policies}?`))
  const seen: string[] = []
  const pages = new PageIterator(client, { ...first, value: [...first.value] }, (one: Policy) => {
    seen.push(one.displayName)
    return true
  })
  await pages.iterate()
  assert.deepEqual(seen, names)

  const chosen = (await client
    .api(policies)
    .filter("startswith(displayName,'policy') and displayName ne 'Policy 0'")
    .select('displayName')
    .count(true)
    .top(1)
    .get()) as Page<object>
  assert.equal(chosen['@odata.count'], 6)
  assert.deepEqual(Object.keys(chosen.value[0] ?? {}).toSorted(), [
    '@odata.type',
    'displayName',
    'id',
  ])
})

test('errors come in Graph’s envelope', async (t) => {
  const { house } = await openSite(t)
  const client = graphClient(t, house)
  const refused = async (call: Promise<unknown>, status: number, code: string, what: RegExp) =>
    assert.rejects(call, (thrown) => {
      assert.ok(thrown instanceof GraphError)
      assert.deepEqual([thrown.statusCode, thrown.code], [status, code])
      assert.match(thrown.message, what)
      return true
    })
  await client.api(policies).post(draft('Phones'))
  await refused(client.api(policies).post(draft('PHONES')), 409, 'name.taken', /PHONES/)
  await refused(
    client.api(policies).post(draft('x', { passcodeMinimumLength: 'four' })),
    400,
    'policy.invalid',
    /passwordMinimumLength|passcodeMinimumLength/,
  )
  await refused(client.api(policies).post({ displayName: 'x' }), 400, 'policy.invalid', /odata/)
  await refused(client.api(`${policies}/cpl_none`).get(), 404, 'not.found', /cpl_none/)
  await refused(
    client.api(policies).filter('nothing eq 1').get(),
    400,
    'request.malformed',
    /nothing/,
  )
  const { value } = (await client.api(policies).get()) as Page<Policy>
  const id = value[0]?.id ?? ''
  await refused(
    client.api(`${policies}/${id}/assign`).post(assignTo('grp_nobody')),
    400,
    'policy.invalid',
    /no group grp_nobody/,
  )
  await refused(client.api(policies).expand('secrets').get(), 400, 'request.malformed', /secrets/)
  const stranger = graphClient(t, { ...house, token: 'guessed' })
  await refused(
    stranger.api(policies).responseType(ResponseType.RAW).get().then(asChallenged),
    401,
    'credentials.refused',
    /token/,
  )
})

/** RFC 9110 section 15.5.2: a 401 says how to do better. */
async function asChallenged(answer: Response): Promise<never> {
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="Postern"')
  const { error } = (await answer.json()) as { error: { code: string; message: string } }
  throw Object.assign(new GraphError(answer.status, error.message), { code: error.code })
}

interface Status {
  readonly status: string
  readonly deviceDisplayName: string
  readonly userPrincipalName: string
}

async function stateUnder(client: Client, id: string): Promise<readonly string[]> {
  const { value } = (await client.api(`${policies}/${id}/deviceStatuses`).get()) as Page<Status>
  return value.map(({ userPrincipalName, status }) => `${userPrincipalName}: ${status}`)
}

/** Two phones of one site: only that of bob is too old. */
async function openTwo(t: TestContext): Promise<Site> {
  const site = await openSite(t)
  for (const user of ['alice', 'bob']) await site.house.addUser(user)
  await site.apply({ kind: 'exchangeOnline', enabled: true })
  await site.enforce()
  await knownPhone(site, 'alice', 'ALICE1', { os: '18.1' })
  await knownPhone(site, 'bob', 'BOB1', { os: '17.0' })
  return site
}

test('F21 F22 how devices stand under a policy: lists, and counts that equal them', async (t) => {
  const { house, group } = await openTwo(t)
  const client = graphClient(t, house)
  await group('everybody', 'alice', 'bob')
  const { value: groups } = (await client.api('/groups').get()) as Page<{ id: string }>
  const { id } = (await client
    .api(policies)
    .post(draft('Phones', { passcodeRequired: false, osMinimumVersion: '18.0' }))) as Policy
  await client.api(`${policies}/${id}/assign`).post(assignTo(groups[0]?.id ?? ''))
  const expected = ['alice: compliant', 'bob: nonCompliant']
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await stateUnder(client, id)).length === 2) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepEqual((await stateUnder(client, id)).toSorted(), expected)
  const overview = (await client.api(`${policies}/${id}/deviceStatusOverview`).get()) as {
    successCount: number
    failedCount: number
    pendingCount: number
  }
  assert.deepEqual([overview.successCount, overview.failedCount, overview.pendingCount], [1, 1, 0])
  const { value: failed } = (await client
    .api(`${policies}/${id}/deviceStatuses`)
    .filter("status eq 'nonCompliant'")
    .get()) as Page<Status>
  assert.equal(failed.length, overview.failedCount)
  const { value: users } = (await client
    .api(`${policies}/${id}/userStatuses`)
    .get()) as Page<Status>
  assert.equal(users.length, 2)
  const summary = (await client
    .api('/deviceManagement/deviceCompliancePolicyDeviceStateSummary')
    .get()) as { compliantDeviceCount: number; nonCompliantDeviceCount: number }
  assert.deepEqual([summary.compliantDeviceCount, summary.nonCompliantDeviceCount], [1, 1])
})

test('F12 F13 what the site decides for every device', async (t) => {
  const { house, row } = await openTwo(t)
  const client = graphClient(t, house)
  const settings = async () =>
    ((await client.api('/deviceManagement').select('settings').get()) as { settings: object })
      .settings
  assert.deepEqual(await settings(), {
    secureByDefault: false,
    deviceComplianceCheckinThresholdDays: 30,
  })
  await client.api('/deviceManagement').patch({
    settings: { secureByDefault: true, deviceComplianceCheckinThresholdDays: 10 },
  })
  assert.deepEqual(await settings(), {
    secureByDefault: true,
    deviceComplianceCheckinThresholdDays: 10,
  })
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await row('ALICE1')).complianceState === 'noncompliant') break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.equal((await row('ALICE1')).complianceState, 'noncompliant')
  await assert.rejects(
    client
      .api('/deviceManagement')
      .patch({ settings: { deviceComplianceCheckinThresholdDays: 0 } }) as Promise<unknown>,
    { code: 'policy.invalid' },
  )
})
