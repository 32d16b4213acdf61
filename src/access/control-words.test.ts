import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInControls } from '../conditional/controls/built-in.ts'
import { controlsInWords } from './control-words.ts'

test('every built-in control has its words', () => {
  for (const { name } of builtInControls) assert.notEqual(controlsInWords([name]), name)
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
