import { Failure } from '../base/failures.ts'
import type { Instant } from '../base/clock.ts'
import { analyse } from '../conditional/analysis.ts'
import { type HoleReport, reportAnalysis } from '../conditional/analysis-report.ts'
import { wordsForCells, wordsForWho, wordsOf } from '../conditional/analysis-words.ts'
import type { PolicySet } from '../conditional/conditional.ts'
import type { HoleRow, HolesBody } from './conditional-contract.ts'

/** What is searched for holes; plain values, since another thread takes it. */
export interface HolesAsked {
  readonly set: PolicySet
  /** Of users, groups and locations, by id. */
  readonly names: ReadonlyMap<string, string>
  readonly now: Instant
}

/** What the policies in force leave open, in words. What deciding does not confirm must not be believed: throws `internal`. */
export function findHoles({ set, names, now }: HolesAsked): HolesBody {
  const analysis = analyse(set, { counting: 'enabled', now })
  const [contradiction] = analysis.disagreements
  if (contradiction) throw new Failure('internal', 'the analysis contradicts the decision')
  const report = reportAnalysis(analysis, (id) => names.get(id))
  const rows = [
    ...report.holes.flatMap((hole) => rowsOf('hole', hole)),
    ...report.undecided.map(({ who, client, platform }) => ({
      ...nothing,
      kind: 'undecided' as const,
      who: wordsForWho([who]),
      client,
      platform,
    })),
    ...report.exceptions.flatMap((hole) => rowsOf('exception', hole)),
  ]
  return {
    policyCount: report.policies.length,
    holes: rows.map((row, place) => ({ id: String(place), ...row })),
    surplus: report.surplus.map(({ kind, policy, conditions, by }) => ({
      id: `${kind} ${policy.id}`,
      policy: policy.displayName,
      kind,
      because: conditions ?? by?.map(({ displayName }) => displayName) ?? [],
    })),
  }
}

const nothing = { from: '', done: '', device: '' }

function rowsOf(
  kind: HoleRow['kind'],
  { who, given, cells }: HoleReport,
): readonly Omit<HoleRow, 'id'>[] {
  const words = wordsOf(given)
  const whom = [wordsForWho(who), words.who && `in ${words.who}`].filter(Boolean).join(' ')
  const { from, done, device } = words
  return wordsForCells(cells).map((cell) => ({ kind, who: whom, ...cell, from, done, device }))
}
