import { hour } from '../../base/clock.ts'
import { mustBe } from './criteria.ts'
import type { Criterion, Rule, Ruling } from './rule.ts'
import { count, flag, quarantinedOn } from './spread.ts'

const windows = quarantinedOn('windows', 'windows81')

/** What a device said long ago proves nothing about today. */
const reportedWithin: Criterion<number> = {
  facts: [],
  kind: 'reportedWithin',
  compare: (a, b) => b - a,
  show: (hours) => hours,
  compile:
    (required) =>
    ({ lastReportAt }, now) => {
      if (lastReportAt === undefined) return { says: 'notReported', required }
      const staleAt = lastReportAt + required * hour
      if (now < staleAt) return { says: 'pass', until: staleAt }
      // The moment, not the age: a finding that grew by the hour would be a new verdict every time.
      const measured = new Date(lastReportAt).toISOString()
      return { says: 'fail', measured, required, since: staleAt }
    },
}

const fromProfile = mustBe('managedEmailProfile', true)
const noProfile: Ruling = {
  says: 'fail',
  measured: 'noProfile',
  required: true,
  hint: 'assignMailProfile',
}

/** An account that management once set up proves nothing of today, where today's profiles leave the owner out. */
const managedMail: Criterion<boolean> = {
  ...fromProfile,
  kind: 'fromProfile',
  compile(required, terms) {
    const check = fromProfile.compile(required, terms)
    return (evidence, now) => (evidence.profileReaches === false ? noProfile : check(evidence, now))
  },
}

/** How the device stands with us: known, managed, heard of. */
export const standingRules = {
  managedEmailProfileRequired: {
    title: 'Require the mail account to come from a managed profile',
    value: flag,
    criterion: managedMail,
    classes: quarantinedOn('iOS', 'macOS'),
    properties: { iosCompliancePolicy: 'managedEmailProfileRequired' },
    fix: 'installMailProfile',
  },
  configurationManagerComplianceRequired: {
    title: 'Require compliance by Configuration Manager',
    value: flag,
    criterion: mustBe('configurationManagerCompliant', true),
    classes: quarantinedOn('windows'),
    properties: { windows10CompliancePolicy: 'configurationManagerComplianceRequired' },
    fix: 'askAdministrator',
  },
  deviceRegistrationRequired: {
    title: 'Require registration in the directory',
    value: flag,
    criterion: mustBe('registered', true),
    classes: windows,
    properties: {},
    origin: 'Configuration Manager',
    fix: 'registerDevice',
  },
  maximumReportAgeHours: {
    title: 'Hours since the last report of the device',
    value: count(1, 8784, 'hours'),
    criterion: reportedWithin,
    classes: quarantinedOn(
      'iOS',
      'macOS',
      'android',
      'windows',
      'windows81',
      'windowsPhone',
      'windows10Mobile',
      'linux',
    ),
    properties: {},
    origin: 'Postern',
    fix: 'reportDevice',
  },
} as const satisfies Record<string, Rule<never>>
