import type { Atom } from '../../src/conditional/atom.ts'
import { createEvaluator } from '../../src/conditional/conditional.ts'
import type { SignIn } from '../../src/conditional/sign-in.ts'
import { always, and, atom, type Formula, never, not, or } from '../../src/logic/formula.ts'
import type { Company } from './company.ts'
import type { Resolved } from './plain-loop.ts'

/** A question that peers ask of a sign-in whose facts were found out beforehand. */
export type Question =
  | { readonly of: 'user' | 'app' | 'client' | 'platform'; readonly among: readonly string[] }
  | { readonly of: 'groups' | 'locations'; readonly among: readonly string[] }
  | { readonly of: 'device'; readonly attribute: string; readonly among: readonly string[] }
  | { readonly of: 'trusted' | 'mfa' | 'compliant' }

/** For each policy, when it denies: it applies, and what it demands is not satisfied. */
export function denialsOf(company: Company): readonly Formula<Question>[] {
  const { prepared } = createEvaluator(company)
  return prepared.map(({ applies, policy }) => {
    const controls = (policy.grantControls?.builtInControls ?? []).map((name) => {
      if (name === 'block') return never
      return atom<Question>({ of: name === 'mfa' ? 'mfa' : 'compliant' })
    })
    const granted = policy.grantControls?.operator === 'AND' ? and(...controls) : or(...controls)
    return and(asQuestions(applies), not(granted))
  })
}

/** The same statement in the peers' terms; several names of one kind become one list, as a person would write them. */
function asQuestions(formula: Formula<Atom>): Formula<Question> {
  switch (formula.op) {
    case 'always':
    case 'never':
      return formula
    case 'atom':
      return questionOf(formula.atom)
    case 'not':
      return not(asQuestions(formula.of))
    case 'and':
      return and(...formula.of.map(asQuestions))
    default:
      return or(...joined(formula.of.map(asQuestions)))
  }
}

function joined(parts: readonly Formula<Question>[]): readonly Formula<Question>[] {
  const lists = new Map<string, Formula<Question>>()
  const others: Formula<Question>[] = []
  for (const part of parts) {
    const question = part.op === 'atom' ? part.atom : undefined
    if (!question || !('among' in question)) {
      others.push(part)
      continue
    }
    const key = question.of + ('attribute' in question ? question.attribute : '')
    const before = lists.get(key)
    const known = before?.op === 'atom' && 'among' in before.atom ? before.atom.among : []
    lists.set(key, atom({ ...question, among: [...known, ...question.among] }))
  }
  return [...lists.values(), ...others]
}

function questionOf(one: Atom): Formula<Question> {
  switch (one.kind) {
    // Whoever signs in here is a person, to an application.
    case 'person':
    case 'application':
      return always
    case 'user':
      return atom({ of: 'user', among: [one.id] })
    case 'group':
      return atom({ of: 'groups', among: [one.id] })
    case 'app':
      return atom({ of: 'app', among: [one.id] })
    case 'client':
      return atom({ of: 'client', among: [one.type] })
    case 'platform':
      return atom({ of: 'platform', among: [one.platform] })
    case 'location':
      return atom({ of: 'locations', among: [one.id] })
    case 'trusted':
      return atom<Question>({ of: 'trusted' })
    case 'device': {
      const { property, value } = one.comparison
      const among = typeof value === 'object' && value !== null ? value : [String(value)]
      return atom({ of: 'device', attribute: property.replace('device.', ''), among })
    }
    default:
      throw new Error(`no company of this yard asks for ${one.kind}`)
  }
}

/** What peers are told of the sign-ins. Nothing of it is on anybody's clock. */
export function resolve({ signIns, ...company }: Company): readonly Resolved[] {
  const { known } = createEvaluator(company)
  const ids = company.namedLocations.map(({ id }) => id)
  const nobody: Resolved['device'] = {}
  return signIns.map((signIn: SignIn): Resolved => {
    const { identity, target, client = '', platform = '', device, satisfied } = signIn
    // A password over an old protocol, or over Exchange ActiveSync, carries no second factor.
    const legacy = client === 'other' || client === 'exchangeActiveSync'
    return {
      user: identity.id,
      groups: [...identity.groups],
      app: target.kind === 'application' ? (target.ids[0] ?? '') : '',
      client,
      platform,
      locations: ids.filter((id) => known.places.isIn(id, signIn)),
      trusted: known.places.isTrusted(signIn),
      device: (device?.attributes ?? nobody) as Resolved['device'], // texts alone, see company.ts
      mfa: satisfied.has('mfa') && !legacy,
      compliant: device?.isCompliant === true && client !== 'other',
    }
  })
}
