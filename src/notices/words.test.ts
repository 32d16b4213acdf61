import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sayFinding, sayReason, words, writeTime } from './words.ts'

test('a finding says what was found, what is needed and how to put it right', () => {
  const issue = sayFinding({ rule: 'osMinimumVersion', measured: '16.7', required: '18.1' })
  assert.deepEqual(
    [issue.rule, issue.measured, issue.required],
    ['osMinimumVersion', '16.7', '18.1'],
  )
  assert.match(issue.howToResolve, /update/)
})

const values: [
  rule: string,
  measured: string | number | boolean,
  required: string | number | boolean,
  said: [string, string],
][] = [
  ['passwordRequired', false, true, ['off', 'on']],
  ['storageRequireEncryption', 'notReported', true, ['not reported', 'on']],
  ['securityBlockJailbrokenDevices', true, false, ['jailbroken or rooted', 'original system']],
  ['managedEmailProfileRequired', false, true, ['by hand', 'from your organisation']],
  [
    'maximumReportAgeHours',
    '2026-06-01T10:30:59.000Z',
    24,
    ['2026-06-01 10:30 UTC', 'within 24 hours'],
  ],
  ['maximumReportAgeHours', 'notReported', 24, ['not reported', 'within 24 hours']],
  ['policyAssigned', false, true, ['no', 'yes']],
  ['ruleOfTomorrow', 3, 4, ['3', '4']],
]
for (const [rule, measured, required, said] of values) {
  test(`${rule}: ${measured} is said as "${said[0]}"`, () => {
    const issue = sayFinding({ rule, measured, required })
    assert.deepEqual([issue.measured, issue.required], said)
  })
}

test('every code has words, also a rule, also one of tomorrow, also a name of Object', () => {
  for (const code of [
    ...Object.keys(words.en.reasons),
    ...Object.keys(words.en.rules),
    'ruleOfTomorrow',
    'constructor',
    '__proto__',
  ]) {
    const { title, explanation, whatToDo } = sayReason(code)
    for (const text of [title, explanation, whatToDo]) assert.ok(text.length > 5, code)
  }
  assert.equal(sayReason('passwordRequired').title, words.en.rules['passwordRequired']?.title)
  assert.equal(sayReason('constructor').title, words.en.unknownRule.title)
})

test('a time is said to the minute', () => {
  assert.equal(writeTime(Date.UTC(2026, 0, 2, 3, 4, 5)), '2026-01-02 03:04 UTC')
})
