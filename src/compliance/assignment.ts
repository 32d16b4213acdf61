import type { CompliancePolicy } from './policy.ts'

/**
 * Whether a policy is assigned to the devices of an owner in these groups. An excluded group wins. Of an owner whose
 * groups nobody knows, every policy is taken to be meant.
 */
export function isAssigned(
  { assignedTo, excluded }: Pick<CompliancePolicy, 'assignedTo' | 'excluded'>,
  groups: ReadonlySet<string> | undefined,
): boolean {
  if (!groups) return true
  if (excluded.some((group) => groups.has(group))) return false
  return assignedTo === 'all' || assignedTo.some((group) => groups.has(group))
}
