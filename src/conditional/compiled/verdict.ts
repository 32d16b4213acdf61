import type { Instant } from '../../base/clock.ts'
import { freshUntil } from '../controls/session.ts'
import type { Decision } from '../evaluate.ts'
import type { SignIn } from '../sign-in.ts'
import type { Found } from './look.ts'
import type { Regular } from './regular.ts'
import { createSide } from './side.ts'

/** What a decision comes to, without what it is made of. */
export interface Verdict {
  readonly outcome: Decision['outcome']
  /** Some policy that is in force applies. */
  readonly governs: boolean
  readonly recheckAt?: Instant
}

/** Every verdict without a moment, so that most questions make no object. */
const verdicts = (['grant', 'interrupt', 'block'] as const).map((outcome) =>
  [false, true].map((governs): Verdict => ({ outcome, governs })),
)
const granted = 0
const interrupted = 1
const blocked = 2

/** Gives verdicts by bits alone. */
export function createVerdict(
  policies: readonly Regular[],
  look: (signIn: SignIn) => Found,
): (signIn: SignIn, now: Instant) => Verdict {
  const enforced = createSide(
    policies.map(({ prepared }) => ({
      op: prepared.policy.state === 'enabled' ? 'always' : 'never',
    })),
  ).rowOf(() => false)
  return (signIn, now) => {
    const { words, applying, demands } = look(signIn)
    let rank = granted
    let governs = false
    let recheckAt = Number.POSITIVE_INFINITY
    for (let n = 0; n < words.length; n++) {
      const word = words[n] ?? 0
      const inForce = (applying[word] ?? 0) & (enforced[word] ?? 0)
      if (inForce === 0) continue
      governs = true
      const unmet = inForce & (demands.unmet[word] ?? 0)
      if ((unmet & (demands.hard[word] ?? 0)) !== 0) rank = blocked
      else if (unmet !== 0 && rank === granted) rank = interrupted
      let timed = inForce & ~unmet & (demands.timed[word] ?? 0)
      while (timed !== 0) {
        const bit = 31 - Math.clz32(timed)
        timed &= ~(1 << bit)
        const length = policies[word * 32 + bit]?.prepared.frequency ?? 0
        const until = freshUntil(length, signIn.authenticatedAt)
        if (now < until) recheckAt = Math.min(recheckAt, until)
        else if (rank === granted) rank = interrupted
      }
    }
    return say(rank, governs, recheckAt)
  }
}

function say(rank: number, governs: boolean, recheckAt: number): Verdict {
  const verdict = verdicts[rank]?.[governs ? 1 : 0] ?? { outcome: 'block', governs }
  return recheckAt === Number.POSITIVE_INFINITY ? verdict : { ...verdict, recheckAt }
}

/** What a decision comes to. */
export function verdictOf({ outcome, policies, recheckAt }: Decision): Verdict {
  const governs = policies.some(({ result }) => inForceResults.has(result))
  return { outcome, governs, ...(recheckAt !== undefined && { recheckAt }) }
}

const inForceResults = new Set(['success', 'failure', 'interrupted'])

const ranks = { grant: granted, interrupt: interrupted, block: blocked }

/** Two verdicts about one sign-in, by different policies. */
export const joinVerdicts = (a: Verdict, b: Verdict): Verdict =>
  say(
    Math.max(ranks[a.outcome], ranks[b.outcome]),
    a.governs || b.governs,
    Math.min(a.recheckAt ?? Number.POSITIVE_INFINITY, b.recheckAt ?? Number.POSITIVE_INFINITY),
  )
