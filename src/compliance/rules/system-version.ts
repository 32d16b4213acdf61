import type { AllowedDistribution, VersionRange } from '../settings.ts'
import { compareVersions } from '../version.ts'
import { atMost, buildVersion, mustBe, pass, ranked, sinceDay, versionNumber } from './criteria.ts'
import type { Criterion, Rule, Ruling, Terms } from './rule.ts'
import { androidTypes, choice, count, flag, quarantinedOn, spread, typedTypes } from './spread.ts'

const everywhere = quarantinedOn(
  'iOS',
  'macOS',
  'android',
  'windows',
  'windows81',
  'windowsPhone',
  'windows10Mobile',
  'linux',
)
const apple = ['iosCompliancePolicy', 'macOSCompliancePolicy'] as const
const mobile = { type: 'windows10CompliancePolicy', edition: 'windows10Mobile' } as const

const sayRange = ({ lowestVersion, highestVersion }: VersionRange) =>
  `${lowestVersion}-${highestVersion}`

/** One of these ranges must hold the version. Which of two sets of ranges is stricter cannot be said. */
const inRanges: Criterion<readonly VersionRange[]> = {
  facts: ['osVersion'],
  kind: 'versionInRanges',
  compare: () => 0,
  show: (ranges) => ranges.map(sayRange).join(', '),
  compile(ranges, terms) {
    const required = this.show(ranges)
    const absent: Ruling = { says: 'notReported', required }
    const bounds = ranges.map((range) => ({
      low: terms.version(range.lowestVersion),
      high: terms.version(range.highestVersion),
    }))
    return ({ facts }) => {
      const known = facts.osVersion
      if (!known) return absent
      const version = terms.version(known.value)
      if (!version) return { says: 'error', measured: known.value, required }
      const within = bounds.some(
        ({ low, high }) =>
          low && high && compareVersions(low, version) <= 0 && compareVersions(version, high) <= 0,
      )
      return within ? pass : { says: 'fail', measured: known.value, required }
    }
  },
}

const sayDistribution = ({ name, minimumVersion, maximumVersion }: AllowedDistribution) =>
  [name, minimumVersion && `from ${minimumVersion}`, maximumVersion && `to ${maximumVersion}`]
    .filter(Boolean)
    .join(' ')

const sayDistributions = (allowed: readonly AllowedDistribution[]) =>
  allowed.map(sayDistribution).join(', ')

/** Whether a distribution of this name and version is allowed; `undefined` where its version makes no sense. */
function isAllowed(
  allowed: readonly AllowedDistribution[],
  terms: Terms,
): (name: string, version: string) => boolean | undefined {
  const ready = allowed.map(({ name, minimumVersion, maximumVersion }) => ({
    name: name.toLowerCase(),
    low: minimumVersion === undefined ? undefined : (terms.version(minimumVersion) ?? []),
    high: maximumVersion === undefined ? undefined : (terms.version(maximumVersion) ?? []),
  }))
  return (name, text) => {
    const candidates = ready.filter((one) => one.name === name.toLowerCase())
    if (candidates.length === 0) return false
    if (candidates.some(({ low, high }) => !low && !high)) return true
    const version = terms.version(text)
    if (!version) return undefined
    return candidates.some(
      ({ low, high }) =>
        (!low || compareVersions(low, version) <= 0) &&
        (!high || compareVersions(version, high) <= 0),
    )
  }
}

const distributionAllowed: Criterion<readonly AllowedDistribution[]> = {
  facts: ['linuxDistribution', 'osVersion'],
  kind: 'distributionAllowed',
  compare: () => 0,
  show: sayDistributions,
  compile(list, terms) {
    const required = sayDistributions(list)
    const allowed = isAllowed(list, terms)
    return ({ facts: { linuxDistribution: name, osVersion } }) => {
      if (!name) return { says: 'notReported', required }
      const measured = `${name.value} ${osVersion?.value ?? ''}`.trim()
      const verdict = allowed(name.value, osVersion?.value ?? '')
      if (verdict) return pass
      if (verdict === false) return { says: 'fail', measured, required }
      return osVersion ? { says: 'error', measured, required } : { says: 'notReported', required }
    }
  },
}

/** Every distribution that is installed below Windows must be an allowed one; none is in order too. */
const wslAllowed: Criterion<readonly AllowedDistribution[]> = {
  facts: ['wslDistributions'],
  kind: 'listAllowed',
  compare: () => 0,
  show: sayDistributions,
  compile(list, terms) {
    const required = sayDistributions(list)
    const allowed = isAllowed(list, terms)
    const isFine = (entry: string) => {
      const [, name = entry, version = ''] = /^(.*\S)\s+([\d.]+)$/.exec(entry) ?? []
      return allowed(name, version) ?? false
    }
    return ({ facts }) => {
      const known = facts.wslDistributions
      if (!known) return { says: 'notReported', required }
      const wrong = known.value.find((entry) => !isFine(entry))
      return wrong === undefined ? pass : { says: 'fail', measured: wrong, required }
    }
  },
}

