import { z } from 'zod'

// Microsoft Graph's `conditionalAccessPolicy` and what it is made of, v1.0 with the beta properties that published policies use.
// Objects are loose: what is not named here is kept for export, and told by `read-policy.ts`.

const ids = z.array(z.string()).nullish()

/** The kinds of client that a condition tells apart. `all` stands for every one, `easSupported` for EAS on the platforms that it supports. */
export const clientAppTypes = [
  'browser',
  'mobileAppsAndDesktopClients',
  'exchangeActiveSync',
  'other',
] as const
export type ClientAppType = (typeof clientAppTypes)[number]

/** Platforms by their user agent; a client that tells none matches only `all`. */
export const platforms = ['android', 'iOS', 'windows', 'windowsPhone', 'macOS', 'linux'] as const
export type DevicePlatform = (typeof platforms)[number]

export const riskLevels = ['low', 'medium', 'high', 'hidden', 'none'] as const
export type RiskLevel = (typeof riskLevels)[number]

/** `guestOrExternalUserTypes`, in the order of their flags. */
export const guestTypes = [
  'internalGuest',
  'b2bCollaborationGuest',
  'b2bCollaborationMember',
  'b2bDirectConnectUser',
  'otherExternalUser',
  'serviceProvider',
] as const
export type GuestType = (typeof guestTypes)[number]

const guests = z
  .looseObject({
    guestOrExternalUserTypes: z.string().nullish(),
    externalTenants: z
      .looseObject({ membershipKind: z.string().nullish(), members: ids })
      .nullish(),
  })
  .nullish()

const users = z.looseObject({
  includeUsers: ids,
  excludeUsers: ids,
  includeGroups: ids,
  excludeGroups: ids,
  includeRoles: ids,
  excludeRoles: ids,
  includeGuestsOrExternalUsers: guests,
  excludeGuestsOrExternalUsers: guests,
})

const filter = z.looseObject({ mode: z.enum(['include', 'exclude']), rule: z.string() }).nullish()

const applications = z.looseObject({
  includeApplications: ids,
  excludeApplications: ids,
  includeUserActions: ids,
  includeAuthenticationContextClassReferences: ids,
  applicationFilter: filter,
})

const clientApplications = z.looseObject({
  includeServicePrincipals: ids,
  excludeServicePrincipals: ids,
  servicePrincipalFilter: filter,
})

const platformNames = z.array(z.enum([...platforms, 'all'])).nullish()
const risks = z.array(z.enum(riskLevels)).nullish()

/** What must be true of a sign-in for the policy to apply; what is unset matches everything. */
const conditions = z.looseObject({
  users: users.nullish(),
  applications: applications.nullish(),
  clientApplications: clientApplications.nullish(),
  clientAppTypes: z.array(z.enum([...clientAppTypes, 'all', 'easSupported'])),
  platforms: z
    .looseObject({ includePlatforms: platformNames, excludePlatforms: platformNames })
    .nullish(),
  locations: z.looseObject({ includeLocations: ids, excludeLocations: ids }).nullish(),
  devices: z
    .looseObject({
      deviceFilter: filter,
      includeDeviceStates: ids,
      excludeDeviceStates: ids,
      includeDevices: ids,
      excludeDevices: ids,
    })
    .nullish(),
  signInRiskLevels: risks,
  userRiskLevels: risks,
  servicePrincipalRiskLevels: risks,
  insiderRiskLevels: z.string().nullish(),
  authenticationFlows: z.looseObject({ transferMethods: z.string().nullish() }).nullish(),
})

/** Which sign-in methods, and which together, are strong enough. */
export const authenticationStrength = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  policyType: z.string().nullish(),
  requirementsSatisfied: z.string().nullish(),
  /** Each a list of methods joined by commas, all of which must have been used. */
  allowedCombinations: z.array(z.string()).nullish(),
})
export type AuthenticationStrength = Readonly<z.infer<typeof authenticationStrength>>

const grantControls = z.looseObject({
  operator: z.enum(['AND', 'OR']),
  builtInControls: z.array(z.string()).nullish(),
  customAuthenticationFactors: ids,
  termsOfUse: ids,
  authenticationStrength: authenticationStrength.nullish(),
})

const signInFrequency = z.looseObject({
  isEnabled: z.boolean().nullish(),
  value: z.number().int().min(1).nullish(),
  type: z.enum(['days', 'hours']).nullish(),
  frequencyInterval: z.enum(['timeBased', 'everyTime']).nullish(),
  authenticationType: z.string().nullish(),
})

const switchable = z.looseObject({ isEnabled: z.boolean().nullish() }).nullish()

const sessionControls = z.looseObject({
  signInFrequency: signInFrequency.nullish(),
  persistentBrowser: z
    .looseObject({ isEnabled: z.boolean().nullish(), mode: z.enum(['always', 'never']).nullish() })
    .nullish(),
  applicationEnforcedRestrictions: switchable,
  cloudAppSecurity: z
    .looseObject({
      isEnabled: z.boolean().nullish(),
      cloudAppSecurityType: z.string().nullish(),
    })
    .nullish(),
  secureSignInSession: switchable,
  disableResilienceDefaults: z.boolean().nullish(),
})

/** A whole policy. */
export const conditionalAccessPolicy = z.looseObject({
  id: z.string(),
  displayName: z.string(),
  description: z.string().nullish(),
  state: z.enum(['enabled', 'disabled', 'enabledForReportingButNotEnforced']),
  conditions,
  grantControls: grantControls.nullable(),
  sessionControls: sessionControls.nullable(),
})

export type ConditionalAccessPolicy = Readonly<z.infer<typeof conditionalAccessPolicy>>
export type Conditions = ConditionalAccessPolicy['conditions']
export type GrantControls = NonNullable<ConditionalAccessPolicy['grantControls']>
export type SignInFrequency = z.infer<typeof signInFrequency>

/** A place: addresses or countries. */
export const namedLocation = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  isTrusted: z.boolean().nullish(),
  ipRanges: z
    .array(
      z.looseObject({
        cidrAddress: z.string().nullish(),
        lowerAddress: z.string().nullish(),
        upperAddress: z.string().nullish(),
      }),
    )
    .nullish(),
  countriesAndRegions: z.array(z.string()).nullish(),
  includeUnknownCountriesAndRegions: z.boolean().nullish(),
  countryLookupMethod: z.string().nullish(),
})
export type NamedLocation = Readonly<z.infer<typeof namedLocation>>

/** Exchange Online, as which Postern serves mail. */
export const exchangeOnline = '00000002-0000-0ff1-ce00-000000000000'
