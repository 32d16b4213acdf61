import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { closeGroups, lyingIn, wouldCycle } from './closure.ts'
import { effortOf } from '../../test/effort.ts'

interface Plain {
  readonly id: string
  readonly members: readonly string[]
}

/** The meaning, said plainly: walk upwards until nothing new is met. */
function groupsByWalking(groups: readonly Plain[], member: string): Set<string> {
  const met = new Set<string>()
  const open = [member]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { id, members } of groups) {
      if (members.includes(next) && !met.has(id)) {
        met.add(id)
        open.push(id)
      }
    }
  }
  return met
}

const ids = ['g0', 'g1', 'g2', 'g3', 'g4', 'g5', 'u0', 'u1', 'u2', 'gone']
const anyGroups = fc
  .array(fc.array(fc.constantFrom(...ids), { maxLength: 6 }), { maxLength: 6 })
  .map((lists): Plain[] => lists.map((members, number) => ({ id: `g${number}`, members })))

test('law: the closure is what walking upwards meets, cycles and unknown members included', () => {
  fc.assert(
    fc.property(anyGroups, (groups) => {
      const closed = closeGroups<string, string>(groups)
      for (const member of ids) {
        assert.deepEqual(closed.get(member) ?? new Set(), groupsByWalking(groups, member))
      }
    }),
    { numRuns: 500 },
  )
})

test('law: a change is refused exactly when the group would then lie in itself', () => {
  fc.assert(
    fc.property(anyGroups, fc.subarray(ids), (groups, added) => {
      fc.pre(groups.length > 0 && !groupsByWalking(groups, 'g0').has('g0'))
      const after = groups.map((group) =>
        group.id === 'g0' ? { id: 'g0', members: [...group.members, ...added] } : group,
      )
      assert.equal(wouldCycle(groups, 'g0', added), groupsByWalking(after, 'g0').has('g0'))
    }),
    { numRuns: 500 },
  )
})

test('a chain of 2,000 groups and a ring of 2,000 groups close without a deep stack', () => {
  const chain = Array.from({ length: 2000 }, (_, n) => ({ id: `g${n}`, members: [`g${n + 1}`] }))
  assert.equal(closeGroups<string, string>(chain).get('g2000')?.size, 2000)
  const ring = chain.map(({ id }, n) => ({ id, members: [`g${(n + 1) % 2000}`] }))
  assert.equal(closeGroups<string, string>(ring).get('g7')?.size, 2000)
})

test('10,000 users in 500 nested groups close with little effort', async () => {
  const groups = Array.from({ length: 500 }, (_, n) => ({
    id: `g${n}`,
    members: [
      ...(n > 0 ? [] : ['g499']),
      ...(n % 3 === 0 && n > 0 ? [`g${n - 1}`, `g${Math.floor(n / 2)}`] : []),
      ...Array.from({ length: 200 }, (_, i) => `u${(n * 37 + i * 53) % 10_000}`),
    ],
  }))
  let closed = closeGroups<string, string>([])
  const effort = await effortOf(() => {
    closed = closeGroups(groups)
  })
  assert.ok(effort < 1000, `${effort} ms`)
  assert.ok([...closed.keys()].filter((id) => id.startsWith('u')).length > 9000)
})

test('members with the same direct groups share one set', () => {
  const closed = closeGroups<string, string>([
    { id: 'all', members: ['staff'] },
    { id: 'staff', members: ['alice', 'bob', 'alice'] },
  ])
  assert.deepEqual([...(closed.get('alice') ?? [])].sort(), ['all', 'staff'])
  assert.equal(closed.get('alice'), closed.get('bob'))
  assert.equal(closed.get('carol'), undefined)
})

test('who lies in some members, however deep; too many are everyone', () => {
  const groups = [
    { id: 'all', members: ['staff', 'carol'] },
    { id: 'staff', members: ['alice', 'bob', 'loop'] },
    { id: 'loop', members: ['all'] },
  ]
  const named = (members: readonly string[], most = 10) =>
    lyingIn<string, string>(groups, members, most)
  assert.deepEqual(named([]), [])
  assert.deepEqual([...named(['alice', 'dave'])], ['alice', 'dave'])
  assert.deepEqual([...named(['staff'])].toSorted(), ['alice', 'bob', 'carol'])
  assert.equal(named(['staff'], 2), 'everyone')
})
