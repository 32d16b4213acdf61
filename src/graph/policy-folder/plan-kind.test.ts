import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../base/failures.ts'
import type { FolderDocument } from '../folder-contract.ts'
import { differences } from './difference.ts'
import type { Kind, Surroundings } from './kind.ts'
import { createNames } from './names.ts'
import { planKind } from './plan-kind.ts'

// This also holds src/graph/policy-folder/kind.ts and src/graph/policy-folder/policy-folder.ts in part; the rest of those is
// told in test/story/policy-folder.test.ts.

interface Thing {
  readonly name: string
  readonly value: number
}

const things: Kind<Thing> = {
  nameOf: ({ name }) => name,
  write: (thing) => ({ ...thing }),
  read: ({ name, value }) => ({ name: String(name), value: Number(value) }),
  compare: (before, after) => differences(before, after),
}

const everybody = { users: [], groups: [] }
const around: Surroundings = {
  everybody,
  collections: [],
  names: createNames(everybody, [], []),
  strengths: [],
  now: '2026-01-01T00:00:00Z',
  freshId: (prefix) => `${prefix}_1`,
}

const documents = (all: readonly Thing[]): FolderDocument[] =>
  all.map((thing, at) => ({
    source: `${at}.json`,
    kind: 'deviceAccessRule',
    name: thing.name,
    document: { ...thing },
  }))

const plan = (before: readonly Thing[], given: readonly Thing[], prune = false) =>
  planKind(things, before, { documents: documents(given), prune }, around)

const anyThings = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.nat(2) }),
  { selector: ({ name }) => name },
)

describe('the plan of one kind', () => {
  it('law: once applied, it has nothing to do', () => {
    fc.assert(
      fc.property(anyThings, anyThings, fc.boolean(), (before, given, prune) => {
        const { next } = plan(before, given, prune)
        const again = plan(next, given, prune)
        assert.deepEqual(again.next, next)
        assert.ok(again.changes.every(({ action }) => action === 'unmanaged'))
        for (const thing of given)
          assert.ok(next.some((one) => differences(one, thing).length === 0))
      }),
    )
  })

  it('law: nothing goes without --prune, and with it just what no document names', () => {
    fc.assert(
      fc.property(anyThings, anyThings, (before, given) => {
        const names = (all: readonly Thing[]) => all.map(({ name }) => name).sort()
        const union = [...new Set([...names(before), ...names(given)])].sort()
        assert.deepEqual(names(plan(before, given).next), union)
        if (given.length > 0) assert.deepEqual(names(plan(before, given, true).next), names(given))
      }),
    )
  })

  it('takes one document twice for one, and refuses two of one name', () => {
    const one = { name: 'a', value: 1 }
    assert.deepEqual(plan([], [one, one]).next, [one])
    const differs = (thrown: unknown) =>
      thrown instanceof Failure && /1\.json: "A" is in 0\.json too/.test(thrown.detail)
    assert.throws(() => plan([], [one, { name: 'A', value: 1 }]), differs)
    assert.throws(() => plan([one, { name: 'A', value: 1 }], [one]), /several are called "a"/)
  })
})
