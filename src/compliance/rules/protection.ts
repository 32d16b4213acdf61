import { anyReported, mustBe, ranked, versionNumber } from './criteria.ts'
import type { Classes, Rule } from './rule.ts'
import {
  androidTypes,
  choice,
  flag,
  ownedAndroidTypes,
  quarantinedOn,
  spread,
  userAndroidTypes,
} from './spread.ts'

const windows = quarantinedOn('windows')
const macOS = quarantinedOn('macOS')
const defended: Classes = quarantinedOn('iOS', 'android', 'macOS', 'windows')
const notAosp = androidTypes.filter((type) => type !== ownedAndroidTypes[1])
const defendedTypes = ['iosCompliancePolicy', 'macOSCompliancePolicy', ...notAosp] as const

/** From best to worst: a device may be at the demanded level or under it. */
const threatOrder = ['secured', 'low', 'medium', 'high'] as const
const threatChoice = choice(threatOrder, 'unavailable')

type Fact = Parameters<typeof mustBe>[0]

/** A switch that only policies for Windows 10 and later have. */
function windowsSwitch(title: string, fact: Fact, property: string): Rule<boolean> {
  return {
    title,
    value: flag,
    criterion: mustBe(fact, true),
    classes: windows,
    properties: { windows10CompliancePolicy: property },
    fix: 'enableAntivirus',
  }
}

function macSwitch(title: string, fact: Fact, property: string): Rule<boolean> {
  return {
    title,
    value: flag,
    criterion: mustBe(fact, true),
    classes: macOS,
    properties: { macOSCompliancePolicy: property },
    fix: 'enableFirewall',
  }
}

/** Firewall, antivirus, and what a threat defence product says. */
export const protectionRules = {
  firewallEnabled: {
    title: 'Require the firewall',
    value: flag,
    criterion: mustBe('firewallEnabled', true),
    classes: quarantinedOn('macOS', 'windows'),
    properties: {
      macOSCompliancePolicy: 'firewallEnabled',
      windows10CompliancePolicy: 'activeFirewallRequired',
    },
    fix: 'enableFirewall',
  },
  firewallBlockAllIncoming: macSwitch(
    'Firewall: block every incoming connection',
    'firewallBlocksIncoming',
    'firewallBlockAllIncoming',
  ),
  firewallEnableStealthMode: macSwitch(
    'Firewall: require stealth mode',
    'firewallStealthMode',
    'firewallEnableStealthMode',
  ),
  antivirusRequired: windowsSwitch(
    'Require an antivirus program',
    'antivirusEnabled',
    'antivirusRequired',
  ),
  antiSpywareRequired: windowsSwitch(
    'Require an antispyware program',
    'antispywareEnabled',
    'antiSpywareRequired',
  ),
  defenderEnabled: windowsSwitch(
    'Require Microsoft Defender Antivirus',
    'defenderEnabled',
    'defenderEnabled',
  ),
  defenderVersion: {
    title: 'Minimum version of Microsoft Defender Antivirus',
    value: { kind: 'version' },
    criterion: versionNumber('defenderVersion', 'atLeast'),
    classes: windows,
    properties: { windows10CompliancePolicy: 'defenderVersion' },
    fix: 'enableAntivirus',
  },
  // Graph's name says the contrary of what it demands.
  signatureOutOfDate: windowsSwitch(
    'Require current antivirus signatures',
    'antivirusSignaturesCurrent',
    'signatureOutOfDate',
  ),
  rtpEnabled: windowsSwitch(
    'Require real-time protection',
    'realTimeProtectionEnabled',
    'rtpEnabled',
  ),
  deviceThreatProtectionEnabled: {
    title: 'Require a threat defence product that reports',
    value: flag,
    criterion: anyReported(['threatLevel', 'riskLevel']),
    classes: defended,
    properties: spread('deviceThreatProtectionEnabled', [
      ...defendedTypes,
      'windows10CompliancePolicy',
    ]),
    fix: 'removeThreat',
  },
  deviceThreatProtectionRequiredSecurityLevel: {
    title: 'Threat level at or under',
    value: threatChoice,
    criterion: ranked('threatLevel', threatOrder, 'atMost'),
    classes: defended,
    properties: spread('deviceThreatProtectionRequiredSecurityLevel', [
      ...defendedTypes,
      'windows10CompliancePolicy',
    ]),
    fix: 'removeThreat',
  },
  advancedThreatProtectionRequiredSecurityLevel: {
    title: 'Machine risk at or under',
    value: threatChoice,
    criterion: ranked('riskLevel', threatOrder, 'atMost'),
    classes: quarantinedOn('iOS', 'android', 'macOS'),
    properties: spread('advancedThreatProtectionRequiredSecurityLevel', [
      'iosCompliancePolicy',
      'macOSCompliancePolicy',
      ...userAndroidTypes,
      ownedAndroidTypes[0],
    ]),
    fix: 'removeThreat',
  },
} as const satisfies Record<string, Rule<never>>
