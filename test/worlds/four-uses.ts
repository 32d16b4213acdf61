import assert from 'node:assert/strict'
import type { Instant } from '../../src/base/clock.ts'
import type { Evaluator } from '../../src/conditional/conditional.ts'
import type { SignIn } from '../../src/conditional/sign-in.ts'

const silent = new Set(['notApplied', 'notEnabled', 'reportOnlyNotApplied'])
const inForce = new Set(['success', 'failure', 'interrupted'])

/** Deciding, explaining, What If and the compiled tables say the same of this sign-in. */
export function assertAgree(evaluator: Evaluator, signIn: SignIn, now: Instant): void {
  const decision = evaluator.decide(signIn, now)
  const told = evaluator.explain(signIn)
  const rows = evaluator.whatIf(signIn)
  for (const [n, { result }] of decision.policies.entries()) {
    const applies = !silent.has(result)
    if (result === 'notEnabled') assert.equal(rows[n]?.analysisReasons, 'policyNotEnabled')
    else assert.equal(told[n]?.applies, applies)
    assert.equal(rows[n]?.policyApplies, applies)
    assert.equal(rows[n]?.analysisReasons === 'notSet', applies)
  }
  const { outcome, policies, recheckAt } = decision
  assert.deepEqual(evaluator.compiled.verdict(signIn, now), {
    outcome,
    governs: policies.some(({ result }) => inForce.has(result)),
    ...(recheckAt !== undefined && { recheckAt }),
  })
  assert.deepEqual(evaluator.compiled.decide(signIn, now), {
    ...decision,
    policies: policies.filter(({ result }) => !silent.has(result)),
  })
}
