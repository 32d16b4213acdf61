import { always, and, atom, type Formula, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { type Conditions, guestTypes } from '../policy.ts'
import { type Condition, flagsOf, folded } from './condition.ts'

type Users = NonNullable<Conditions['users']>
type Guests = Users['includeGuestsOrExternalUsers']

const person = atom<Atom>({ kind: 'person' })
const eas = atom<Atom>({ kind: 'client', type: 'exchangeActiveSync' })
const anyGuest = or(...guestTypes.map((type) => atom<Atom>({ kind: 'guest', type })))

/** Users, groups, roles and guests; excluding wins over including. */
export const users: Condition = {
  name: 'users',
  reason: 'users',
  formula({ conditions }) {
    // A policy for service principals names its users as `None`.
    if (conditions.clientApplications?.includeServicePrincipals?.length) return always
    return conditions.users
      ? and(person, included(conditions.users), not(excluded(conditions.users)))
      : person
  },
  measured({ identity }) {
    const groups = identity.groups.size
    return `${identity.id}, ${groups} ${groups === 1 ? 'group' : 'groups'}${identity.guest ? `, ${identity.guest}` : ''}`
  },
}

function included(users: Users): Formula<Atom> {
  const undetermined = or(
    guestsAmong(users.includeUsers),
    guestsOf(users.includeGuestsOrExternalUsers),
    rolesOf(users.includeRoles),
  )
  return or(
    ...peopleOf(users.includeUsers, users.includeGroups),
    undetermined,
    // Exchange ActiveSync cannot tell roles and guests, so a policy for some of them is one for everybody there.
    undetermined.op === 'never' ? undetermined : eas,
  )
}

function excluded(users: Users): Formula<Atom> {
  const undetermined = or(
    guestsAmong(users.excludeUsers),
    guestsOf(users.excludeGuestsOrExternalUsers),
    rolesOf(users.excludeRoles),
  )
  return or(...peopleOf(users.excludeUsers, users.excludeGroups), and(undetermined, not(eas)))
}

function peopleOf(
  ids: readonly string[] | null | undefined,
  groups: readonly string[] | null | undefined,
): readonly Formula<Atom>[] {
  const people = folded(ids)
    .filter((id) => !specials.has(id))
    .map((id) => atom<Atom>({ kind: 'user', id }))
  const all = folded(ids).includes('all') ? [person] : []
  return [...all, ...people, ...folded(groups).map((id) => atom<Atom>({ kind: 'group', id }))]
}

/** Words that stand for many; `None` and the agents of other products stand for nobody here. */
const specials = new Set(['all', 'none', 'guestsorexternalusers', 'allagentidusers'])

function guestsAmong(ids: readonly string[] | null | undefined): Formula<Atom> {
  return folded(ids).includes('guestsorexternalusers') ? anyGuest : or<Atom>()
}

function rolesOf(ids: readonly string[] | null | undefined): Formula<Atom> {
  return or(...folded(ids).map((id) => atom<Atom>({ kind: 'role', id })))
}

function guestsOf(guests: Guests): Formula<Atom> {
  if (!guests) return or<Atom>()
  const types = flagsOf(guests.guestOrExternalUserTypes).map((flag) => flag.toLowerCase())
  const kinds = guestTypes
    .filter((type) => types.includes(type.toLowerCase()))
    .map((type) => atom<Atom>({ kind: 'guest', type }))
  const tenants = guests.externalTenants
  if (tenants?.membershipKind !== 'enumerated') return or(...kinds)
  const members = folded(tenants.members).map((id) => atom<Atom>({ kind: 'tenant', id }))
  return and(or(...kinds), or(...members))
}
