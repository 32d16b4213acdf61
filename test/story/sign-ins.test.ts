import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from '../../src/cli/connection.ts'
import type { SignInBody } from '../../src/graph/audit-contract.ts'
import { openShell } from './shell.ts'
import { settle } from './site.ts'

// F84, the decision log as Graph's sign-ins. This also holds src/graph/routes/sign-ins.ts, src/graph/sign-in-rows.ts and
// src/cli/log.ts.

const path = '/auditLogs/signIns'

interface Page {
  readonly value: readonly SignInBody[]
  readonly '@odata.nextLink'?: string
}

/** Pages that neither repeat nor lose a row. */
async function pageByPage(administrator: Connection): Promise<Page> {
  const all = await administrator.call<Page>('GET', path)
  assert.equal(all['@odata.nextLink'], undefined)
  const paged: string[] = []
  let next: string | undefined = `${path}?$top=1`
  while (next !== undefined) {
    const page: Page = await administrator.call('GET', next)
    paged.push(...page.value.map(({ id }) => id))
    next = page['@odata.nextLink']?.replace(/^.*\/v1\.0/, '')
  }
  assert.deepEqual(
    paged,
    all.value.map(({ id }) => id),
  )
  return all
}

test('F84 every new decision is a sign-in with its policies, place and client; it is sought, paged and exported', async (t) => {
  const { house, enforce, act, type } = await openShell(t)
  const { administrator } = house
  for (const name of ['alice', 'bob']) await house.addUser(name)
  await enforce()
  await administrator.call('POST', '/identity/conditionalAccess/policies', {
    displayName: 'known devices only',
    state: 'enabledForReportingButNotEnforced',
    conditions: {
      users: { includeUsers: ['All'] },
      applications: { includeApplications: ['All'] },
      clientAppTypes: ['exchangeActiveSync'],
    },
    grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
    sessionControls: { signInFrequency: { isEnabled: true, type: 'hours', value: 4 } },
  })
  await settle(house.phone('alice', 'ALICE1'))
  await settle(house.phone('bob', 'BOB1'))
  await act('ALICE1', 'blockAccess')

  const sought = async (filter: string, more = '') => {
    const query = `$filter=${encodeURIComponent(filter)}${more}`
    return await administrator.call<Page>('GET', `${path}?${query}`)
  }
  const { value } = await sought("userPrincipalName eq 'ALICE' and postern/outcome eq 'block'")
  const [row] = value
  assert.ok(row && value.length === 1)
  assert.deepEqual(
    [row.ipAddress, row.clientAppUsed, row.status.errorCode, row.conditionalAccessStatus],
    ['127.0.0.1', 'Exchange ActiveSync', 53003, 'notApplied'],
  )
  assert.deepEqual([row.postern.was, row.postern.easDeviceId], ['allow', 'ALICE1'])
  assert.ok(row.postern.path.includes('personalBlock') && row.postern.latencyMs >= 0)
  assert.deepEqual(await administrator.call('GET', `${path}/${row.id}`), row)
  const let1 = await sought("status/errorCode eq 0 and userPrincipalName eq 'alice'")
  assert.deepEqual(
    let1.value[0]?.appliedConditionalAccessPolicies.map(({ id: _id, ...rest }) => rest),
    [
      {
        displayName: 'known devices only',
        result: 'reportOnlyFailure',
        enforcedGrantControls: ['compliantDevice'],
        enforcedSessionControls: ['signInFrequency'],
      },
    ],
  )

  const all = await pageByPage(administrator)
  await assert.rejects(sought('colour eq 1'), /there is no property colour/)
  await assert.rejects(administrator.call('GET', `${path}/0`), /no sign-in 0/)

  assert.match(
    (await type('log', '--user', 'alice', '--result', 'block')).out,
    /ALICE1 +127\.0\.0\.1/,
  )
  const csv = await type('log', '--all', '--csv', '--device', 'BOB1', '--since', '1h')
  assert.match(csv.out, /^at,user,EAS device ID,[^\n]*\r\n[^\n]*,bob,BOB1,127\.0\.0\.1,/)
  assert.equal(csv.out.includes('ALICE1'), false)
  const listed = JSON.parse((await type('--json', 'log', '--all')).out) as SignInBody[]
  assert.deepEqual(listed, all.value)
  assert.deepEqual(JSON.parse((await type('--json', 'log', '--since', '2999-01-01')).out), [])
})
