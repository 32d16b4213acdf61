import type {
  ConditionalPolicyRow,
  HoleRow,
  HolesBody,
} from '../../src/graph/conditional-contract.ts'
import type { ConsequenceBody } from '../../src/graph/draft-contract.ts'
import { clientApps } from './what-if-question.ts'
import { conditionName, controlName } from './what-if-words.ts'
import { counted } from './words.ts'

const people: Readonly<Record<string, string>> = {
  All: 'everyone',
  None: 'nobody',
  GuestsOrExternalUsers: 'guests',
}

/** Whom a policy is for. */
export function whomFor({ includes, excludes }: ConditionalPolicyRow): string {
  const say = (names: readonly string[]) => names.map((name) => people[name] ?? name).join(', ')
  const whom = includes.length > 0 ? say(includes) : 'nobody'
  return excludes.length > 0 ? `${whom}, but not ${say(excludes)}` : whom
}

/** Kinds of client in words; `names` with commas between. */
export const clientNames = (names: string): string =>
  names
    .split(', ')
    .map((name) => clientApps.find(([id]) => id === name)?.[1] ?? (name === 'all' ? 'All' : name))
    .join(', ')

/** What a policy asks for. */
export const asksFor = ({ controls, operator }: ConditionalPolicyRow): string =>
  controls.map(controlName).join(operator === 'AND' ? ' and ' : ' or ') || 'nothing'

const guests: Readonly<Record<string, string>> = {
  internalGuest: 'internal guests',
  b2bCollaborationGuest: 'collaboration guests',
  b2bCollaborationMember: 'collaboration members',
  b2bDirectConnectUser: 'direct connect users',
  otherExternalUser: 'other external users',
  serviceProvider: 'service providers',
}

/** Whom a hole is for. */
export function whoHas({ who }: HoleRow): string {
  const names = who.split(', ')
  const isAll = Object.keys(guests).every((name) => names.includes(name))
  const others = names.filter((name) => !isAll || !(name in guests))
  return [
    ...others.map((name) => guests[name] ?? name),
    ...(isAll ? ['guests of every kind'] : []),
  ].join(', ')
}

export const holeKinds: Readonly<Record<HoleRow['kind'], string>> = {
  hole: 'Hole',
  exception: 'Exception',
  undecided: 'Not decided: take it for a hole',
}

type Surplus = HolesBody['surplus'][number]

const surplusKinds: Readonly<Record<Surplus['kind'], string>> = {
  neverApplies: 'Never applies: nobody meets',
  shadowed: 'Blocked anyway by',
  redundant: 'Refused anyway by',
}

/** Why a policy changes nothing. */
export const whySurplus = ({ kind, because }: Surplus): string =>
  `${surplusKinds[kind]} ${because.map(kind === 'neverApplies' ? conditionName : String).join(', ')}`

/** Why a change needs a second look. */
export function sayDanger(danger: ConsequenceBody['dangers'][number]): string {
  if (danger.kind === 'share')
    return `${counted(danger.blocked, 'client')} of ${danger.letIn} that reach mail would lose it: more than ${danger.mostPercent} %.`
  const { kind, users } = danger
  return `${losers[kind]} would lose mail: ${users.join(', ')}.`
}

const losers = {
  actor: 'You',
  lastAdministrator: 'The last administrator',
  breakGlass: 'Accounts for emergencies',
} as const
