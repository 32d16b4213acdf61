import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { DeviceAccessRule } from '../../src/access/policy.ts'
import { createManualClock, minute } from '../../src/base/clock.ts'
import { canonicalJson } from '../../src/history/canonical.ts'
import type { History } from '../../src/history/history.ts'
import { keysInMemory } from '../fake/history.ts'
import { openJudgingRooms, policyOf, until } from '../fake/judging-rooms.ts'
import { type NewUrl, onPostgres, onSqlite } from './engines.ts'

const rule = (queryString: string): DeviceAccessRule => ({
  name: 'Phones',
  characteristic: 'DeviceType',
  queryString,
  accessLevel: 'quarantine',
})

const toldOf = async (history: History) =>
  (await history.list({ order: 'oldest', limit: 500 })).map(
    ({ entry: { actor, change, kind, name } }) => `${actor} ${change} ${kind} ${name}`.trim(),
  )

async function assertWhole(history: History): Promise<void> {
  const { faults, entries, head } = await history.verify()
  assert.deepEqual(faults, [])
  assert.equal(head?.seq ?? 0, entries)
}

/** The law of the history on each kind of store. */
function historyContract(name: string, newUrl: NewUrl): void {
  it(`${name}: changes of several rooms by two nodes at once are one chain, each change in it once`, async () => {
    const [url, keys] = [await newUrl(), keysInMemory()]
    const nodes = [await openJudgingRooms({ url, keys }), await openJudgingRooms({ url, keys })]
    const many = Array.from({ length: 20 }, (_, n) => n)
    await Promise.all(
      nodes.flatMap(({ access, compliance, collections }, node) =>
        many.flatMap((n) => {
          const actor = `${node}.${n}`
          const draft = {
            name: actor,
            kind: 'user' as const,
            direct: [],
            include: [],
            exclude: [],
          }
          return [
            collections.change((all) => [...all, draft], actor),
            compliance.change(
              (kept) => [...kept, { policy: policyOf({}, { name: actor }) }],
              actor,
            ),
            ...(n % 5 === 0 ? [access.change({ deviceAccessRules: [rule(actor)] }, actor)] : []),
          ]
        }),
      ),
    )
    for (const { history } of nodes) await assertWhole(history)
    const [{ history } = assert.fail()] = nodes
    const told = await toldOf(history)
    for (const node of [0, 1])
      for (const n of many)
        for (const kind of ['collection', 'compliancePolicy']) {
          const line = `${node}.${n} created ${kind} ${node}.${n}`
          assert.equal(told.filter((one) => one === line).length, 1, line)
        }
    const ofRules = (
      await history.list({ kind: 'deviceAccessRule', order: 'oldest', limit: 99 })
    ).map(({ entry }) => entry.difference.find(({ path }) => path === '$.queryString'))
    // What each found is what the one before it left.
    assert.deepEqual(
      ofRules.slice(1).map((one) => one?.before),
      ofRules.slice(0, -1).map((one) => one?.after),
    )
    for (const node of nodes) await node.stop()
  })

  it(`${name}: an undone change is told as what it was, and so is the confirmation of one`, async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 1))
    const rooms = await openJudgingRooms({ url: await newUrl(), clock })
    const { access, history } = rooms
    const soon = { rollbackAfterMs: minute }
    await access.change({ deviceAccessRules: [rule('A')] }, 'ann', undefined, soon)
    await access.change({ autoblock: [], deviceAccessRules: [rule('A')] }, 'bob')
    clock.advance(minute)
    await until(async () => (await access.policies()).deviceAccessRules.length === 0)
    await access.change({ deviceAccessRules: [rule('B')] }, 'ann', undefined, soon)
    await access.confirm('bob')
    clock.advance(minute)
    assert.deepEqual(await toldOf(history), [
      'ann created deviceAccessRule Phones',
      'rollback deleted deviceAccessRule Phones',
      'rollback created rollback change',
      'ann created deviceAccessRule Phones',
      'bob created confirmation change',
    ])
    const [, , undone] = await history.list({ order: 'oldest', limit: 3 })
    assert.deepEqual(undone?.entry.difference, [
      { path: '$.changedBy', after: 'ann' },
      { path: '$.changedAt', after: '2026-03-01T00:00:00.000Z' },
    ])
    await assertWhole(history)
    await rooms.stop()
  })

  it(`${name}: names that no database keeps change nothing of what is proved`, async () => {
    const rooms = await openJudgingRooms({ url: await newUrl() })
    const { access, history } = rooms
    const odd = ['a\0b', '\ud800', '💥 É', "'; drop table history; --"]
    const rules = odd.map((queryString) => ({ ...rule(queryString), name: queryString }))
    await access.change({ deviceAccessRules: rules }, 'ann\0')
    assert.deepEqual(
      (await history.list({ order: 'oldest', limit: 9 })).map(({ entry }) => entry.name),
      odd,
    )
    assert.equal((await history.list({ name: '💥 é', limit: 9 })).length, 1)
    await assertWhole(history)
    await rooms.stop()
  })

  it(`${name}: a thousand changes, then all of them verified, by a node that starts after it`, async () => {
    const [url, keys] = [await newUrl(), keysInMemory()]
    const rooms = await openJudgingRooms({ url, keys })
    const { store, history } = rooms
    for (let n = 1; n <= 1000; n++)
      await store.transact((tx) =>
        history.append(tx, 'ann', [
          {
            kind: 'brand',
            id: 'brand',
            name: '',
            change: 'changed',
            difference: [{ path: '$.n', before: n - 1, after: n }],
          },
        ]),
      )
    await rooms.stop()
    const again = await openJudgingRooms({ url, keys })
    await assertWhole(again.history)
    assert.equal((await again.history.head())?.seq, 1000)
    const { entry, hash, signature } =
      (await again.history.find(700)) ?? assert.fail('entry 700 is gone')
    assert.equal(entry.difference[0]?.after, 700)
    assert.equal((await again.history.find(701))?.entry.previous, hash)
    assert.ok(signature.length > 80 && canonicalJson(entry).includes('"seq":700'))
    await again.stop()
  })
}

onSqlite('history on SQLite', (newUrl) => historyContract('a file', newUrl))
onPostgres('history on PostgreSQL', (newUrl) => historyContract('a database', newUrl))
