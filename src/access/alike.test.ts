import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Alike } from './alike.ts'
import type { Decision } from './decision.ts'

const decisionOf = (rest: Partial<Decision> = {}): Decision => ({
  outcome: 'block',
  judged: 'block',
  enforced: true,
  state: 'blocked',
  stateReason: 'notCompliant',
  reasons: [{ code: 'notCompliant', measured: 'noncompliant' }],
  path: ['targeted', 'notCompliant'],
  ...rest,
})

describe('decisions that are alike', () => {
  it('are one object where they say the same in every word', () => {
    const alike = new Alike()
    const first = alike.share(decisionOf())
    assert.equal(alike.share(decisionOf()), first)
  })

  it('stay themselves where a reason, the way, the moment or the policies differ', () => {
    const alike = new Alike()
    alike.share(decisionOf())
    const others: Partial<Decision>[] = [
      { reasons: [{ code: 'notCompliant', measured: 'unknown' }] },
      { path: ['untargeted', 'notCompliant'] },
      { recheckAt: 5 },
      { enforced: false },
      { policies: [{ id: 'p', displayName: 'P', result: 'failure' }] },
    ]
    for (const rest of others) assert.deepEqual(alike.share(decisionOf(rest)), decisionOf(rest))
  })
})
