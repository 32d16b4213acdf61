import type { Fork } from './condition.ts'

/** Whether what follows counts for this user: a new site observes, then enforces for a group or for all. */
export const enforcement: Fork = {
  name: 'enforcement',
  matches({ policies: { enforcement }, circumstances: { user } }) {
    if (enforcement.state !== 'enforcing') return false
    return enforcement.scope === 'all' || enforcement.scope.some((group) => user.groups.has(group))
  },
  because({ policies: { enforcement } }) {
    if (enforcement.state !== 'enforcing') return 'the site observes'
    return enforcement.scope === 'all'
      ? 'the site enforces for all'
      : `the site enforces for ${enforcement.scope.join(', ') || 'nobody'}`
  },
}
