import { and, atom, type Formula, not, or } from '../../logic/formula.ts'
import { appGroups } from '../app-groups.ts'
import type { Atom } from '../atom.ts'
import { type Condition, folded } from './condition.ts'

const application = atom<Atom>({ kind: 'application' })

/** What is signed in to: applications, else user actions, else authentication contexts. */
export const applications: Condition = {
  name: 'applications',
  reason({ conditions }) {
    if (conditions.applications?.includeUserActions?.length) return 'userActions'
    const contexts = conditions.applications?.includeAuthenticationContextClassReferences
    return contexts?.length ? 'authenticationContext' : 'application'
  },
  formula({ conditions }) {
    const { applications: asked } = conditions
    if (!asked) return application
    const filter = asked.applicationFilter
    const actions = [
      ...(asked.includeUserActions ?? []).map((id) => atom<Atom>({ kind: 'userAction', id })),
      ...(asked.includeAuthenticationContextClassReferences ?? []).map((id) =>
        atom<Atom>({ kind: 'authenticationContext', id }),
      ),
    ]
    // A filter over attributes that nobody keeps here: including, it takes every application in; excluding, none out.
    const included = or(
      appsOf(asked.includeApplications),
      filter?.mode === 'include' ? application : or<Atom>(),
    )
    return or(and(application, included, not(appsOf(asked.excludeApplications))), ...actions)
  },
  unevaluated({ conditions }) {
    const asked = conditions.applications
    const traffic = ['networkAccess', 'globalSecureAccess'].filter((name) => asked?.[name])
    return [
      ...(asked?.applicationFilter
        ? ['applications.applicationFilter: applications have no attributes here']
        : []),
      ...traffic.map(
        (name) => `applications.${name}: traffic profiles are no sign-ins, and never apply`,
      ),
    ]
  },
  measured: ({ target }) => (target.kind === 'application' ? target.ids.join(', ') : target.id),
}

function appsOf(ids: readonly string[] | null | undefined): Formula<Atom> {
  return or(
    ...folded(ids).map((id) => {
      if (id === 'all') return application
      if (id === 'none') return or<Atom>()
      const members = appGroups.get(id)
      return members
        ? or(...members.map((app) => atom<Atom>({ kind: 'app', id: app })))
        : atom<Atom>({ kind: 'app', id })
    }),
  )
}
