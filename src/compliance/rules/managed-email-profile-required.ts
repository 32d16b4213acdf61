import type { Rule } from './rule.ts'

/** The mail account must come from a managed profile, so that leaving takes the company's mail with it. */
export const managedEmailProfileRequired: Rule = {
  name: 'managedEmailProfileRequired',
  platforms: ['iOS', 'macOS', 'unknown'],
  judge(settings, { facts }) {
    if (!settings.managedEmailProfileRequired) return undefined
    const fact = facts.managedEmailProfile
    if (!fact) return { says: 'notReported', required: true }
    return fact.value ? { says: 'pass' } : { says: 'fail', measured: false, required: true }
  },
}
