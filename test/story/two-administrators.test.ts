import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Collection, GroupRow, PolicySet, UserRow } from '../../src/graph/contract.ts'
import { Refusal } from '../../src/cli/connection.ts'
import { openSite, type PolicyDraft, settle, type Site } from './site.ts'

test('two administrators at once: each change is whole, none is lost, and one name has one owner', async (t) => {
  const site = await openSite(t)
  const { house } = site
  const { call } = house.administrator
  await site.group('Staff')
  const numbers = Array.from({ length: 10 }, (_, n) => n)

  const outcomes = await Promise.allSettled(
    numbers.map(() =>
      call('POST', '/users', { userPrincipalName: 'alice', mail: 'a@example.org' }),
    ),
  )
  const made = outcomes.filter(({ status }) => status === 'fulfilled')
  assert.equal(made.length, 1)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.equal(codeOf(outcome.reason), 'name.taken')

  await Promise.all(
    numbers.map((n) =>
      call('POST', '/users', { userPrincipalName: `user${n}`, mail: `u${n}@example.org` }),
    ),
  )
  await Promise.all(
    numbers.map((n) => call('POST', '/groups/Staff/members', { add: [`user${n}`] })),
  )
  const { value: groups } = await call<Collection<GroupRow>>('GET', '/groups')
  assert.equal(groups[0]?.members.length, 10)
  const { value: users } = await call<Collection<UserRow>>('GET', '/users')
  assert.equal(users.length, 11)

  await Promise.all(numbers.map((n) => site.apply(...setOf(n))))
  const set = await call<PolicySet>('GET', '/postern/policies')
  const seen = new Set(set.documents.flatMap(numberOf))
  assert.equal(seen.size, 1, `parts of several sets: ${[...seen].join(' ')}`)
})

test('a set with one wrong document changes nothing at all', async (t) => {
  const site = await openSite(t)
  const { administrator } = site.house
  await site.apply(...setOf(1))
  const before = await administrator.call<PolicySet>('GET', '/postern/policies')
  const [compliance, rule, organization] = setOf(2)
  assert.ok(compliance && rule && organization)
  const wrong: readonly (readonly PolicyDraft[])[] = [
    [compliance, rule, rule, organization],
    [compliance, organization, { kind: 'exchangeOnline', enabled: true, exempt: ['Nobody'] }],
    [compliance, compliance, rule, organization],
    [compliance, organization, organization],
  ]
  for (const documents of wrong)
    await assert.rejects(
      administrator.call('PUT', '/postern/policies', { documents }),
      (thrown) => codeOf(thrown) === 'policy.invalid',
    )
  assert.deepEqual(await administrator.call<PolicySet>('GET', '/postern/policies'), before)
})

test('allow and block on one client at once: one of them is the last word, and it is the one that holds', async (t) => {
  const site = await openSite(t)
  const { house } = site
  await house.addUser('alice')
  await site.enforce()
  const phone = house.phone('alice', 'ALICE1')
  await settle(phone)
  for (let round = 0; round < 5; round++) {
    const words = ['allowAccess', 'blockAccess', 'resetAccess'] as const
    await Promise.all(words.map((word) => site.act('ALICE1', word)))
    const { exchangeAccessState } = await site.row('ALICE1')
    const { status } = await phone.folderSync()
    assert.equal(exchangeAccessState, status === 129 ? 'blocked' : 'allowed')
    assert.equal(await holds(site), exchangeAccessState)
  }
})

/** What the gate says now, by its own explanation. */
async function holds({ house, row }: Site): Promise<string> {
  const { id } = await row('ALICE1')
  const { state } = await house.administrator.call<{ state: string }>(
    'GET',
    `/deviceManagement/managedDevices/${id}/explain`,
  )
  return state
}

const codeOf = (thrown: unknown) => (thrown instanceof Refusal ? thrown.code : thrown)

/** A set whose documents all carry its number. */
const setOf = (number: number): readonly PolicyDraft[] => [
  {
    kind: 'compliancePolicy',
    name: `Set ${number}`,
    platform: 'iOS',
    settings: { passwordRequired: true },
  },
  {
    kind: 'deviceAccessRule',
    name: `Set ${number}`,
    characteristic: 'DeviceType',
    queryString: 'Fridge',
    accessLevel: 'block',
  },
  { kind: 'organization', userMailInsert: `Set ${number}` },
]

function numberOf(document: PolicySet['documents'][number]): readonly string[] {
  if (document.kind === 'organization') return [document.userMailInsert]
  return 'name' in document ? [document.name] : []
}
