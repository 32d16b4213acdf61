import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { CompliancePolicy } from './policy.ts'
import { policyTypes } from './policy-types.ts'
import { settingsSchema } from './settings-schema.ts'

const targets = z.array(z.string().regex(/^(grp|col)_/, 'is no group or collection id'))
const hours = z.number().int().min(0).max(8760)
const text = z.string().max(256)

const policy = z.strictObject({
  name: z.string().min(1).max(256),
  description: z.string().max(256).optional(),
  platform: z.enum(['all', 'iOS', 'android', 'windows', 'windowsPhone', 'macOS', 'linux']),
  type: z.enum(Object.keys(policyTypes)).optional(),
  settings: settingsSchema,
  unsupported: z
    .array(z.strictObject({ setting: z.string().max(1024), reason: z.string().max(256) }))
    .max(limits.policyListItems.value)
    .optional(),
  gracePeriodHours: hours,
  actions: z
    .array(
      z.strictObject({
        type: z.enum([
          'notification',
          'pushNotification',
          'remoteLock',
          'retire',
          'wipe',
          'removeResourceAccessProfiles',
          'noAction',
        ]),
        gracePeriodHours: hours,
        notificationTemplateId: text.optional(),
        notificationMessageCCList: z.array(text).max(limits.policyListItems.value).optional(),
      }),
    )
    .max(100)
    .optional(),
  notReported: z.enum(['noncompliant', 'compliant']),
  severity: z.enum(['none', 'information', 'warning', 'critical', 'criticalWithEvent']).optional(),
  assignedTo: z.union([z.literal('all'), targets]),
  excluded: targets,
  targets: z
    .array(
      z.strictObject({
        kind: z.enum(['allDevices', 'allLicensedUsers', 'group', 'exclusionGroup', 'collection']),
        id: text.optional(),
        filter: z.strictObject({ id: text, type: z.enum(['include', 'exclude']) }).optional(),
      }),
    )
    .max(limits.policyListItems.value)
    .optional(),
  origin: z.record(z.string().max(256), z.unknown()).optional(),
})

/**
 * Throws `policy.invalid`, naming the policy and the property. A setting that nobody knows is refused as well: a
 * misspelled one would otherwise be a hole that looks like a rule. So is a group or collection that does not exist.
 */
export function checkPolicies(
  policies: readonly CompliancePolicy[],
  known: ReadonlySet<string>,
): void {
  const names = new Set<string>()
  for (const [index, one] of policies.entries()) {
    const parsed = policy.safeParse(one)
    const called = JSON.stringify(one.name ?? `number ${index + 1}`)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new Failure(
        'policy.invalid',
        `compliance policy ${called}: ${issue?.path.join('.')}: ${issue?.message}`,
      )
    }
    const folded = one.name.toLowerCase()
    if (names.has(folded))
      throw new Failure('policy.invalid', `two compliance policies are called ${called}`)
    names.add(folded)
    const assigned = one.assignedTo === 'all' ? [] : one.assignedTo
    const unknown = [...assigned, ...one.excluded].find((target) => !known.has(target))
    if (unknown)
      throw new Failure(
        'policy.invalid',
        `compliance policy ${called}: no ${unknown.startsWith('col_') ? 'collection' : 'group'} ${unknown}`,
      )
  }
}
