import type { Rule } from './rule.ts'

/** A password or PIN must protect the device. */
export const passwordRequired: Rule = {
  name: 'passwordRequired',
  judge(settings, { facts }) {
    if (!settings.passwordRequired) return undefined
    const fact = facts.passwordRequired
    if (!fact) return { says: 'notReported', required: true }
    return fact.value ? { says: 'pass' } : { says: 'fail', measured: false, required: true }
  },
}
