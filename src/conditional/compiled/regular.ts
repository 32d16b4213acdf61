import { and, atomsOf, type Formula } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { Prepared } from '../evaluate.ts'

/** The sides of a sign-in, each looked at once for all policies. */
type Facet = 'identity' | 'target' | 'client' | 'place' | 'device' | 'session'

/** Which side of a sign-in an atom asks about. */
export const facetOf: Readonly<Record<Atom['kind'], Facet>> = {
  person: 'identity',
  user: 'identity',
  group: 'identity',
  role: 'identity',
  guest: 'identity',
  tenant: 'identity',
  servicePrincipal: 'identity',
  application: 'target',
  app: 'target',
  userAction: 'target',
  authenticationContext: 'target',
  client: 'client',
  token: 'client',
  platform: 'client',
  location: 'place',
  trusted: 'place',
  registered: 'device',
  compliant: 'device',
  hybridJoined: 'device',
  device: 'device',
  signInRisk: 'session',
  userRisk: 'session',
  servicePrincipalRisk: 'session',
  insiderRisk: 'session',
  flow: 'session',
  satisfied: 'session',
  method: 'session',
}

/** A policy whose conditions fall apart into one statement per side; that about the identity may ask for the client, too. */
export interface Regular {
  readonly prepared: Prepared
  readonly parts: Readonly<Record<Facet, Formula<Atom>>>
}

/** Policies that can be compiled; all others are asked as they stand. */
export function readRegular(policies: readonly Prepared[]): readonly Regular[] {
  return policies.flatMap((prepared) => {
    const parts = demandedBy(prepared).every(isDemandable) ? partsOf(prepared.applies) : undefined
    return parts ? [{ prepared, parts }] : []
  })
}

/** What the controls of a policy ask about, also where they are never satisfied together. */
export const demandedBy = ({ grant }: Prepared): readonly Atom[] =>
  grant.controls.flatMap(({ formula }) => atomsOf(formula))

/** Of devices, demands ask for plain states only: few enough to number all combinations. */
const isDemandable = ({ kind }: Atom): boolean =>
  facetOf[kind] === 'client' ||
  facetOf[kind] === 'session' ||
  (facetOf[kind] === 'device' && kind !== 'device')

function partsOf(applies: Formula<Atom>): Regular['parts'] | undefined {
  const found: Record<Facet, Formula<Atom>[]> = {
    identity: [],
    target: [],
    client: [],
    place: [],
    device: [],
    session: [],
  }
  for (const conjunct of conjunctsOf(applies)) {
    const facets = new Set(atomsOf(conjunct).map(({ kind }) => facetOf[kind]))
    const [only = 'client'] = facets
    if (facets.size < 2) found[only].push(conjunct)
    else if (facets.size === 2 && facets.has('identity') && facets.has('client'))
      found.identity.push(conjunct)
    else return undefined
  }
  return {
    identity: and(...found.identity),
    target: and(...found.target),
    client: and(...found.client),
    place: and(...found.place),
    device: and(...found.device),
    session: and(...found.session),
  }
}

/** The parts of a conjunction, down to what is none. */
const conjunctsOf = (formula: Formula<Atom>): readonly Formula<Atom>[] =>
  formula.op === 'and' ? formula.of.flatMap(conjunctsOf) : [formula]
