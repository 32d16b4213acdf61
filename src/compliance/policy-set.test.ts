import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyOf } from '../../test/fake/judging-rooms.ts'
import type { PolicyId } from './policy.ts'
import { renew } from './policy-set.ts'

const named = (name: string, minimum = 4) => policyOf({ passwordMinimumLength: minimum }, { name })

function counter() {
  let last = 0
  return (): PolicyId => `cpl_${(last += 1)}`
}

describe('a set of policies', () => {
  const fresh = counter()
  const before = renew([], [{ policy: named('A') }, { policy: named('B') }], 10, fresh)

  it('gives each its id, its birthday and its first version', () => {
    assert.deepEqual(
      before.map(({ id, createdAt, modifiedAt, version }) => [id, createdAt, modifiedAt, version]),
      [
        ['cpl_1', 10, 10, 1],
        ['cpl_2', 10, 10, 1],
      ],
    )
  })

  it('keeps the id where the name stays, and the version where nothing changed', () => {
    const after = renew(before, [{ policy: named('b') }, { policy: named('A') }], 20, fresh)
    assert.deepEqual(
      after.map(({ id, createdAt, modifiedAt, version }) => [id, createdAt, modifiedAt, version]),
      [
        ['cpl_2', 10, 20, 2],
        ['cpl_1', 10, 10, 1],
      ],
    )
  })

  it('renames by id, and a namesake of what is renamed is new', () => {
    const drafts = [{ id: 'cpl_1', policy: named('C') } as const, { policy: named('A', 9) }]
    const after = renew(before, drafts, 30, fresh)
    assert.deepEqual(
      after.map(({ id, policy, version }) => [id, policy.name, version]),
      [
        ['cpl_1', 'C', 2],
        ['cpl_3', 'A', 1],
      ],
    )
  })

  it('refuses one id twice, and one that is gone', () => {
    const twice = [
      { id: 'cpl_1', policy: named('A') },
      { id: 'cpl_1', policy: named('B') },
    ] as const
    assert.throws(() => renew(before, twice, 40, fresh), { code: 'policy.invalid' })
    const gone = [{ id: 'cpl_9', policy: named('A') }] as const
    assert.throws(() => renew(before, gone, 40, fresh), { code: 'policy.invalid' })
  })
})
