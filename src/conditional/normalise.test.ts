import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPolicy } from './read-policy.ts'

const policy = {
  id: 'p',
  displayName: 'Every word in its own case',
  state: 'enabledForReportingButNotEnforced',
  conditions: {
    clientAppTypes: ['browser', 'exchangeActiveSync'],
    platforms: { includePlatforms: ['all'], excludePlatforms: ['iOS', 'macOS', 'windowsPhone'] },
    signInRiskLevels: ['high', 'medium'],
    userRiskLevels: ['none'],
  },
  grantControls: { operator: 'OR', builtInControls: ['compliantDevice', 'domainJoinedDevice'] },
}

test('law: words are read whatever their case, and given back as Graph spells them', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), (flips) => {
      const mixed = JSON.parse(JSON.stringify(policy), (key, value: unknown) => {
        if (typeof value !== 'string' || key === 'id' || key === 'displayName') return value
        return [...value]
          .map((letter) => (flips.next().value ? letter.toUpperCase() : letter.toLowerCase()))
          .join('')
      }) as object
      assert.deepEqual(readPolicy(mixed).policy, readPolicy(policy).policy)
    }),
  )
})

test('a word that is none is refused, not guessed', () => {
  for (const wrong of [
    { ...policy, state: 'on' },
    { ...policy, conditions: { ...policy.conditions, signInRiskLevels: ['extreme'] } },
    { ...policy, conditions: { ...policy.conditions, platforms: { includePlatforms: ['amiga'] } } },
  ])
    assert.throws(() => readPolicy(wrong), { code: 'policy.invalid' })
})
