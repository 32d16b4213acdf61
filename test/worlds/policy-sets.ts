import fc from 'fast-check'
import type { PolicySet } from '../../src/conditional/conditional.ts'
import {
  type ConditionalAccessPolicy,
  exchangeOnline,
  type NamedLocation,
} from '../../src/conditional/policy.ts'
import { readPolicy } from '../../src/conditional/read-policy.ts'

// Random conditional access policies that speak of few things, so that they meet one another often.

export const groups = ['sales', 'staff', 'exempt'] as const
export const office: NamedLocation = {
  id: 'office',
  isTrusted: true,
  ipRanges: [{ cidrAddress: '192.0.2.0/24' }],
}
export const abroad: NamedLocation = { id: 'abroad', countriesAndRegions: ['NL', 'BE'] }

/** Device filters, with texts that overlap and a property that only a managed device has. */
const rules = [
  'device.isCompliant -eq True -or device.trustType -eq "ServerAD"',
  'device.model -startsWith "iPad" -and device.model -notContains "Pro"',
  'device.model -in ["iPad Pro", "Pixel"]',
  'device.deviceOwnership -ne "Company"',
  'device.extensionAttribute1 -eq "SAW"',
  'device.physicalIds -contains "[ZTDId]:1"',
  'device.operatingSystemVersion -eq null',
]

const some = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: 2 })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })

const users = fc.record({
  includeUsers: fc.constantFrom(['All'], ['All'], [], ['ann'], ['GuestsOrExternalUsers']),
  excludeUsers: fc.constantFrom([], [], ['ann'], ['root']),
  includeGroups: some(groups.slice(0, 2)),
  excludeGroups: some(groups),
  includeRoles: fc.constantFrom([], [], ['admin']),
  excludeRoles: fc.constantFrom([], [], ['admin']),
  excludeGuestsOrExternalUsers: maybe(
    fc.constantFrom(
      { guestOrExternalUserTypes: 'internalGuest,serviceProvider' },
      {
        guestOrExternalUserTypes: 'b2bCollaborationGuest',
        externalTenants: { membershipKind: 'enumerated', members: ['contoso'] },
      },
    ),
  ),
})

const conditions = fc.record({
  users,
  applications: fc.record({
    includeApplications: fc.constantFrom(['All'], ['All'], ['Office365'], [exchangeOnline], ['hr']),
    excludeApplications: fc.constantFrom([], [], ['hr'], [exchangeOnline]),
  }),
  clientAppTypes: fc.oneof(
    fc.constant(['all']),
    fc.subarray(['browser', 'mobileAppsAndDesktopClients', 'exchangeActiveSync', 'other'], {
      minLength: 1,
    }),
    fc.constant(['easSupported']),
  ),
  platforms: maybe(
    fc.record({
      includePlatforms: fc.constantFrom(['all'], ['iOS'], ['windows', 'android']),
      excludePlatforms: some(['iOS', 'windows']),
    }),
  ),
  locations: maybe(
    fc.record({
      includeLocations: fc.constantFrom(['All'], ['abroad'], ['office']),
      excludeLocations: fc.constantFrom([], ['AllTrusted'], ['abroad']),
    }),
  ),
  devices: maybe(
    fc.record({
      deviceFilter: fc.record({
        mode: fc.constantFrom('include', 'exclude'),
        rule: fc.constantFrom(...rules),
      }),
    }),
  ),
  signInRiskLevels: fc.constantFrom([], [], [], ['high'], ['medium', 'high']),
})

const grantControls = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ operator: 'OR', builtInControls: ['block'] }) },
  {
    weight: 5,
    arbitrary: fc.record({
      operator: fc.constantFrom('AND', 'OR'),
      builtInControls: fc.subarray(
        ['mfa', 'compliantDevice', 'domainJoinedDevice', 'approvedApplication'],
        { minLength: 1, maxLength: 3 },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant(null) },
)

const sessionControls = fc.constantFrom(null, null, {
  signInFrequency: { isEnabled: true, value: 1, type: 'hours', frequencyInterval: 'timeBased' },
})

/** A policy, enabled, with an id of its own. */
export const policy: fc.Arbitrary<ConditionalAccessPolicy> = fc
  .record({ id: fc.uuid(), conditions, grantControls, sessionControls })
  .map((one) => readPolicy({ ...one, displayName: one.id.slice(0, 4), state: 'enabled' }).policy)

/** Up to `most` policies, with the locations that they speak of. */
export const policySet = (most: number): fc.Arbitrary<PolicySet> =>
  fc
    .array(policy, { maxLength: most })
    .map((policies) => ({ policies, namedLocations: [office, abroad] }))
