import { type AddressRange, readAddress, readCidr } from './address.ts'
import { createAddressTable } from './address-table.ts'
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
  /** A whole number from 0: where it is the same, `isIn` and `isTrusted` answer alike. */
  spotOf(address: Where['address'], country: Where['country']): number
}

interface Place {
  readonly trusted: boolean
  readonly ranges: readonly AddressRange[]
  readonly countries: ReadonlySet<string>
  readonly unknownCountry: boolean
}

/** Slots of countries that are none. */
const nowhere = 0
const unknownCountry = 1
const otherCountry = 2

/**
 * Named locations by id, or by name, as published policy sets name them. `countryOf` looks an address up in the
 * administrator's database, where there is one; a country that the sign-in brings along comes first.
 */
export function createPlaces(
  locations: readonly NamedLocation[],
  countryOf: (address: string) => string | undefined = () => undefined,
): Places {
  const places: Place[] = []
  const numbers = new Map<string, number>()
  for (const location of locations) {
    const place = placeOf(location)
    if (!place) continue
    const number = places.push(place) - 1
    numbers.set(location.id.toLowerCase(), number)
    if (location.displayName) numbers.set(location.displayName.toLowerCase(), number)
  }
  const table = createAddressTable(places.map(({ ranges }) => ranges))
  const countries = [...new Set(places.flatMap((place) => [...place.countries]))]
  const slots = new Map(countries.map((country, n) => [country, otherCountry + 1 + n]))
  const width = otherCountry + 1 + countries.length

  const asksCountries = countries.length > 0 || places.some((place) => place.unknownCountry)
  const slotOf = (address: Where['address'], country: Where['country']): number => {
    if (!asksCountries) return nowhere
    const here = country ?? (address === undefined ? undefined : countryOf(address))
    if (here !== undefined) return slots.get(here.toUpperCase()) ?? otherCountry
    return address === undefined ? nowhere : unknownCountry
  }
  const spotOf: Places['spotOf'] = (address, country) =>
    (address === undefined ? 0 : table.cellOf(address)) * width + slotOf(address, country)
  const isAt = (number: number, spot: number): boolean => {
    const place = places[number]
    if (!place) return false
    const slot = spot % width
    const country = countries[slot - otherCountry - 1]
    return (
      table.cells[Math.floor(spot / width)]?.includes(number) === true ||
      (slot === unknownCountry && place.unknownCountry) ||
      (country !== undefined && place.countries.has(country))
    )
  }
  return {
    knows: (id) => numbers.has(id.toLowerCase()),
    isIn: (id, { address, country }) =>
      isAt(numbers.get(id.toLowerCase()) ?? -1, spotOf(address, country)),
    isTrusted({ address, country }) {
      const spot = spotOf(address, country)
      return places.some(({ trusted }, number) => trusted && isAt(number, spot))
    },
    spotOf,
  }
}

/** `undefined`: a kind of location that nothing here can tell, such as "our own network client" or a phone's GPS. */
function placeOf(location: NamedLocation): Place | undefined {
  const { ipRanges, countriesAndRegions, includeUnknownCountriesAndRegions } = location
  if (!ipRanges && !countriesAndRegions) return undefined
  if (location.countryLookupMethod === 'authenticatorAppGps') return undefined
  return {
    trusted: location.isTrusted === true,
    ranges: (ipRanges ?? []).flatMap((range) => rangeOf(range) ?? []),
    countries: new Set((countriesAndRegions ?? []).map((country) => country.toUpperCase())),
    unknownCountry: includeUnknownCountriesAndRegions === true,
  }
}

/** One range of a location; undefined where it is none. */
export function rangeOf(
  range: NonNullable<NamedLocation['ipRanges']>[number],
): AddressRange | undefined {
  if (range.cidrAddress) return readCidr(range.cidrAddress)
  const lower = readAddress(range.lowerAddress ?? '')
  const upper = readAddress(range.upperAddress ?? '')
  if (lower === undefined || upper === undefined || lower > upper) return undefined
  return { lower, upper }
}
