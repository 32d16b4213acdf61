import type { PolicySet } from '../conditional.ts'
import { createPlaces } from '../places.ts'
import type { ConditionalAccessPolicy, NamedLocation } from '../policy.ts'

/** A set with just the locations that its policies speak of, and which of those it had to be lent. */
export interface Located {
  readonly set: PolicySet
  readonly locations: readonly NamedLocation[]
  readonly assumed: readonly string[]
}

/**
 * Policies may speak of locations that their set does not bring along, and of trusted ones where there are none. Deciding then
 * fails closed; an analysis that did so would overlook who gets in from there. So such locations are assumed to be somewhere:
 * each by itself, and overlapping. Of two sets that are compared, the `other` lends its own first.
 */
export function assumeLocations(set: PolicySet, other?: PolicySet): Located {
  const policies = [...set.policies, ...(other?.policies ?? [])]
  const asked = [...new Set(policies.flatMap(locationsOf))].toSorted()
  const given = [...(set.namedLocations ?? []), ...lent(set, other, asked)]
  const { knows } = createPlaces(given)
  const trusts = asked.includes('alltrusted')
  const unknown = asked.filter((id) => id !== 'all' && id !== 'alltrusted' && !knows(id))
  const isAnyTrusted = [...given, ...(other?.namedLocations ?? [])].some(
    ({ isTrusted, ipRanges, countriesAndRegions }) =>
      isTrusted && (ipRanges ?? countriesAndRegions),
  )
  const assumed = trusts && !isAnyTrusted ? [...unknown, anyTrusted] : unknown
  const spoken = given.filter(
    ({ id, displayName, isTrusted }) =>
      !unknown.includes(id.toLowerCase()) &&
      ((trusts && isTrusted) ||
        asked.includes(id.toLowerCase()) ||
        asked.includes(displayName?.toLowerCase() ?? '')),
  )
  const locations = [...spoken, ...locationsFor(assumed)]
  return { set: { ...set, namedLocations: locations }, locations, assumed }
}

/** What the other set knows and this one does not; all of it where this one brings no locations at all. */
function lent(
  { namedLocations = [] }: PolicySet,
  other: PolicySet | undefined,
  asked: readonly string[],
): NamedLocation[] {
  const { knows } = createPlaces(namedLocations)
  return (other?.namedLocations ?? []).filter(
    ({ id }) => !knows(id) && (namedLocations.length === 0 || asked.includes(id.toLowerCase())),
  )
}

function locationsOf({ conditions: { locations } }: ConditionalAccessPolicy): string[] {
  const { includeLocations, excludeLocations } = locations ?? {}
  return [...(includeLocations ?? []), ...(excludeLocations ?? [])].map((id) => id.toLowerCase())
}

/** The location that stands for every trusted one. */
const anyTrusted = 'any trusted location'

/** So many assumed locations overlap in every way; of more, each two. */
const mixed = 7

/** Addresses below 2001:db8::/112, which nobody has (RFC 3849). */
function locationsFor(names: readonly string[]): NamedLocation[] {
  const mixes =
    names.length <= mixed
      ? Array.from({ length: 2 ** names.length }, (_, mix) =>
          names.filter((_, n) => (mix >> n) & 1),
        )
      : names.flatMap((one, n) => names.slice(n).map((other) => [one, other]))
  return names.map((id) => ({
    id,
    isTrusted: id === anyTrusted,
    ipRanges: mixes.flatMap((mix, n) =>
      mix.includes(id) ? [{ cidrAddress: `2001:db8::${(n + 1).toString(16)}/128` }] : [],
    ),
  }))
}
