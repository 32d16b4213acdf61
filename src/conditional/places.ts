import { type AddressRange, isWithin, joinRanges, readAddress, readCidr } from './address.ts'
import type { NamedLocation } from './policy.ts'
import type { SignIn } from './sign-in.ts'

type Where = Pick<SignIn, 'address' | 'country'>

/** The named locations, made for asking. */
export interface Places {
  /** Whether it can be told at all who is there. */
  knows(id: string): boolean
  isIn(id: string, where: Where): boolean
  /** In any location that is marked as trusted. */
  isTrusted(where: Where): boolean
}

interface Place {
  readonly trusted: boolean
  readonly ranges: readonly AddressRange[]
  readonly countries: ReadonlySet<string>
  readonly unknownCountry: boolean
}

/**
 * Named locations by id, or by name, as published policy sets name them. `countryOf` looks an address up in the
 * administrator's database, where there is one; a country that the sign-in brings along comes first.
 */
export function createPlaces(
  locations: readonly NamedLocation[],
  countryOf: (address: string) => string | undefined = () => undefined,
): Places {
  const places = new Map<string, Place>()
  const trusted: Place[] = []
  for (const location of locations) {
    const place = placeOf(location)
    if (!place) continue
    places.set(location.id.toLowerCase(), place)
    if (location.displayName) places.set(location.displayName.toLowerCase(), place)
    if (place.trusted) trusted.push(place)
  }
  const isAt = (place: Place, { address, country }: Where): boolean => {
    if (place.ranges.length > 0) {
      const number = address === undefined ? undefined : readAddress(address)
      if (number !== undefined && isWithin(place.ranges, number)) return true
    }
    if (place.countries.size === 0 && !place.unknownCountry) return false
    const here = country ?? (address === undefined ? undefined : countryOf(address))
    return here === undefined
      ? place.unknownCountry && address !== undefined
      : place.countries.has(here.toUpperCase())
  }
  return {
    knows: (id) => places.has(id.toLowerCase()),
    isIn(id, where) {
      const place = places.get(id.toLowerCase())
      return place !== undefined && isAt(place, where)
    },
    isTrusted: (where) => trusted.some((place) => isAt(place, where)),
  }
}

/** `undefined`: a kind of location that nothing here can tell, such as "our own network client" or a phone's GPS. */
function placeOf(location: NamedLocation): Place | undefined {
  const { ipRanges, countriesAndRegions, includeUnknownCountriesAndRegions } = location
  if (!ipRanges && !countriesAndRegions) return undefined
  if (location.countryLookupMethod === 'authenticatorAppGps') return undefined
  const ranges = (ipRanges ?? []).flatMap((range) => rangeOf(range) ?? [])
  return {
    trusted: location.isTrusted === true,
    ranges: joinRanges(ranges),
    countries: new Set((countriesAndRegions ?? []).map((country) => country.toUpperCase())),
    unknownCountry: includeUnknownCountriesAndRegions === true,
  }
}

function rangeOf(range: NonNullable<NamedLocation['ipRanges']>[number]): AddressRange | undefined {
  if (range.cidrAddress) return readCidr(range.cidrAddress)
  const lower = readAddress(range.lowerAddress ?? '')
  const upper = readAddress(range.upperAddress ?? '')
  if (lower === undefined || upper === undefined || lower > upper) return undefined
  return { lower, upper }
}
