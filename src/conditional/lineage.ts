import type { Grown } from './compiled/compiled.ts'
import type { Tables } from './compiled/tables.ts'
import type { Known } from './conditions/condition.ts'
import type { Prepared } from './evaluate.ts'
import { createPlaces } from './places.ts'
import type { AuthenticationStrength, ConditionalAccessPolicy, NamedLocation } from './policy.ts'

/** What policies refer to. */
export interface Surroundings {
  readonly namedLocations?: readonly NamedLocation[]
  readonly strengths?: readonly AuthenticationStrength[]
  /** Two letters for an address, from the administrator's own database. */
  readonly countryOf?: (address: string) => string | undefined
}

/**
 * Sets of policies in the same surroundings, each edited from another. What two of them say alike is prepared, and put into
 * tables, once; each set goes on being right for itself.
 */
export class Lineage implements Grown {
  readonly known: Known
  tables: Tables | undefined
  readonly #surroundings: Surroundings
  #first: readonly Prepared[] | undefined
  #byText: Map<string, Prepared[]> | undefined

  constructor(surroundings: Surroundings) {
    const { namedLocations = [], strengths = [], countryOf } = surroundings
    this.#surroundings = { namedLocations, strengths, ...(countryOf && { countryOf }) }
    this.known = {
      places: createPlaces(namedLocations, countryOf),
      strengths: new Map(strengths.map((one) => [one.id.toLowerCase(), one])),
    }
  }

  get places(): Known['places'] {
    return this.known.places
  }

  /** Whether a set belongs to it: everything around its policies is the same. */
  holds({ namedLocations = [], strengths = [], countryOf }: Surroundings): boolean {
    const own = this.#surroundings
    return (
      countryOf === own.countryOf &&
      isAlike(namedLocations, own.namedLocations) &&
      isAlike(strengths, own.strengths)
    )
  }

  /** Gives policies their meaning by `make`, where none of the sets before had the same. No two of a set share it. */
  prepare(
    policies: readonly ConditionalAccessPolicy[],
    make: (policy: ConditionalAccessPolicy) => Prepared,
  ): readonly Prepared[] {
    if (!this.#first) return (this.#first = policies.map(make))
    const byText = (this.#byText ??= group(this.#first))
    const taken = new Map<string, number>()
    const texts = policies.map((policy) => JSON.stringify(policy))
    const prepared = policies.map((policy, place) => {
      const text = texts[place] ?? ''
      const before = taken.get(text) ?? 0
      taken.set(text, before + 1)
      const known = byText.get(text)?.[before]
      if (known) return known
      const made = make(policy)
      enter(byText, text, made)
      return made
    })
    // What many edits ago was said is nobody's any more.
    if (byText.size > 2 * policies.length + spare) this.#byText = group(prepared)
    return prepared
  }
}

/** How many policies beyond twice those of a set are remembered. */
const spare = 64

const isAlike = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b)

function group(prepared: readonly Prepared[]): Map<string, Prepared[]> {
  const byText = new Map<string, Prepared[]>()
  for (const one of prepared) enter(byText, JSON.stringify(one.policy), one)
  return byText
}

function enter(byText: Map<string, Prepared[]>, text: string, one: Prepared): void {
  const known = byText.get(text)
  if (known) known.push(one)
  else byText.set(text, [one])
}
