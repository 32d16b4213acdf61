import type { FactValues, Platform } from '../devices/facts.ts'
import type { Edition } from './rules/edition.ts'

/** What a policy of one of Graph's types is for. */
export interface PolicyAim {
  readonly platform: Platform | 'all'
  /** The editions that it judges. None: it stands for the settings of the site, and judges by no rule. */
  readonly editions: readonly Edition[]
  /** Only Android managed this way; where a device does not say how it is managed, it is judged all the same. */
  readonly management?: FactValues['androidManagement']
}

const android = (management: FactValues['androidManagement']): PolicyAim => ({
  platform: 'android',
  editions: ['android'],
  management,
})

/** Graph's types of compliance policy, without their prefix `#microsoft.graph.`. */
export const policyTypes = {
  iosCompliancePolicy: { platform: 'iOS', editions: ['iOS'] },
  androidCompliancePolicy: android('deviceAdministrator'),
  androidWorkProfileCompliancePolicy: android('workProfile'),
  androidDeviceOwnerCompliancePolicy: android('deviceOwner'),
  aospDeviceOwnerCompliancePolicy: android('aospDeviceOwner'),
  macOSCompliancePolicy: { platform: 'macOS', editions: ['macOS'] },
  // Also Windows 10 Mobile, of which `mobileOsMinimumVersion` speaks.
  windows10CompliancePolicy: { platform: 'windows', editions: ['windows', 'windows10Mobile'] },
  windows81CompliancePolicy: { platform: 'windows', editions: ['windows81', 'windows'] },
  windows10MobileCompliancePolicy: { platform: 'windowsPhone', editions: ['windows10Mobile'] },
  windowsPhone81CompliancePolicy: {
    platform: 'windowsPhone',
    editions: ['windowsPhone', 'windows10Mobile'],
  },
  // The settings catalogue; Linux is the only platform of it that has compliance settings.
  deviceManagementCompliancePolicy: { platform: 'linux', editions: ['linux'] },
  defaultDeviceCompliancePolicy: { platform: 'all', editions: [] },
} as const satisfies Record<string, PolicyAim>

export type PolicyType = keyof typeof policyTypes

/** What policies of this type are for. */
export function aimOf(type: PolicyType): PolicyAim {
  return policyTypes[type]
}
