import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { undo } from './undo.ts'

const named = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b', 'c'), level: fc.nat(2) }),
  {
    selector: ({ name }) => name,
  },
)
// Without prototypes that differ.
const sets = fc
  .record({
    rules: named,
    mode: fc.record({ on: fc.boolean(), groups: fc.array(fc.nat(1), { maxLength: 2 }) }),
  })
  .map((set) => structuredClone(set))

describe('undo', () => {
  it('gives back what was there where nobody else changed anything', () => {
    fc.assert(
      fc.property(sets, sets, (before, after) => {
        const { value, kept } = undo({ before, after, now: after })
        assert.deepEqual([value, kept], [before, []])
      }),
    )
  })

  it('touches nothing that the change did not', () => {
    fc.assert(
      fc.property(sets, sets, (before, now) => {
        assert.deepEqual(undo({ before, after: before, now }), { value: now, kept: [] })
      }),
    )
  })

  it('keeps what others did beside it', () => {
    const one = { name: 'a', level: 1 }
    const before = { rules: [one], mode: { on: false } }
    const after = {
      rules: [
        { name: 'a', level: 2 },
        { name: 'b', level: 2 },
      ],
      mode: { on: true },
    }
    const now = { rules: [...after.rules, { name: 'c', level: 3 }], mode: { on: true } }
    assert.deepEqual(undo({ before, after, now }), {
      value: { rules: [one, { name: 'c', level: 3 }], mode: { on: false } },
      kept: [],
    })
    const contested = { ...after, rules: [{ name: 'a', level: 9 }] }
    assert.deepEqual(undo({ before, after, now: contested }), {
      value: { rules: [{ name: 'a', level: 9 }], mode: { on: false } },
      kept: ['rules[a].level'],
    })
  })
})
