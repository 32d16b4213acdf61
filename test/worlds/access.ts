import fc from 'fast-check'
import {
  type AccessLevel,
  type AccessPolicies,
  type ConditionalAccess,
  type DeviceAccessRule,
  defaultAccessPolicies,
} from '../../src/access/policy.ts'
import type { Circumstances } from '../../src/access/request.ts'
import { type Instant, minute } from '../../src/base/clock.ts'
import { readPolicy } from '../../src/conditional/read-policy.ts'
import { someGroups, worldStart } from './compliance.ts'

/** One attempt and all that it is decided by. */
export interface AccessWorld {
  readonly circumstances: Circumstances
  readonly policies: AccessPolicies
  readonly now: Instant
}

/** Whole minutes within an hour, since boundaries are where laws break. */
const anyMinute: fc.Arbitrary<Instant> = fc
  .integer({ min: 0, max: 60 })
  .map((minutes) => worldStart + minutes * minute)

const texts = ['iPhone', 'Android', 'iOS 18.1', '', 'prt'] as const
const anyText = fc.constantFrom(...texts)
const anyDeviceId = fc.constantFrom('ApplC39', 'applc39', 'SEC17CD')
const anyLevel = fc.constantFrom<AccessLevel>('allow', 'block', 'quarantine')
const everyoneOrGroups = fc.oneof(fc.constant('all' as const), someGroups)

/** A random rule of this name. */
export function anyRule(
  name: string,
  level: fc.Arbitrary<AccessLevel> = anyLevel,
): fc.Arbitrary<DeviceAccessRule> {
  return fc.record({
    name: fc.constant(name),
    characteristic: fc.constantFrom<DeviceAccessRule['characteristic']>(
      'DeviceModel',
      'DeviceType',
      'DeviceOS',
      'UserAgent',
      'XMSWLHeader',
    ),
    queryString: anyText,
    accessLevel: level,
  })
}

const anyDevice: fc.Arbitrary<Circumstances['device']> = fc.option(
  fc.record({
    id: fc.constant('dev_1' as const),
    registered: mostly(true),
    managed: mostly(true),
    activated: mostly(true),
    domainJoined: mostly(false),
    compliance: fc.constantFrom(
      'unknown' as const,
      'notApplicable' as const,
      'compliant' as const,
      'inGracePeriod' as const,
      'inGracePeriod' as const,
      'noncompliant' as const,
      'error' as const,
      'conflict' as const,
    ),
    findings: fc.constantFrom([], [{ rule: 'passwordRequired', measured: false, required: true }]),
    graceUntil: fc.option(anyMinute, { nil: undefined }),
  }),
  { nil: undefined, freq: 5 },
)

function mostly(value: boolean): fc.Arbitrary<boolean> {
  return fc.constantFrom(value, value, value, !value)
}

const anyAutoblock = fc.record({
  threshold: fc.constant({
    behavior: 'RecentCommands' as const,
    incidenceLimit: 60,
    incidenceMinutes: 1,
    blockMinutes: 10,
  }),
  until: anyMinute,
})

const anyCircumstances: fc.Arbitrary<Circumstances> = fc.record({
  user: fc.record({
    id: fc.constant('usr_1' as const),
    enabled: mostly(true),
    groups: someGroups.map((groups) => new Set<string>(groups)),
  }),
  eas: fc.record({
    deviceId: anyDeviceId,
    deviceType: anyText,
    userAgent: anyText,
    wlHeader: fc.option(anyText, { nil: undefined, freq: 1 }),
    model: fc.option(anyText, { nil: undefined, freq: 1 }),
    operatingSystem: fc.option(anyText, { nil: undefined, freq: 1 }),
    platform: fc.constantFrom('iOS', 'android', 'windows', 'linux', 'unknown'),
    policyRefused: mostly(false),
    firstSeenAt: anyMinute,
  }),
  device: anyDevice,
  approved: fc.boolean(),
  autoblock: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 8 },
    { arbitrary: anyAutoblock, weight: 1 },
  ),
})

const anyMailbox = fc.record({
  user: fc.constantFrom('usr_1' as const, 'usr_2' as const),
  activeSyncEnabled: mostly(true),
  allowedDeviceIds: fc.subarray(['ApplC39', 'SEC17CD'], { maxLength: 1 }),
  blockedDeviceIds: fc.oneof(
    fc.constant([]),
    fc.subarray(['ApplC39', 'SEC17CD'], { maxLength: 1 }),
  ),
})

