import type { PolicySet } from '../../src/conditional/conditional.ts'
import { readNamedLocation, readPolicy } from '../../src/conditional/read-policy.ts'

/** Numbers between 0 and 1, the same ones every time (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const list = (count: number, name: string) => Array.from({ length: count }, (_, n) => name + n)

const clients = ['browser', 'mobileAppsAndDesktopClients', 'exchangeActiveSync', 'other']
const systems = ['iOS', 'android', 'windows', 'macOS', 'linux', 'all']
const controls = [
  'mfa',
  'compliantDevice',
  'domainJoinedDevice',
  'approvedApplication',
  'compliantApplication',
]
const rules = [
  'device.model -startsWith "iPad"',
  'device.deviceOwnership -eq "Company"',
  'device.extensionAttribute1 -eq "SAW"',
  'device.operatingSystemVersion -startsWith "10."',
]
const locations = list(12, 'site').map((id, n) => ({
  '@odata.type': '#microsoft.graph.ipNamedLocation',
  id,
  displayName: id,
  isTrusted: n < 3,
  ipRanges: [`10.${n}.0.0/16`, `192.0.2.${n * 16}/28`].map((cidrAddress) => ({
    '@odata.type': '#microsoft.graph.iPv4CidrRange',
    cidrAddress,
  })),
}))

/**
 * So many policies, no two alike, of an organisation whose every department wrote its own: half as many groups as policies,
 * twelve locations, filters, and holes everywhere. That is harder than what is published, whose policies are mostly copies.
 */
export function departmentPolicies(count: number): PolicySet {
  const random = numbersFrom(count)
  const chance = (share: number) => random() < share
  const pick = (values: readonly string[]) =>
    values[Math.floor(random() * values.length)] ?? 'never'
  const some = (values: readonly string[], most: number) => [
    ...new Set(Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(values))),
  ]
  const groups = list(Math.ceil(count / 2), 'group')
  const apps = ['Office365', ...list(20, 'app')]
  const write = (id: string) => ({
    id,
    displayName: id,
    state: 'enabled',
    conditions: {
      clientAppTypes: chance(0.4) ? ['all'] : [...new Set([pick(clients), pick(clients)])],
      users: {
        ...(chance(0.1)
          ? { includeUsers: ['All'] }
          : { includeGroups: [pick(groups), ...some(groups, 3)] }),
        excludeGroups: ['break glass', ...some(groups, 2)],
      },
      applications: {
        includeApplications: chance(0.6) ? ['All'] : [pick(apps)],
        excludeApplications: chance(0.2) ? [pick(apps)] : [],
      },
      ...(chance(0.4) && { platforms: { includePlatforms: [pick(systems)] } }),
      ...(chance(0.4) && {
        locations: {
          includeLocations: ['All'],
          excludeLocations: chance(0.4) ? ['AllTrusted'] : some(list(12, 'site'), 3),
        },
      }),
      ...(chance(0.15) && { devices: { deviceFilter: { mode: 'include', rule: pick(rules) } } }),
    },
    grantControls: chance(0.1)
      ? { operator: 'OR', builtInControls: ['block'] }
      : {
          operator: pick(['OR', 'AND']),
          builtInControls: [...new Set([pick(controls), ...some(controls, 1)])],
        },
  })
  return {
    policies: list(count, 'policy').map((id) => readPolicy(write(id)).policy),
    namedLocations: locations.map((one) => readNamedLocation(one)),
  }
}
