import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import type { CompliancePolicy } from './compliance.ts'
import { readVersion } from './version.ts'

const groups = z.array(z.string().regex(/^grp_/, 'is no group id'))
const version = z
  .string()
  .refine((text) => readVersion(text, 'unknown'), 'is no version: numbers and dots, like 17.4')

const policy = z.strictObject({
  name: z.string().min(1).max(256),
  description: z.string().max(256).optional(),
  platform: z.enum(['all', 'iOS', 'android', 'windows', 'windowsPhone', 'macOS', 'linux']),
  settings: z.strictObject({
    passwordRequired: z.boolean().optional(),
    osMinimumVersion: version.optional(),
    storageRequireEncryption: z.boolean().optional(),
    securityBlockJailbrokenDevices: z.boolean().optional(),
    managedEmailProfileRequired: z.boolean().optional(),
    maximumReportAgeHours: z.number().int().min(1).max(8784).optional(),
  }),
  gracePeriodHours: z.number().int().min(0).max(8760),
  notReported: z.enum(['noncompliant', 'compliant']),
  assignedTo: z.union([z.literal('all'), groups]),
  excluded: groups,
})

/**
 * Throws `policy.invalid`, naming the policy and the property. A setting that nobody knows is refused as well: a
 * misspelled one would otherwise be a hole that looks like a rule. So is a group that does not exist.
 */
export function checkPolicies(
  policies: readonly CompliancePolicy[],
  knownGroups: ReadonlySet<string>,
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
    const unknown = [...assigned, ...one.excluded].find((group) => !knownGroups.has(group))
    if (unknown)
      throw new Failure('policy.invalid', `compliance policy ${called}: no group ${unknown}`)
  }
}
