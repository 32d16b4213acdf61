import type { Fork } from './condition.ts'

/** Whether the Exchange Online policy governs this user; then it takes the place of Exchange's own rules. */
export const targeting: Fork = {
  name: 'targeting',
  matches({ policies: { exchangeOnline }, circumstances: { user } }) {
    const { enabled, targeted, exempt } = exchangeOnline
    if (!enabled) return false
    // Exempt wins: an administrator who lists a user in both means the exception.
    if (exempt.some((group) => user.groups.has(group))) return false
    return targeted === 'all' || targeted.some((group) => user.groups.has(group))
  },
  because({ policies: { exchangeOnline }, circumstances: { user } }) {
    const { enabled, targeted, exempt } = exchangeOnline
    if (!enabled) return 'the Exchange Online policy is off'
    const exempted = exempt.find((group) => user.groups.has(group))
    if (exempted) return `exempt through ${exempted}`
    if (targeted === 'all') return 'all users are targeted'
    const hit = targeted.find((group) => user.groups.has(group))
    return hit ? `targeted through ${hit}` : 'in no targeted group'
  },
}
