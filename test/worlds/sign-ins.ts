import { type Instant, minute } from '../../src/base/clock.ts'
import { type Atom, keyOf } from '../../src/conditional/atom.ts'
import type { Prepared } from '../../src/conditional/evaluate.ts'
import {
  clientAppTypes,
  exchangeOnline,
  guestTypes,
  type NamedLocation,
  platforms,
  riskLevels,
} from '../../src/conditional/policy.ts'
import type { Identity, SignIn, SignInDevice, Target } from '../../src/conditional/sign-in.ts'
import { atomsOf } from '../../src/logic/formula.ts'

// Random sign-ins about what a set of policies speaks of, so that they meet its conditions often. The same seed makes the same ones.

/** A source of numbers from 0 up to 1: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Choices made with one source of numbers. */
function createDraw(random: () => number) {
  return {
    chance: (likely: number): boolean => random() < likely,
    one<T>(values: readonly T[]): T {
      const value = values[Math.floor(random() * values.length)]
      if (value === undefined && values.length === 0) throw new Error('nothing to choose from')
      return value as T // within the list, see above
    },
    maybe: <T>(likely: number, make: () => T): T | undefined =>
      random() < likely ? make() : undefined,
    some: <T>(values: readonly T[], likely: number): readonly T[] =>
      values.filter(() => random() < likely),
  }
}
type Draw = ReturnType<typeof createDraw>

type Of<K extends Atom['kind']> = Extract<Atom, { readonly kind: K }>

/** What the policies ask about, by kind. */
class Topics {
  readonly #atoms: readonly Atom[]

  constructor(prepared: readonly Prepared[]) {
    const all = prepared.flatMap(({ applies, grant }) => [
      ...atomsOf(applies),
      ...grant.controls.flatMap(({ formula }) => atomsOf(formula)),
    ])
    this.#atoms = [...new Map(all.map((atom) => [keyOf(atom), atom])).values()]
  }

  of<K extends Atom['kind']>(kind: K): readonly Of<K>[] {
    return this.#atoms.filter((atom): atom is Of<K> => atom.kind === kind)
  }

  ids(kind: 'user' | 'servicePrincipal' | 'group' | 'role' | 'tenant' | 'app'): readonly string[] {
    return this.of(kind).map(({ id }) => id)
  }
}

/** Makes sign-ins for these policies, one each time it is called. */
export function createSignIns(
  prepared: readonly Prepared[],
  locations: readonly NamedLocation[],
  now: Instant,
  seed: number,
): () => SignIn {
  const draw = createDraw(randomOf(seed))
  const { chance, one, maybe, some } = draw
  const topics = new Topics(prepared)
  const target = targets(draw, topics)
  const identity = identities(draw, topics)
  const device = devices(draw, topics)
  const addresses = ['198.51.100.7', 'fe80::1', 'garbage', ...addressesOf(locations)]
  const countries = ['DE', 'XX', ...locations.flatMap((at) => at.countriesAndRegions ?? [])]
  const controls = ['mfa', ...topics.of('satisfied').map(({ control }) => control)]
  const methods = topics.of('method').map(({ method }) => method)
  const flows = ['deviceCodeFlow', ...topics.of('flow').map(({ method }) => method)]
  const risk = () => maybe(0.2, () => one(riskLevels))
  return () => ({
    identity: identity(),
    target: target(),
    client: chance(0.05) ? undefined : one(clientAppTypes),
    token: chance(0.3),
    platform: maybe(0.85, () => one(platforms)),
    address: maybe(0.9, () => one(addresses)),
    country: maybe(0.4, () => one(countries)),
    device: maybe(0.7, device),
    signInRisk: risk(),
    userRisk: risk(),
    servicePrincipalRisk: risk(),
    insiderRisk: maybe(0.1, () => one(['minor', 'moderate', 'elevated'])),
    flow: maybe(0.1, () => one(flows)),
    satisfied: new Set(maybe(0.5, () => some(controls, 0.5)) ?? []),
    methods: new Set(maybe(0.3, () => some(methods, 0.4)) ?? []),
    authenticatedAt: maybe(0.8, () => now - one([0, 3, 6, 59, 61, 10_000]) * minute),
  })
}

function targets({ chance, one, some }: Draw, topics: Topics): () => Target {
  const apps = [exchangeOnline, 'another-app', ...topics.ids('app')]
  const others: readonly Target[] = [
    ...topics.of('userAction'),
    ...topics.of('authenticationContext'),
  ]
  return () =>
    others.length > 0 && chance(0.1)
      ? one(others)
      : { kind: 'application', ids: chance(0.05) ? [] : some([one(apps), one(apps)], 0.7) }
}

function identities({ chance, one, maybe, some }: Draw, topics: Topics): () => Identity {
  const users = ['somebody', ...topics.ids('user')]
  const principals = ['someone', ...topics.ids('servicePrincipal')]
  const groups = topics.ids('group')
  const roles = topics.ids('role')
  const tenants = [undefined, 'elsewhere', ...topics.ids('tenant')]
  return () => {
    const isPerson = chance(0.95)
    const few = groups.length > 0 ? Math.min(0.5, 4 / groups.length) : 0
    const guest = maybe(0.15, () => one(guestTypes))
    return {
      // Others come with the same one: it is not to be believed.
      number: maybe(0.7, () => one([0, 1, 2, 3, 40])),
      kind: isPerson ? 'user' : 'servicePrincipal',
      id: one(isPerson ? users : principals),
      groups: new Set(some(groups, few)),
      roles: new Set(maybe(0.3, () => some(roles, 0.2)) ?? []),
      ...(guest && { guest, tenant: one(tenants) }),
    }
  }
}

function devices({ chance, one }: Draw, topics: Topics): () => SignInDevice {
  const comparisons = topics.of('device').map(({ comparison }) => comparison)
  return () => {
    const attributes: Record<string, string | readonly string[]> = {}
    for (const { property, value } of comparisons) {
      const name = property.replace('device.', '')
      const text = typeof value === 'object' && value !== null ? one(value) : String(value)
      const spelled = one([text, text.toUpperCase(), `${text}2`, `x${text}`, 'other'])
      const isList = name === 'physicalIds' || name === 'systemLabels'
      if (chance(0.6)) attributes[name] = isList ? ['first', spelled] : spelled
    }
    return {
      number: chance(0.7) ? one([0, 1, 2, 3, 40]) : undefined,
      isCompliant: one([true, false, undefined]),
      isManaged: one([true, false]),
      trustType: one(['Workplace', 'AzureAD', 'ServerAD', undefined]),
      attributes,
    }
  }
}

function addressesOf(locations: readonly NamedLocation[]): readonly string[] {
  return locations
    .flatMap(({ ipRanges }) => ipRanges ?? [])
    .map((range) => range.cidrAddress?.replace(/\/.*/, '') ?? range.lowerAddress ?? '')
}
