import { hour } from '../../base/clock.ts'
import type { Rule } from './rule.ts'

/** The device must have reported lately: what it said long ago proves nothing about today. */
export const maximumReportAgeHours: Rule = {
  name: 'maximumReportAgeHours',
  judge(settings, { lastReportAt }, now) {
    const required = settings.maximumReportAgeHours
    if (required === undefined) return undefined
    if (lastReportAt === undefined) return { says: 'notReported', required }
    const staleAt = lastReportAt + required * hour
    if (now < staleAt) return { says: 'pass', until: staleAt }
    // The moment, not the age: a finding that grew by the hour would be a new verdict every time.
    const measured = new Date(lastReportAt).toISOString()
    return { says: 'fail', measured, required, since: staleAt }
  },
}