/** Which versions of the operating system will do, and that they are kept up to date. */
export const systemVersionRules = {
  osMinimumVersion: {
    title: 'Minimum version of the operating system',
    value: { kind: 'version' },
    criterion: versionNumber('osVersion', 'atLeast'),
    classes: everywhere,
    properties: spread('osMinimumVersion', typedTypes),
    leaves: mobile,
    fix: 'updateSystem',
  },
  osMaximumVersion: {
    title: 'Maximum version of the operating system',
    value: { kind: 'version' },
    criterion: versionNumber('osVersion', 'atMost'),
    classes: everywhere,
    properties: spread('osMaximumVersion', typedTypes),
    leaves: mobile,
    fix: 'useSupportedSystem',
  },
  osMinimumBuildVersion: {
    title: 'Minimum build of the operating system',
    value: { kind: 'build' },
    criterion: buildVersion('osBuild', 'atLeast'),
    classes: quarantinedOn('iOS', 'macOS'),
    properties: spread('osMinimumBuildVersion', apple),
    fix: 'updateSystem',
  },
  osMaximumBuildVersion: {
    title: 'Maximum build of the operating system',
    value: { kind: 'build' },
    criterion: buildVersion('osBuild', 'atMost'),
    classes: quarantinedOn('iOS', 'macOS'),
    properties: spread('osMaximumBuildVersion', apple),
    fix: 'useSupportedSystem',
  },
  mobileOsMinimumVersion: {
    title: 'Minimum version of Windows on mobile devices',
    value: { kind: 'version' },
    criterion: versionNumber('osVersion', 'atLeast'),
    classes: quarantinedOn('windows10Mobile'),
    properties: { windows10CompliancePolicy: 'mobileOsMinimumVersion' },
    fix: 'updateSystem',
  },
  mobileOsMaximumVersion: {
    title: 'Maximum version of Windows on mobile devices',
    value: { kind: 'version' },
    criterion: versionNumber('osVersion', 'atMost'),
    classes: quarantinedOn('windows10Mobile'),
    properties: { windows10CompliancePolicy: 'mobileOsMaximumVersion' },
    fix: 'useSupportedSystem',
  },
  validOperatingSystemBuildRanges: {
    title: 'Builds of Windows that are allowed',
    value: { kind: 'ranges' },
    criterion: inRanges,
    classes: quarantinedOn('windows'),
    properties: { windows10CompliancePolicy: 'validOperatingSystemBuildRanges' },
    leaves: mobile,
    fix: 'updateSystem',
  },
  minAndroidSecurityPatchLevel: {
    title: 'Minimum security patch level',
    value: { kind: 'date' },
    criterion: sinceDay('securityPatchLevel'),
    classes: quarantinedOn('android'),
    properties: spread('minAndroidSecurityPatchLevel', androidTypes),
    fix: 'updateSystem',
  },
  allowedDistributions: {
    title: 'Distributions of Linux that are allowed',
    value: { kind: 'distributions' },
    criterion: distributionAllowed,
    classes: quarantinedOn('linux'),
    properties: { deviceManagementCompliancePolicy: 'linux_distribution_alloweddistros' },
    fix: 'useSupportedSystem',
  },
  wslDistributions: {
    title: 'Distributions below Windows Subsystem for Linux that are allowed',
    value: { kind: 'distributions' },
    criterion: wslAllowed,
    classes: quarantinedOn('windows'),
    properties: { windows10CompliancePolicy: 'wslDistributions' },
    fix: 'removeApp',
  },
  automaticUpdatesRequired: {
    title: 'Require automatic updates',
    value: choice(['important', 'recommended'], 'none'),
    criterion: ranked('automaticUpdates', ['none', 'important', 'recommended'], 'atLeast'),
    classes: quarantinedOn('windows', 'windows81', 'windowsPhone', 'windows10Mobile'),
    properties: {},
    origin: 'Configuration Manager',
    fix: 'installUpdates',
  },
  requireNoPendingSystemUpdates: {
    title: 'No system update may wait',
    value: flag,
    criterion: mustBe('systemUpdatePending', false),
    classes: quarantinedOn('android'),
    properties: { androidDeviceOwnerCompliancePolicy: 'requireNoPendingSystemUpdates' },
    fix: 'installUpdates',
  },
  maximumUpdateDelayDays: {
    title: 'Days that a required update may be overdue',
    value: count(0, 365, 'days'),
    criterion: atMost('missingUpdateDays', 'isZero'),
    classes: quarantinedOn('windows', 'windows81'),
    properties: {},
    origin: 'Configuration Manager',
    fix: 'installUpdates',
  },
} as const satisfies Record<string, Rule<never>>
