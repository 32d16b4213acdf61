import { compareVersions, readVersion } from '../version.ts'
import type { Rule } from './rule.ts'

/** The operating system must be at least of this version, compared number by number. */
export const osMinimumVersion: Rule = {
  name: 'osMinimumVersion',
  judge(settings, { facts, platform }) {
    const required = settings.osMinimumVersion
    if (required === undefined) return undefined
    const fact = facts.osVersion
    if (!fact) return { says: 'notReported', required }
    const least = readVersion(required, platform)
    const measured = readVersion(fact.value, platform)
    // Neither reading is taken for old or new: 7.0 typed as "7,0" must not become a version 0 that all devices pass.
    if (!least || !measured) return { says: 'error', measured: fact.value, required }
    if (compareVersions(measured, least) >= 0) return { says: 'pass' }
    return { says: 'fail', measured: fact.value, required }
  },
}
