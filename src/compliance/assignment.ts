import type { CompliancePolicy } from './policy.ts'

/**
 * Whether a policy is assigned to a device in these groups and collections. An excluded one wins. Of a device whose
 * memberships nobody knows, every policy is taken to be meant.
 */
export function isAssigned(
  { assignedTo, excluded }: Pick<CompliancePolicy, 'assignedTo' | 'excluded'>,
  memberships: ReadonlySet<string> | undefined,
): boolean {
  if (!memberships) return true
  if (excluded.some((one) => memberships.has(one))) return false
  return assignedTo === 'all' || assignedTo.some((one) => memberships.has(one))
}
