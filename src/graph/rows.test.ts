import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SavedVerdict } from '../compliance/compliance.ts'
import { managedDevice } from './rows.ts'

test('each finding is said in words, by a function that takes more than the finding', () => {
  const findings: SavedVerdict['findings'] = [
    { rule: 'passwordRequired', policy: 'Phones', measured: false, required: true },
    { rule: 'osMinimumVersion', policy: 'Phones', measured: '17.4', required: '18.0' },
  ]
  const verdict = { state: 'noncompliant', findings } as SavedVerdict // all that a row looks at
  const nobody = { partnership: undefined, device: undefined, user: undefined, decision: undefined }
  const say = ({ rule }: { rule: string }, language = 'en') => ({
    rule,
    title: language,
    explanation: '',
    howToResolve: '',
  })
  const { issues } = managedDevice({ ...nobody, verdict }, say)
  assert.deepEqual(
    issues.map(({ rule, title }) => [rule, title]),
    [
      ['passwordRequired', 'en'],
      ['osMinimumVersion', 'en'],
    ],
  )
})
