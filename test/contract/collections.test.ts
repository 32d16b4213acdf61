import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Collection, CollectionDraft } from '../../src/collections/collection.ts'
import { failsWith } from '../worlds/devices.ts'
import { type JudgingRooms, openedPerTest, policyOf, until } from '../fake/judging-rooms.ts'
import { type NewUrl, onPostgres, onSqlite } from './engines.ts'

const draft = (name: string, parts: Partial<CollectionDraft> = {}): CollectionDraft => ({
  name,
  kind: 'device',
  direct: [],
  include: [],
  exclude: [],
  ...parts,
})

const withNew =
  (...drafts: CollectionDraft[]) =>
  (all: readonly Collection[]) => [...all, ...drafts]

async function namesIn({ collections }: JudgingRooms, name: string): Promise<readonly string[]> {
  const id = (await collections.list()).find((one) => one.name === name)?.id ?? assert.fail(name)
  const { users, devices } = (await collections.members()).get(id) ?? assert.fail(name)
  return [...users.map((user) => user.name), ...devices.map((device) => device.id)].toSorted()
}

/** The law of collections on each kind of store. */
function collectionsContract(name: string, newUrl: NewUrl): void {
  const { open } = openedPerTest()

  it(`${name}: what two nodes add at once is all there, and after a restart`, async () => {
    const url = await newUrl()
    const nodes = [await open({ url }), await open({ url })]
    const many = Array.from({ length: 15 }, (_, n) => n)
    await Promise.all(
      nodes.flatMap(({ collections }, node) =>
        many.map((n) => collections.change(withNew(draft(`${node}.${n}`)), 'test')),
      ),
    )
    const expected = nodes.flatMap((_, node) => many.map((n) => `${node}.${n}`)).toSorted()
    const { collections } = await open({ url })
    assert.deepEqual((await collections.list()).map((one) => one.name).toSorted(), expected)
  })

  it(`${name}: one name has one owner, whoever comes first`, async () => {
    const url = await newUrl()
    const nodes = [await open({ url }), await open({ url })]
    const tries = await Promise.allSettled(
      nodes.map(({ collections }) => collections.change(withNew(draft('Phones')), 'test')),
    )
    const refused = tries.filter((one) => one.status === 'rejected')
    assert.equal(refused.length, 1)
    assert.ok(failsWith('collection.invalid')(refused[0]?.reason))
    assert.equal((await nodes[0]?.collections.list())?.length, 1)
  })

  it(`${name}: a guard that throws leaves all as it was, in the history too`, async () => {
    const { collections, history } = await open({ url: await newUrl() })
    await collections.change(withNew(draft('Kept')), 'test')
    const before = [await collections.list(), await history.list({ order: 'oldest', limit: 9 })]
    const refusing = collections.change(withNew(draft('Not kept')), 'test', async () => {
      throw new Error('no')
    })
    await assert.rejects(refusing, /no/)
    const now = [await collections.list(), await history.list({ order: 'oldest', limit: 9 })]
    assert.deepEqual(now, before)
  })

  it(`${name}: members follow a report, a group and a collection, and verdicts follow them on another node`, async () => {
    const url = await newUrl()
    const [here, there] = [await open({ url }), await open({ url })]
    const alice = await here.user('alice')
    const phone = await here.phone(alice.id, { osVersion: '17.0', passwordRequired: false })
    const rule = 'device.operatingSystemVersion -startsWith "17"'
    const [old] = await here.collections.change(withNew(draft('Old', { rule })), 'test')
    assert.ok(old)
    const policy = policyOf({ passwordRequired: true }, { assignedTo: [old.id] })
    await there.compliance.deploy([policy], 'test')
    const stateIs = (state: string) =>
      until(async () => (await there.compliance.verdict(phone.device))?.state === state)
    await stateIs('noncompliant')
    assert.deepEqual(await namesIn(there, 'Old'), [phone.device])
    await here.report(phone, { osVersion: '18.1' })
    await until(async () => (await namesIn(there, 'Old')).length === 0)
    await until(
      async () => (await there.compliance.verdict(phone.device))?.state !== 'noncompliant',
    )
    // By her group, once the collection is made of that.
    const group = await here.directory.addGroup('Staff')
    const ofStaff = draft('Staff', { kind: 'user', rule: 'user.memberOf -contains "Staff"' })
    const staff = (await here.collections.change(withNew(ofStaff), 'test')).at(-1)
    assert.ok(staff)
    await there.collections.change(
      (all) =>
        all.map((one) =>
          one.id === old.id ? { ...draft('Old', { include: [staff.id] }), id: one.id } : one,
        ),
      'test',
    )
    assert.deepEqual(await namesIn(here, 'Old'), [])
    await here.directory.changeMembers(group.id, { add: [alice.id] })
    await stateIs('noncompliant')
    assert.deepEqual(await namesIn(there, 'Old'), [phone.device])
    await there.directory.changeMembers(group.id, { remove: [alice.id] })
    await until(async () => (await here.compliance.verdict(phone.device))?.state !== 'noncompliant')
  })
}

onSqlite('collections on SQLite', (newUrl) => collectionsContract('a file', newUrl))
onPostgres('collections on PostgreSQL', (newUrl) => collectionsContract('a database', newUrl))
