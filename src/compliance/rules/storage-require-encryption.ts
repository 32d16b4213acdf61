import type { Rule } from './rule.ts'

/** The device's storage must be encrypted. */
export const storageRequireEncryption: Rule = {
  name: 'storageRequireEncryption',
  judge(settings, { facts, platform }) {
    if (!settings.storageRequireEncryption) return undefined
    const fact = facts.storageEncrypted
    if (fact) {
      return fact.value ? { says: 'pass' } : { says: 'fail', measured: false, required: true }
    }
    // iOS has no switch of its own for this: a passcode turns on the encryption of all data, and nothing reports it.
    if (platform === 'iOS' && facts.passwordRequired?.value) return { says: 'pass' }
    return { says: 'notReported', required: true }
  },
}
