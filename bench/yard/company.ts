import { readPolicy } from '../../src/conditional/read-policy.ts'
import {
  clientAppTypes,
  type ConditionalAccessPolicy,
  type DevicePlatform,
  type NamedLocation,
  platforms,
} from '../../src/conditional/policy.ts'
import type { Identity, SignIn, SignInDevice } from '../../src/conditional/sign-in.ts'
import { randomOf } from '../../test/worlds/sign-ins.ts'

/** A company with its policies and the sign-ins of a morning. The same sizes make the same one. */
export interface Company {
  readonly policies: readonly ConditionalAccessPolicy[]
  readonly namedLocations: readonly NamedLocation[]
  readonly signIns: readonly SignIn[]
}

export interface Sizes {
  readonly policies: number
  /** Groups are a twentieth of them, devices five times as many up to 10,000 users and twice beyond. */
  readonly users: number
  readonly signIns: number
}

const apps = Array.from({ length: 12 }, (_, n) => `app${n}`)
const attributes: readonly (readonly [string, number])[] = [
  ['model', 20],
  ['manufacturer', 5],
  ['operatingSystem', 6],
  ['operatingSystemVersion', 10],
  ['enrollmentProfileName', 8],
  ['extensionAttribute1', 8],
]

type Random = ReturnType<typeof createRandom>

function createRandom() {
  const random = randomOf(42)
  const below = (end: number): number => Math.floor(random() * end)
  const chance = (likely: number): boolean => random() < likely
  /** `count` different numbers below `end`. */
  const some = (count: number, end: number): readonly number[] => {
    const chosen = new Set<number>()
    while (chosen.size < Math.min(count, end)) chosen.add(below(end))
    return [...chosen]
  }
  return { below, chance, some }
}

export function foundCompany(sizes: Sizes): Company {
  const random = createRandom()
  const groups = Math.ceil(sizes.users / 20)
  const namedLocations = Array.from({ length: 20 }, (_, n) => locationOf(random, n))
  const policies = Array.from({ length: sizes.policies }, (_, n) =>
    policyOf(random, n, sizes, groups),
  )
  const identities = Array.from({ length: sizes.users }, (_, n): Identity => {
    const own = random.some(5 + random.below(11), groups).map((group) => `g${group}`)
    return { number: n, kind: 'user', id: `u${n}`, groups: new Set(own), roles: new Set() }
  })
  const devices = Array.from(
    { length: sizes.users * (sizes.users > 10_000 ? 2 : 5) },
    (_, n) => [deviceOf(random, n), platforms[random.below(platforms.length)]] as const,
  )
  const satisfied = [new Set<string>(), new Set(['mfa'])]
  const methods = new Set<string>()
  const signIns = Array.from({ length: sizes.signIns }, (): SignIn => {
    const identity = identities[random.below(identities.length)]
    const [device, platform] = devices[random.below(devices.length)] ?? []
    if (!identity) throw new Error('a company without users')
    return {
      identity,
      target: { kind: 'application', ids: [apps[random.below(apps.length)] ?? ''] },
      client: clientAppTypes[random.below(clientAppTypes.length)],
      platform,
      address: random.chance(0.5) ? addressIn(random) : `203.0.113.${random.below(256)}`,
      device: random.chance(0.8) ? device : undefined,
      satisfied: satisfied[random.chance(0.7) ? 1 : 0] ?? methods,
      methods,
    }
  })
  return { policies, namedLocations, signIns }
}

const addressIn = ({ below }: Random): string => `10.${below(20)}.${below(13)}.${below(256)}`

function locationOf({ below, chance }: Random, n: number): NamedLocation {
  const ipRanges = Array.from({ length: 2 + below(12) }, (_, part) => ({
    cidrAddress: `10.${n}.${part}.0/24`,
  }))
  return { id: `l${n}`, displayName: `l${n}`, isTrusted: chance(0.3), ipRanges }
}

function deviceOf({ below, chance }: Random, number: number): SignInDevice {
  return {
    number,
    isCompliant: chance(0.8),
    isManaged: true,
    trustType: 'Workplace',
    attributes: Object.fromEntries(
      attributes.map(([name, values]) => [name, `${name}-${below(values)}`]),
    ),
  }
}

function policyOf(random: Random, n: number, { policies, users }: Sizes, groups: number) {
  const { below, chance, some } = random
  // Of many policies, most are for few people.
  const everyone = chance(Math.min(0.3, 6 / policies))
  const names = (letter: string, numbers: readonly number[]) => numbers.map((one) => letter + one)
  const everyApp = chance(0.3)
  const { policy } = readPolicy({
    id: `p${n}`,
    displayName: `p${n}`,
    state: 'enabled',
    conditions: {
      users: {
        includeUsers: everyone ? ['All'] : names('u', some(below(4), users)),
        includeGroups: everyone ? [] : names('g', some(1 + below(5), groups)),
        excludeUsers: names('u', some(below(3), users)),
        excludeGroups: names('g', some(below(3), groups)),
      },
      applications: {
        includeApplications: everyApp
          ? ['All']
          : some(1 + below(3), apps.length).map((at) => apps[at]),
        excludeApplications: everyApp && chance(0.5) ? [apps[below(apps.length)]] : [],
      },
      clientAppTypes: chance(0.4) ? ['all'] : some(1 + below(2), 4).map((at) => clientAppTypes[at]),
      ...(chance(0.5) && { platforms: platformsOf(random) }),
      ...(chance(0.5) && { locations: locationsOf(random) }),
      ...(chance(0.4) && { devices: { deviceFilter: filterOf(random) } }),
    },
    grantControls: grantOf(random),
  })
  return policy
}

function platformsOf({ below, chance, some }: Random) {
  const chosen = (count: number): readonly (DevicePlatform | undefined)[] =>
    some(count, platforms.length).map((at) => platforms[at])
  return chance(0.5)
    ? { includePlatforms: ['all'], excludePlatforms: chosen(1 + below(3)) }
    : { includePlatforms: chosen(1 + below(3)), excludePlatforms: [] }
}

function locationsOf({ below, chance, some }: Random) {
  const chosen = (count: number) => some(count, 20).map((at) => `l${at}`)
  return chance(0.5)
    ? { includeLocations: ['All'], excludeLocations: chance(0.5) ? ['AllTrusted'] : chosen(3) }
    : { includeLocations: chosen(1 + below(4)), excludeLocations: [] }
}

function filterOf({ below, chance, some }: Random) {
  const comparisons = some(1 + below(3), attributes.length).map((at) => {
    const [name, values] = attributes[at] ?? ['model', 1]
    const value = () => JSON.stringify(`${name}-${below(values)}`)
    const kind = below(3)
    if (kind === 2) return `device.${name} -in [${value()}, ${value()}]`
    return `device.${name} -${kind ? 'ne' : 'eq'} ${value()}`
  })
  return {
    mode: chance(0.5) ? 'include' : 'exclude',
    rule: comparisons.join(chance(0.5) ? ' -and ' : ' -or '),
  }
}

function grantOf({ below, chance }: Random) {
  const kind = below(10)
  if (kind < 2) return { operator: 'OR', builtInControls: ['block'] }
  if (kind < 5) return { operator: 'OR', builtInControls: ['mfa'] }
  if (kind < 8) return { operator: 'OR', builtInControls: ['compliantDevice'] }
  return { operator: chance(0.5) ? 'AND' : 'OR', builtInControls: ['mfa', 'compliantDevice'] }
}
