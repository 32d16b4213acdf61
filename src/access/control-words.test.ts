import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controlsInWords } from './control-words.ts'

// Graph's `conditionalAccessGrantControl`, and the session control that can stand in the way.
const controls =
  'block mfa compliantDevice domainJoinedDevice approvedApplication compliantApplication passwordChange riskRemediation verifiedID signInFrequency'.split(
    ' ',
  )

test('every control of Graph has its words', () => {
  for (const name of controls) assert.notEqual(controlsInWords([name]), name)
})

test('several are joined; strengths and terms keep their names; what is not known is named as it is', () => {
  assert.equal(
    controlsInWords([
      'mfa',
      'authenticationStrength:Keys: all',
      'termsOfUse:t1',
      'odd',
      'constructor',
      'toString:x',
    ]),
    'a second factor, sign-in methods of the strength Keys: all, the terms of use t1, odd, constructor, toString:x',
  )
})
