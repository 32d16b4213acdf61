import { and, atom, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import { type Condition, folded } from './condition.ts'

const person = atom<Atom>({ kind: 'person' })

/** Service principals: a policy for them is none for people. */
export const workloads: Condition = {
  name: 'clientApplications',
  reason: 'workloadIdentities',
  formula({ conditions }) {
    const { clientApplications } = conditions
    const included = folded(clientApplications?.includeServicePrincipals)
    if (!clientApplications || included.length === 0) return person
    const of = (ids: readonly string[]) =>
      or(
        ...ids.map((id) =>
          id === 'serviceprincipalsinmytenant'
            ? not(person)
            : atom<Atom>({ kind: 'servicePrincipal', id }),
        ),
      )
    return and(
      not(person),
      of(included),
      not(of(folded(clientApplications.excludeServicePrincipals))),
    )
  },
  unevaluated: ({ conditions }) =>
    conditions.clientApplications?.servicePrincipalFilter
      ? ['clientApplications.servicePrincipalFilter: service principals have no attributes here']
      : [],
  measured: ({ identity }) => identity.kind,
}
