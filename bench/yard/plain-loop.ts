import type { ConditionalAccessPolicy, NamedLocation } from '../../src/conditional/policy.ts'
import type { SignIn } from '../../src/conditional/sign-in.ts'

/** A sign-in with all that policies name already found out, as the peers are given it. */
export interface Resolved {
  readonly user: string
  readonly groups: readonly string[]
  readonly app: string
  readonly client: string
  readonly platform: string
  /** Ids of the named locations in which the address lies. */
  readonly locations: readonly string[]
  readonly trusted: boolean
  /** Attributes of the device; empty where it has none. */
  readonly device: Readonly<Record<string, string>>
  /** A second factor was given, by a client that can. */
  readonly mfa: boolean
  /** The device is compliant, and the client can show it. */
  readonly compliant: boolean
}

/** What anybody would write on an afternoon: one policy after the other, sets for what is named. */
export function plainLoop(
  policies: readonly ConditionalAccessPolicy[],
): (signIn: Resolved, groups: ReadonlySet<string>) => boolean {
  const ready = policies.map(prepare)
  return (signIn, groups) => {
    for (const one of ready) if (one.applies(signIn, groups) && !one.granted(signIn)) return false
    return true
  }
}

/** The same from where Postern begins: what `Resolved` holds is found out for each sign-in, as plainly. */
export function plainLoopFromSignIn(
  policies: readonly ConditionalAccessPolicy[],
  namedLocations: readonly NamedLocation[],
): (signIn: SignIn) => boolean {
  const decide = plainLoop(policies)
  const locations = namedLocations.map(({ id, isTrusted, ipRanges }) => ({
    id,
    trusted: isTrusted === true,
    ranges: (ipRanges ?? []).map(({ cidrAddress }) => rangeOf(cidrAddress ?? '')),
  }))
  const nobody: Resolved['device'] = {}
  return ({ identity, target, client = '', platform = '', address, device, satisfied }) => {
    const at = numberOf(address ?? '')
    const here = locations.filter(({ ranges }) =>
      ranges.some(({ first, last }) => first <= at && at <= last),
    )
    const legacy = client === 'other' || client === 'exchangeActiveSync'
    const signIn: Resolved = {
      user: identity.id,
      // The loop is given them as a set.
      groups: [],
      app: target.kind === 'application' ? (target.ids[0] ?? '') : '',
      client,
      platform,
      locations: here.map(({ id }) => id),
      trusted: here.some(({ trusted }) => trusted),
      device: (device?.attributes ?? nobody) as Resolved['device'], // texts alone, see company.ts
      mfa: satisfied.has('mfa') && !legacy,
      compliant: device?.isCompliant === true && client !== 'other',
    }
    return decide(signIn, identity.groups)
  }
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function rangeOf(cidr: string): { readonly first: number; readonly last: number } {
  const [address = '', bits] = cidr.split('/')
  const first = numberOf(address)
  return { first, last: first + 2 ** (32 - Number(bits)) - 1 }
}

function prepare({ conditions, grantControls }: ConditionalAccessPolicy) {
  const { users, applications, platforms, locations, devices } = conditions
  const set = (ids: readonly string[] | null | undefined) => new Set(ids ?? [])
  const [inUsers, inGroups] = [set(users?.includeUsers), set(users?.includeGroups)]
  const [outUsers, outGroups] = [set(users?.excludeUsers), set(users?.excludeGroups)]
  const inApps = set(applications?.includeApplications)
  const outApps = set(applications?.excludeApplications)
  const clients: ReadonlySet<string> = new Set(conditions.clientAppTypes)
  const inPlatforms = set(platforms?.includePlatforms)
  const outPlatforms = set(platforms?.excludePlatforms)
  const inPlaces = set(locations?.includeLocations)
  const outPlaces = set(locations?.excludeLocations)
  const filter = devices?.deviceFilter
  const matches = filter && readRule(filter.rule)
  const controls = grantControls?.builtInControls ?? []
  const isAny = (ids: ReadonlySet<string>, own: ReadonlySet<string>): boolean => {
    for (const id of ids) if (own.has(id)) return true
    return false
  }
  const isAt = (ids: ReadonlySet<string>, signIn: Resolved): boolean =>
    ids.has('All') ||
    (ids.has('AllTrusted') && signIn.trusted) ||
    signIn.locations.some((id) => ids.has(id))
  return {
    applies(signIn: Resolved, groups: ReadonlySet<string>): boolean {
      const { user, app, client, platform, device } = signIn
      if (!inUsers.has('All') && !inUsers.has(user) && !isAny(inGroups, groups)) return false
      if (outUsers.has(user) || isAny(outGroups, groups)) return false
      if ((!inApps.has('All') && !inApps.has(app)) || outApps.has(app)) return false
      if (!clients.has('all') && !clients.has(client)) return false
      if (platforms && !inPlatforms.has('all') && !inPlatforms.has(platform)) return false
      if (outPlatforms.has(platform)) return false
      if (locations && (!isAt(inPlaces, signIn) || isAt(outPlaces, signIn))) return false
      return !matches || matches(device) === (filter.mode === 'include')
    },
    granted({ mfa, compliant }: Resolved): boolean {
      const met = (control: string) =>
        control === 'mfa' ? mfa : control === 'compliantDevice' && compliant
      return grantControls?.operator === 'AND' ? controls.every(met) : controls.some(met)
    },
  }
}

/** The rules of this yard's companies: comparisons, joined in one way. */
function readRule(rule: string): (device: Resolved['device']) => boolean {
  const all = rule.includes(' -and ')
  const tests = rule.split(/ -and | -or /).map((comparison) => {
    const [, name = '', operator, value = ''] = /^device\.(\w+) -(\w+) (.*)$/.exec(comparison) ?? []
    const wanted = new Set([...value.matchAll(/"([^"]*)"/g)].map(([, one]) => one ?? ''))
    return (device: Resolved['device']) => wanted.has(device[name] ?? '') !== (operator === 'ne')
  })
  return (device) =>
    all ? tests.every((test) => test(device)) : tests.some((test) => test(device))
}
