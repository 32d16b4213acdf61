import type { ConditionalAccessPolicy } from '../../src/conditional/policy.ts'

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
