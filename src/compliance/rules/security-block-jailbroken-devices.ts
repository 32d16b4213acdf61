import type { Rule } from './rule.ts'

/** The device must not be jailbroken or rooted. */
export const securityBlockJailbrokenDevices: Rule = {
  name: 'securityBlockJailbrokenDevices',
  // A platform that was not told is judged too: silence about it must not be the way out.
  platforms: ['iOS', 'android', 'unknown'],
  judge(settings, { facts }) {
    if (!settings.securityBlockJailbrokenDevices) return undefined
    const fact = facts.jailbroken
    if (!fact) return { says: 'notReported', required: false }
    return fact.value ? { says: 'fail', measured: true, required: false } : { says: 'pass' }
  },
}
