import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DirectoryAuditBody } from '../../src/graph/audit-contract.ts'
import { openSite } from './site.ts'

// The history as Graph's directoryAudits. This also holds src/graph/routes/directory-audits.ts and src/graph/audit-rows.ts.

const path = '/auditLogs/directoryAudits'

interface Page {
  readonly value: readonly DirectoryAuditBody[]
  readonly '@odata.count'?: number
  readonly '@odata.nextLink'?: string
}

const location = {
  '@odata.type': '#microsoft.graph.ipNamedLocation',
  displayName: "Ann's office",
  isTrusted: false,
  ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '192.0.2.0/24' }],
}

test('changes are directory audits: their properties, who made them, sought, sorted, counted and paged', async (t) => {
  const site = await openSite(t)
  const { call } = site.house.administrator
  const locations = '/identity/conditionalAccess/namedLocations'
  const as = (name: string) => ({ 'x-postern-actor': name })
  const { id } = await call<{ id: string }>('POST', locations, location)
  const change = { ...location, ipRanges: [], displayName: 'Office' }
  await call('PATCH', `${locations}/${id}`, change)
  await call('DELETE', `${locations}/${id}`)
  await call('PUT', '/postern/enforcement', { state: 'enforcing', scope: 'all' }, as('no name!'))

  const all = await call<Page>('GET', path)
  assert.deepEqual(
    all.value.map((row) => [
      row.id,
      row.activityDisplayName,
      row.operationType,
      row.loggedByService,
    ]),
    [
      ['4', 'Update enforcement', 'Update', 'Postern'],
      ['3', 'Delete named location', 'Delete', 'Conditional Access'],
      ['2', 'Update named location', 'Update', 'Conditional Access'],
      ['1', 'Add named location', 'Add', 'Conditional Access'],
    ],
  )
  const row = await call<DirectoryAuditBody>('GET', `${path}/2`)
  assert.deepEqual(row, all.value[2])
  assert.match(row.correlationId, /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  assert.deepEqual([row.category, row.result, row.initiatedBy.app], ['Policy', 'success', null])
  assert.match(row.initiatedBy.user?.userPrincipalName ?? '', /^local/)
  const [target] = row.targetResources
  assert.deepEqual([target.id, target.displayName, target.type], [id, 'Office', 'Policy'])
  assert.deepEqual(target.modifiedProperties, [
    { displayName: 'displayName', oldValue: `"Ann's office"`, newValue: '"Office"' },
    { displayName: 'ipRanges[*]', oldValue: JSON.stringify(location.ipRanges), newValue: null },
  ])

  const sought = async (filter: string, more = '') => {
    const page = await call<Page>('GET', `${path}?$filter=${encodeURIComponent(filter)}${more}`)
    return page.value.map(({ id: found }) => Number(found))
  }
  assert.deepEqual(await sought("activityDisplayName eq 'add named location'"), [1])
  assert.deepEqual(await sought(`targetResources/any(t:t/id eq '${id}')`), [3, 2, 1])
  assert.deepEqual(await sought("targetResources/any(x: x/displayName eq 'Ann''s office')"), [1])
  const both =
    "category eq 'Policy' and (startswith(initiatedBy/user/userPrincipalName,'local')) and not (operationType eq 'Add')"
  assert.deepEqual(await sought(both, '&$orderby=activityDateTime'), [2, 3, 4])
  assert.deepEqual(await sought('activityDateTime lt 2020-01-01T00:00:00Z'), [])
  assert.deepEqual(await sought(`correlationId eq '${row.correlationId}'`), [2])
  for (const wrong of ["x eq 'y'", "targetResources/any(t:u/id eq 'x')", 'id eq'])
    await assert.rejects(sought(wrong), { code: 'request.malformed' })
  await assert.rejects(call('GET', `${path}?$orderby=id`), { code: 'request.malformed' })
  await assert.rejects(call('GET', `${path}/9`), { code: 'not.found' })

  for (const order of ['asc', 'desc']) {
    const paged: string[] = []
    const filter = `$filter=${encodeURIComponent("loggedByService eq 'Conditional Access'")}`
    let next: string | undefined =
      `${path}?$top=1&$count=true&$orderby=activityDateTime ${order}&${filter}`
    while (next !== undefined) {
      const page: Page = await call('GET', next)
      assert.equal(page['@odata.count'], 3)
      paged.push(...page.value.map(({ id: found }) => found))
      next = page['@odata.nextLink']?.replace(/^.*\/v1\.0/, '')
    }
    assert.deepEqual(paged, order === 'asc' ? ['1', '2', '3'] : ['3', '2', '1'])
  }
  assert.equal((await call<Page>('GET', `${path}?$count=true&$top=1`))['@odata.count'], 4)
})
