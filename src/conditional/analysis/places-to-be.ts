import type { NamedLocation } from '../policy.ts'
import { rangeOf } from '../places.ts'
import type { SignIn } from '../sign-in.ts'

/** An address, and the country that it is in. */
export type Place = Pick<SignIn, 'address' | 'country'>

/** Where a client can be, as far as the locations tell places apart: every mix of addresses with every country. */
export function placesToBe(locations: readonly NamedLocation[]): readonly Place[] {
  const countries = countriesApart(locations)
  return addressesApart(locations).flatMap((address) =>
    countries.map((country) => ({ address, country })),
  )
}

/** In no location, unless one holds all of the documentation's addresses. */
const elsewhere = 0x2001_0db8_ffff_0000_0000_0000_0000_0001n

/**
 * An address for every set of locations that some address is in. From one start or end of a range to the next nothing changes,
 * so the starts, and what follows the ends, are all that need be looked at.
 */
function addressesApart(locations: readonly NamedLocation[]): string[] {
  const steps = locations
    .flatMap((location, at) =>
      (location.ipRanges ?? []).flatMap((range) => {
        const read = rangeOf(range)
        return read
          ? [
              { from: read.lower, at, by: 1 },
              { from: read.upper + 1n, at, by: -1 },
            ]
          : []
      }),
    )
    .toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  const inside = new Map<number, number>()
  const found = new Map<string, bigint>()
  steps.forEach(({ from, at, by }, n) => {
    inside.set(at, (inside.get(at) ?? 0) + by)
    if (steps[n + 1]?.from === from) return
    const here = [...inside].filter(([, depth]) => depth > 0).map(([index]) => index)
    const name = here.sort((a, b) => a - b).join()
    if (!found.has(name) && from < 1n << 128n) found.set(name, from)
  })
  found.delete('')
  return [elsewhere, ...found.values()].map(writeAddress)
}

/** A country for every set of locations that some country is in, no country known among them. */
function countriesApart(locations: readonly NamedLocation[]): (string | undefined)[] {
  const found = new Map<string, string | undefined>([['unknown', undefined]])
  const named = locations.flatMap(({ countriesAndRegions }) => countriesAndRegions ?? [])
  for (const country of ['ZZ', ...named]) {
    const folded = country.toUpperCase()
    const name = locations
      .flatMap(({ countriesAndRegions }, at) =>
        countriesAndRegions?.some((one) => one.toUpperCase() === folded) ? [at] : [],
      )
      .join()
    if (!found.has(name)) found.set(name, folded)
  }
  return [...found.values()]
}

/** As people write it: dotted where it is IPv4. */
function writeAddress(value: bigint): string {
  if (value >> 32n === 0xffffn)
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, n) => (value >> BigInt(112 - n * 16)) & 0xffffn)
  return groups.map((group) => group.toString(16)).join(':')
}
