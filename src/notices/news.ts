import type { AccessStateReason, Outcome } from '../access/decision.ts'
import type { Instant } from '../base/clock.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Entry } from '../store/journal.ts'
import type { Cause } from './compose.ts'

/** What a journal entry means for notices. */
export type News = {
  readonly seq: number
  readonly at: Instant
  readonly partnership: PartnershipId
} & (
  | { readonly what: 'gone' }
  | { readonly what: 'free' }
  | { readonly what: 'held'; readonly cause: Cause }
)

/**
 * Reasons of which no mail tells: faults of ours, which pass; a phone that is being identified, which takes minutes; and
 * a disabled user, who was told by whoever did it.
 */
const untold: ReadonlySet<AccessStateReason> = new Set([
  'behind',
  'internal',
  'unknown',
  'deviceDiscovery',
  'userDisabled',
])

/** Reads the entry; `undefined` when it changes nothing that is told. While a site observes, its outcome is `allow`. */
export function readNews(entry: Entry): News | undefined {
  // The journal's entries are our own; access and devices document these bodies.
  const body = entry.body as {
    readonly partnership: PartnershipId
    readonly outcome?: Outcome
    readonly stateReason?: AccessStateReason
  }
  const about = { seq: entry.seq, at: entry.at, partnership: body.partnership }
  if (entry.kind === 'partnership.removed') return { ...about, what: 'gone' }
  const { outcome, stateReason } = body
  if (outcome === 'allow') return { ...about, what: 'free' }
  if (outcome !== 'quarantine' && outcome !== 'block') return undefined
  if (stateReason === undefined || untold.has(stateReason)) return undefined
  return { ...about, what: 'held', cause: { outcome, stateReason } }
}
