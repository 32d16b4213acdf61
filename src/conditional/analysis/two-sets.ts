import { mapAtoms } from '../../logic/formula.ts'
import type { Atom, Locator } from '../atom.ts'
import { createEvaluator, type Evaluator } from '../conditional.ts'
import { type Prepared, preparePolicy } from '../evaluate.ts'
import type { NamedLocation } from '../policy.ts'
import type { Located } from './assumed.ts'

/** Two sets in one world. */
export interface Pair {
  readonly places: Locator
  readonly locations: readonly NamedLocation[]
  /** The policies of the second set, with what they call otherwise than the first told apart. */
  readonly second: readonly Prepared[]
}

/** Evaluators of two sets. Most policies of the two are the same, and then one: prepared, and put into clauses, once. */
export function evaluatorsOf(first: Located, second: Located): readonly [Evaluator, Evaluator] {
  const around = ({ set: { namedLocations, strengths } }: Located) =>
    JSON.stringify([namedLocations, strengths])
  const isAlike = around(first) === around(second) && first.set.countryOf === second.set.countryOf
  const shared = preparedOnce()
  return [
    createEvaluator(first.set, shared),
    createEvaluator(second.set, isAlike ? shared : preparePolicy),
  ]
}

function preparedOnce(): typeof preparePolicy {
  const done = new Map<string, Prepared>()
  return (policy, known) => {
    const text = JSON.stringify(policy)
    const prepared = done.get(text) ?? preparePolicy(policy, known)
    done.set(text, prepared)
    return prepared
  }
}

/** What a second set calls by the same name as the first and means otherwise, goes by its name and this. */
const mark = ' of the second set'

/** Brings two sets together: a location of one name that is elsewhere in the second, or trusted in one only, is another one. */
export function pairUp(
  first: Located,
  second: Located,
  evaluators: readonly [Evaluator, Evaluator],
): Pair {
  const [own, other] = [evaluators[0].known.places, evaluators[1].known.places]
  const meanings = new Map(first.locations.map((location) => [location.id, meaningOf(location)]))
  const moved = new Set(
    second.locations
      .filter((location) => meanings.get(location.id) !== meaningOf(location))
      .flatMap(({ id, displayName }) => [id.toLowerCase(), displayName?.toLowerCase() ?? id]),
  )
  const trustMoved = trustedOf(first) !== trustedOf(second)
  const isRenamed = moved.size > 0 || trustMoved
  const rename = (atom: Atom): Atom => {
    if (atom.kind === 'trusted') return trustMoved ? { kind: 'location', id: mark } : atom
    return atom.kind === 'location' && moved.has(atom.id) ? { ...atom, id: atom.id + mark } : atom
  }
  return {
    places: {
      isIn(id, where) {
        if (id === mark) return other.isTrusted(where)
        return id.endsWith(mark)
          ? other.isIn(id.slice(0, -mark.length), where)
          : own.isIn(id, where) || (!own.knows(id) && other.isIn(id, where))
      },
      isTrusted: (where) => own.isTrusted(where),
    },
    locations: [...first.locations, ...second.locations],
    second: isRenamed
      ? evaluators[1].prepared.map((one) => renamed(one, rename))
      : evaluators[1].prepared,
  }
}

const renamed = (one: Prepared, rename: (atom: Atom) => Atom): Prepared => ({
  ...one,
  applies: mapAtoms(one.applies, rename),
  parts: one.parts.map((part) => ({ ...part, formula: mapAtoms(part.formula, rename) })),
})

function meaningOf(location: NamedLocation): string {
  const { ipRanges, countriesAndRegions, includeUnknownCountriesAndRegions } = location
  return JSON.stringify([ipRanges, countriesAndRegions, includeUnknownCountriesAndRegions === true])
}

const trustedOf = ({ locations }: Located): string =>
  locations
    .filter(({ isTrusted }) => isTrusted)
    .map(meaningOf)
    .toSorted()
    .join('\n')
