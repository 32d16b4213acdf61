import { hour, type Instant } from '../base/clock.ts'
import type { NoncomplianceAction } from '../compliance/policy.ts'
import type { ComplianceState } from '../compliance/verdict.ts'

/** What this system does to those who do not meet a policy, besides marking them. */
export const carriedTypes = [
  'notification',
  'pushNotification',
  'remoteLock',
  'retire',
  'wipe',
] as const

export type CarriedType = (typeof carriedTypes)[number]

/** One action of a policy, told apart from others of its type. */
export interface Step {
  /**
   * Type, hours, and its number among those that have both: it survives a new order of the list, another template and
   * other recipients, so that none of these sends a mail again.
   */
  readonly key: string
  readonly type: CarriedType
  readonly action: NoncomplianceAction
}

/** A policy as far as its actions go. */
export interface Acting {
  readonly id: string
  readonly name: string
  readonly steps: readonly Step[]
}

/** One spell of a device not meeting one policy. */
export interface Spell {
  readonly policy: string
  readonly since: Instant
  /** Keys of the steps that were taken. */
  readonly taken: ReadonlySet<string>
}

/** The actions of a policy that are ever carried out. */
export function stepsOf(actions: readonly NoncomplianceAction[] = []): readonly Step[] {
  const seen = new Map<string, number>()
  return actions.flatMap((action) => {
    const type = carriedTypes.find((one) => one === action.type)
    if (!type) return []
    const kind = `${type} ${action.gracePeriodHours}`
    const nth = (seen.get(kind) ?? 0) + 1
    seen.set(kind, nth)
    return [{ key: `${kind} ${nth}`, type, action }]
  })
}

/** How a device stands to one policy: `unclear` neither begins a spell nor ends one. */
export type Standing = 'failing' | 'healthy' | 'unclear'

/**
 * From the policy's result and the device's verdict. Within grace it fails already: grace delays the mark, not the mails.
 * Nonsense in a fact is unclear, until the verdict stops waiting for sense.
 */
export function standingOf(
  result: ComplianceState | undefined,
  overall: ComplianceState,
): Standing {
  switch (result) {
    case 'noncompliant':
    case 'inGracePeriod':
      return 'failing'
    case 'error':
      return overall === 'noncompliant' ? 'failing' : 'unclear'
    case 'unknown':
    case 'conflict':
      return 'unclear'
    default:
      return 'healthy'
  }
}

/** When a step is due in a spell that began at `since`. */
export function dueAt(since: Instant, step: Step): Instant {
  return since + step.action.gracePeriodHours * hour
}

/** Steps that are not taken, the earliest first. */
export function openSteps(spell: Spell, steps: readonly Step[]): readonly Step[] {
  return steps
    .filter(({ key }) => !spell.taken.has(key))
    .sort((a, b) => a.action.gracePeriodHours - b.action.gracePeriodHours)
}

/** When the next step of any spell is due. */
export function nextDue(
  spells: readonly Spell[],
  stepsByPolicy: ReadonlyMap<string, readonly Step[]>,
): Instant | undefined {
  const moments = spells.flatMap((spell) => {
    const [first] = openSteps(spell, stepsByPolicy.get(spell.policy) ?? [])
    return first ? [dueAt(spell.since, first)] : []
  })
  return moments.length > 0 ? Math.min(...moments) : undefined
}
