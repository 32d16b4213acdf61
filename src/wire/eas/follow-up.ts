import { childrenOf, type Element, element, find, textOf } from '../wbxml/wbxml.ts'
import { Email, Tasks } from '../wbxml/tokens.ts'
import { atLeast, type EasVersion } from './version.ts'

/** A follow-up flag (MS-ASEMAIL 2.2.2.34) as tag and text of its parts; empty: no flag. Kept as the client sent it. */
export type FollowUp = readonly (readonly [tag: number, text: string])[]

// What a Flag may hold. Other tags are dropped: what is kept here is sent to other devices of the user.
const parts: ReadonlySet<number> = new Set([
  Tasks.Subject,
  Email.Status,
  Email.FlagType,
  Tasks.DateCompleted,
  Email.CompleteTime,
  Tasks.StartDate,
  Tasks.DueDate,
  Tasks.UtcStartDate,
  Tasks.UtcDueDate,
  Tasks.ReminderSet,
  Tasks.ReminderTime,
  Tasks.OrdinalDate,
  Tasks.SubOrdinalDate,
])

const longestText = 256

/** The flag below an ApplicationData: `undefined` when it tells nothing of it, empty when it clears it. */
export function readFollowUp(data: Element): FollowUp | undefined {
  const flag = find(data, Email.Flag)
  if (!flag) return undefined
  const kept = new Map<number, string>()
  for (const child of childrenOf(flag)) {
    const text = parts.has(child.tag) ? textOf(flag, child.tag) : undefined
    if (text !== undefined) kept.set(child.tag, text.slice(0, longestText))
  }
  // Status 0 is "no flag", whatever else was sent with it.
  return kept.get(Email.Status) === '0' ? [] : [...kept]
}

/** The flag as text to keep; '' for none. */
export function keepFollowUp(followUp: FollowUp): string {
  return followUp.length === 0 ? '' : JSON.stringify(followUp)
}

/** The Flag element of a kept flag, empty when there is none; nothing before 12.0, which knows no flags. */
export function writeFollowUp(kept: string, version: EasVersion): readonly Element[] {
  if (!atLeast(version, '12.0')) return []
  // Written by `keepFollowUp`.
  const followUp: FollowUp = kept === '' ? [] : (JSON.parse(kept) as FollowUp)
  return [element(Email.Flag, ...followUp.map(([tag, text]) => element(tag, text)))]
}