const anyControl = fc.constantFrom('block', 'compliantDevice', 'mfa', 'domainJoinedDevice')

/** A random conditional access policy of Graph's that may concern the worlds' one attempt. */
const anyConditionalPolicy = fc
  .record({
    state: fc.constantFrom('enabled', 'enabled', 'enabledForReportingButNotEnforced', 'disabled'),
    groups: fc.oneof(fc.constant(undefined), someGroups),
    exempt: fc.oneof(fc.constant([]), someGroups),
    clients: fc.constantFrom(['all'], ['exchangeActiveSync'], ['browser'], ['easSupported']),
    platforms: fc.option(fc.subarray(['iOS', 'android', 'windows'], { minLength: 1 }), {
      nil: undefined,
    }),
    controls: fc.uniqueArray(anyControl, { minLength: 1, maxLength: 2 }),
    operator: fc.constantFrom('AND', 'OR'),
  })
  .map(({ state, groups, exempt, clients, platforms, controls, operator }) => ({
    displayName: 'p',
    state,
    conditions: {
      users: {
        includeUsers: groups ? [] : ['All'],
        includeGroups: groups ?? [],
        excludeGroups: exempt,
      },
      applications: { includeApplications: ['All'] },
      clientAppTypes: clients,
      ...(platforms && { platforms: { includePlatforms: platforms, excludePlatforms: [] } }),
    },
    grantControls: { operator, builtInControls: controls },
  }))

const anyConditionalAccess: fc.Arbitrary<ConditionalAccess> = fc
  .array(anyConditionalPolicy, { minLength: 1, maxLength: 3 })
  .map((documents) => ({
    policies: documents.map(
      (document, n) => readPolicy({ ...document, id: `p${n}`, displayName: `p${n}` }).policy,
    ),
    namedLocations: [],
    authenticationStrengths: [],
  }))

const anyPolicies: fc.Arbitrary<AccessPolicies> = fc
  .record({
    exchangeOnline: fc.record({
      enabled: fc.boolean(),
      targeted: everyoneOrGroups,
      exempt: fc.oneof(fc.constant([]), someGroups),
      blockNoncompliant: mostly(true),
      blockUnsupportedPlatforms: fc.boolean(),
      supportedPlatforms: fc.subarray(['iOS', 'android', 'windows']),
      windowsRequirement: fc.constantFrom('domainJoinedOrCompliant', 'domainJoined', 'compliant'),
      requireApproval: mostly(false),
    }),
    semantics: fc.record({
      afterPolicy: fc.constantFrom('allow', 'allow', 'exceptions', 'rules'),
      unmetPolicy: fc.constantFrom('quarantine', 'quarantine', 'block'),
      activation: fc.constant('required'),
    }),
    conditionalAccess: fc.option(anyConditionalAccess, { nil: undefined, freq: 2 }),
    rules: fc.tuple(anyRule('r0'), anyRule('r1'), anyRule('r2'), anyRule('r3')),
    ruleCount: fc.integer({ min: 0, max: 4 }),
    defaultAccessLevel: anyLevel,
    allowNonProvisionableDevices: fc.boolean(),
    casMailboxes: fc.uniqueArray(anyMailbox, { selector: (one) => one.user, maxLength: 2 }),
    enforcement: fc.oneof(
      { arbitrary: fc.constant({ state: 'enforcing', scope: 'all' } as const), weight: 3 },
      {
        arbitrary: fc.record({
          state: fc.constantFrom('observing' as const, 'enforcing' as const),
          scope: everyoneOrGroups,
        }),
        weight: 1,
      },
    ),
  })
  .map(
    ({
      rules,
      ruleCount,
      defaultAccessLevel,
      allowNonProvisionableDevices,
      conditionalAccess,
      ...rest
    }) => {
      const { organization } = defaultAccessPolicies
      const mailboxPolicy = { ...organization.mailboxPolicy, allowNonProvisionableDevices }
      return {
        ...rest,
        autoblock: [],
        conditionalAccess: conditionalAccess ?? defaultAccessPolicies.conditionalAccess,
        deviceAccessRules: rules.slice(0, ruleCount),
        lockout: defaultAccessPolicies.lockout,
        organization: { ...organization, defaultAccessLevel, mailboxPolicy },
      }
    },
  )

/** A random attempt under random policies. */
export const anyAccessWorld: fc.Arbitrary<AccessWorld> = fc.record({
  circumstances: anyCircumstances,
  policies: anyPolicies,
  now: anyMinute,
})
