import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import {
  authenticationStrength,
  conditionalAccessPolicy,
  namedLocation,
} from '../conditional/policy.ts'
import { namesOf } from './conditional-names.ts'
import type { AccessPolicies } from './policy.ts'

const group = z.string().regex(/^grp_/, 'is no group id')
const user = z.string().regex(/^usr_/, 'is no user id')
const everyoneOrGroups = z.union([z.literal('all'), z.array(group)])
const level = z.enum(['allow', 'block', 'quarantine'])
const deviceId = z.string().min(1).max(64)

const rule = z.strictObject({
  name: z.string().min(1).max(256),
  characteristic: z.enum(['DeviceModel', 'DeviceType', 'DeviceOS', 'UserAgent', 'XMSWLHeader']),
  // A wildcard would be kept as a letter that no client sends: a rule that looks like one and does nothing.
  queryString: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^*?]*$/, 'has a wildcard, but rules match exactly'),
  accessLevel: level,
})

const seen = ['UserAgentsChanges', 'RecentCommands', 'SyncCommands', 'Watsons'] as const
const unseen = ['OutOfBudgets', 'EnableNotificationEmail', 'CommandFrequency'] as const

const threshold = z
  .strictObject({
    behavior: z.enum([...seen, ...unseen]),
    incidenceLimit: z.number().int().min(0).max(100_000),
    incidenceMinutes: z.number().int().min(1).max(limits.autoblockMinutes.value),
    blockMinutes: z.number().int().min(1).max(limits.autoblockMinutes.value),
  })
  .refine(({ behavior, incidenceLimit }) => incidenceLimit === 0 || isSeen(behavior), {
    path: ['behavior'],
    error:
      'is seen by the mail server itself, and by no gateway before it: its limit can only be 0',
  })

const isSeen = (behavior: string): boolean => seen.some((one) => one === behavior)

const parts = z.strictObject({
  exchangeOnline: z
    .strictObject({
      enabled: z.boolean(),
      targeted: everyoneOrGroups,
      exempt: z.array(group),
      blockNoncompliant: z.boolean(),
      blockUnsupportedPlatforms: z.boolean(),
      supportedPlatforms: z.array(
        z.enum(['iOS', 'android', 'windows', 'windowsPhone', 'macOS', 'linux']),
      ),
      windowsRequirement: z.enum(['domainJoinedOrCompliant', 'domainJoined', 'compliant']),
      requireApproval: z.boolean(),
    })
    .optional(),
  semantics: z
    .strictObject({
      afterPolicy: z.enum(['allow', 'exceptions', 'rules']),
      unmetPolicy: z.enum(['quarantine', 'block']),
      activation: z.enum(['required', 'matched']),
    })
    .optional(),
  conditionalAccess: z
    .strictObject({
      policies: z.array(conditionalAccessPolicy).max(limits.conditionalAccessPolicies.value),
      namedLocations: z.array(namedLocation).max(limits.namedLocations.value),
      authenticationStrengths: z.array(authenticationStrength).max(100),
    })
    .optional(),
  deviceAccessRules: z.array(rule).max(1000).optional(),
  autoblock: z.array(threshold).max(7).optional(),
  organization: z
    .strictObject({
      defaultAccessLevel: level,
      userMailInsert: z.string().max(256),
      adminMailRecipients: z.array(z.email()).max(20),
      mailboxPolicy: z.strictObject({
        allowNonProvisionableDevices: z.boolean(),
        devicePasswordEnabled: z.boolean(),
        minDevicePasswordLength: z.number().int().min(1).max(16),
        alphanumericDevicePasswordRequired: z.boolean(),
        allowSimpleDevicePassword: z.boolean(),
        maxDevicePasswordFailedAttempts: z.number().int().min(4).max(16),
        maxInactivityTimeDeviceLockSeconds: z.number().int().min(30).max(3600),
        requireDeviceEncryption: z.boolean(),
      }),
    })
    .optional(),
  casMailboxes: z
    .array(
      z.strictObject({
        user,
        activeSyncEnabled: z.boolean(),
        allowedDeviceIds: z.array(deviceId),
        blockedDeviceIds: z.array(deviceId),
      }),
    )
    .optional(),
  enforcement: z
    .strictObject({ state: z.enum(['observing', 'enforcing']), scope: everyoneOrGroups })
    .optional(),
  lockout: z
    .strictObject({
      breakGlassUsers: z.array(user).max(100),
      breakGlassGroups: z.array(group).max(100),
      mostPercent: z.number().int().min(0).max(100),
      leastClients: z.number().int().min(1).max(100_000),
    })
    .optional(),
})

/** Throws `policy.invalid`, naming the property; also for a group that does not exist, which would target nobody. */
export function checkAccessPolicies(
  change: Partial<AccessPolicies>,
  known: { readonly groups: ReadonlySet<string>; readonly users: ReadonlySet<string> },
): void {
  const parsed = parts.safeParse(change)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    refuse(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  checkUnique(
    'deviceAccessRules',
    change.deviceAccessRules?.map((one) => one.name.toLowerCase()),
  )
  checkUnique(
    'autoblock',
    change.autoblock?.map((one) => one.behavior),
  )
  checkUnique(
    'casMailboxes',
    change.casMailboxes?.map((one) => one.user),
  )
  const policies = change.conditionalAccess?.policies ?? []
  checkUnique(
    'conditionalAccess',
    policies.map((one) => one.id.toLowerCase()),
  )
  checkUnique(
    'conditionalAccess',
    policies.map((one) => one.displayName.toLowerCase()),
  )
  for (const policy of policies) {
    const stranger = namesOf(policy).groups.find((id) => !known.groups.has(id))
    if (stranger) refuse(`${policy.displayName}: no group ${stranger}`)
    const nobody = namesOf(policy).users.find((id) => !known.users.has(id))
    if (nobody) refuse(`${policy.displayName}: no user ${nobody}`)
  }
  const { exchangeOnline, enforcement, lockout } = change
  const named = [
    exchangeOnline?.targeted ?? [],
    exchangeOnline?.exempt ?? [],
    enforcement?.scope ?? [],
    lockout?.breakGlassGroups ?? [],
  ].flatMap((groups) => (groups === 'all' ? [] : groups))
  const unknown = named.find((id) => !known.groups.has(id))
  if (unknown) refuse(`no group ${unknown}`)
  const gone = lockout?.breakGlassUsers.find((id) => !known.users.has(id))
  if (gone) refuse(`lockout: no user ${gone}`)
}

function checkUnique(property: string, names: readonly string[] = []): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) refuse(`${property}: ${JSON.stringify(twice)} is there twice`)
}

function refuse(detail: string): never {
  throw new Failure('policy.invalid', detail)
}
