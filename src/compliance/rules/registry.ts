import { managedEmailProfileRequired } from './managed-email-profile-required.ts'
import { maximumReportAgeHours } from './maximum-report-age-hours.ts'
import { osMinimumVersion } from './os-minimum-version.ts'
import { passwordRequired } from './password-required.ts'
import type { Rule } from './rule.ts'
import { securityBlockJailbrokenDevices } from './security-block-jailbroken-devices.ts'
import { storageRequireEncryption } from './storage-require-encryption.ts'

/** Every rule, one per setting, in the order in which findings are listed. */
export const rules: readonly Rule[] = [
  passwordRequired,
  storageRequireEncryption,
  osMinimumVersion,
  securityBlockJailbrokenDevices,
  managedEmailProfileRequired,
  maximumReportAgeHours,
]
