import fc from 'fast-check'
import type { ConditionalAccessPolicy, NamedLocation } from '../../src/conditional/policy.ts'
import { readPolicy } from '../../src/conditional/read-policy.ts'
import { abroad, office, policy } from './policy-sets.ts'

// The policies of `policy-sets.ts` with what few policies ask for, and what nobody here can tell.

export const places: readonly NamedLocation[] = [
  office,
  abroad,
  { id: 'cafe', ipRanges: [{ cidrAddress: '192.0.2.128/25' }, { cidrAddress: '2001:db8::/32' }] },
  { id: 'unknown', countriesAndRegions: ['NL'], includeUnknownCountriesAndRegions: true },
]

const guests = fc.constantFrom(
  { guestOrExternalUserTypes: 'internalGuest,serviceProvider' },
  {
    guestOrExternalUserTypes: 'b2bCollaborationGuest',
    externalTenants: { membershipKind: 'enumerated', members: ['Contoso'] },
  },
)
const risks = fc.constantFrom(['high'], ['medium', 'high'], ['none'])

/** One of them laid over a policy's conditions. */
const condition = fc.oneof(
  fc.constant({}),
  fc.record({ users: fc.record({ includeGuestsOrExternalUsers: guests }) }),
  fc.constant({ users: { includeUsers: ['All'], excludeUsers: ['GuestsOrExternalUsers'] } }),
  fc.constant({ users: { includeUsers: ['Bob', 'None'], includeRoles: ['admin'] } }),
  fc.record({
    applications: fc.constantFrom(
      { includeUserActions: ['urn:user:registerdevice'] },
      { includeAuthenticationContextClassReferences: ['c1'] },
      { includeApplications: [] },
      { includeApplications: ['None'], applicationFilter: { mode: 'include', rule: 'x' } },
    ),
  }),
  fc.record({
    clientApplications: fc.constantFrom(
      { includeServicePrincipals: ['ServicePrincipalsInMyTenant'] },
      { includeServicePrincipals: ['robot'], excludeServicePrincipals: ['other'] },
    ),
  }),
  fc.record({
    locations: fc.record({
      includeLocations: fc.constantFrom(['All'], ['cafe'], ['unknown'], ['lost'], ['AllTrusted']),
      excludeLocations: fc.constantFrom([], ['AllTrusted'], ['cafe'], ['lost'], ['unknown']),
    }),
  }),
  fc.constant({
    devices: { deviceFilter: { mode: 'include', rule: 'device.nonsense -eq 1' } },
  }),
  fc.constant({ devices: { includeDeviceStates: ['All'], excludeDeviceStates: ['Compliant'] } }),
  fc.record({ userRiskLevels: risks }),
  fc.record({ servicePrincipalRiskLevels: risks }),
  fc.constant({ insiderRiskLevels: 'elevated,minor' }),
  fc.constant({ authenticationFlows: { transferMethods: 'deviceCodeFlow' } }),
  fc.constant({ times: { includedTimes: 'working hours' } }),
)

const demand = fc.oneof(
  fc.constant({}),
  fc.record({
    grantControls: fc.record({
      operator: fc.constantFrom('AND', 'OR'),
      builtInControls: fc.subarray(['mfa', 'compliantDevice', 'passwordChange', 'mystery'], {
        minLength: 1,
      }),
      termsOfUse: fc.constantFrom([], [], ['terms']),
      authenticationStrength: fc.constantFrom(
        undefined,
        { id: '00000000-0000-0000-0000-000000000004' },
        { id: 'lost' },
      ),
    }),
  }),
  fc.record({
    sessionControls: fc.constantFrom(
      { signInFrequency: { isEnabled: true, frequencyInterval: 'everyTime' } },
      { persistentBrowser: { isEnabled: true, mode: 'never' } },
    ),
  }),
)

const state = fc.constantFrom(
  'enabled',
  'enabled',
  'enabled',
  'disabled',
  'enabledForReportingButNotEnforced',
)

/** A policy of any kind, in any state. */
export const anyPolicy: fc.Arbitrary<ConditionalAccessPolicy> = fc
  .tuple(policy, condition, demand, state)
  .map(
    ([plain, asked, demanded, is]) =>
      readPolicy({
        ...plain,
        ...demanded,
        state: is,
        conditions: { ...plain.conditions, ...asked },
      }).policy,
  )

export const anyPolicies = (most: number): fc.Arbitrary<readonly ConditionalAccessPolicy[]> =>
  fc.array(anyPolicy, { maxLength: most })
