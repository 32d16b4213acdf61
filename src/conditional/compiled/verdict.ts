import type { Instant } from '../../base/clock.ts'
import { freshUntil } from '../controls/session.ts'
import type { Decision } from '../evaluate.ts'
import type { Row } from './side.ts'
import type { Tables } from './tables.ts'

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

/** Gives the verdict on whoever stands there, by bits alone. `proved`: when the user last did. */
export type Judge = (
  standing: Int32Array,
  from: number,
  proved: Instant | undefined,
  now: Instant,
) => Verdict

/**
 * Lays rows over one another, a word of 32 policies at a time. `enforced`: the policies that count. Without branches that depend
 * on the bits, which would be guessed wrong every other time.
 */
export function createJudge(tables: Tables, enforced: Row): Judge {
  const { scenes, identities, spots, devices, sessions, policies, width } = tables
  const concernedWords = new Uint16Array(width)
  const concerned = new Int32Array(width)
  return (standing, from, proved, now) => {
    const words = scenes.wordsOf(standing[from] ?? 0)
    const [targets, people, places] = [scenes.rows.words, identities.rows.words, spots.rows.words]
    const [things, proofs] = [devices.rows.words, sessions.rows.words]
    const scene = (standing[from] ?? 0) * width
    const identity = (standing[from + 1] ?? 0) * width
    const spot = (standing[from + 2] ?? 0) * width
    const device = (standing[from + 3] ?? 0) * width
    const session = (standing[from + 4] ?? 0) * width
    // Most policies of a large set are for others: what more they ask is not looked at.
    let count = 0
    for (let n = 0; n < words.length; n++) {
      const word = words[n] ?? 0
      const bits = (targets[scene + word] ?? 0) & (people[identity + word] ?? 0)
      concernedWords[count] = word
      concerned[count] = bits
      // One more, unless there are none.
      count += (bits | -bits) >>> 31
    }
    let governing = 0
    let unmet = 0
    let hard = 0
    let rank = granted
    let recheckAt = Number.POSITIVE_INFINITY
    for (let n = 0; n < count; n++) {
      const word = concernedWords[n] ?? 0
      const inForce =
        (concerned[n] ?? 0) &
        (places[spot + word] ?? 0) &
        (things[device + word] ?? 0) &
        (proofs[session + word] ?? 0) &
        (enforced[word] ?? 0)
      const open = inForce & (proofs[session + width + word] ?? 0)
      governing |= inForce
      unmet |= open
      hard |= open & (proofs[session + 2 * width + word] ?? 0)
      let timed = inForce & ~open & (proofs[session + 3 * width + word] ?? 0)
      while (timed !== 0) {
        const bit = 31 - Math.clz32(timed)
        timed &= ~(1 << bit)
        const until = freshUntil(policies[word * 32 + bit]?.prepared.frequency ?? 0, proved)
        if (now < until) recheckAt = Math.min(recheckAt, until)
        else rank = interrupted
      }
    }
    if (hard !== 0) rank = blocked
    else if (unmet !== 0) rank = interrupted
    return say(rank, governing !== 0, recheckAt)
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
