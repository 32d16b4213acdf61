import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesCatalogue } from '../compliance/catalogue.ts'
import { languageOf, writeTime } from './wording.ts'
import { sayFinding, sayReason, words } from './words.ts'

// This also holds src/notices/german.ts and src/notices/german-fixes.ts.

test('a finding says what was found, what is needed and how to put it right', () => {
  const issue = sayFinding({ rule: 'osMinimumVersion', measured: '16.7', required: '18.1' })
  assert.deepEqual(
    [issue.rule, issue.measured, issue.required],
    ['osMinimumVersion', '16.7', '18.1'],
  )
  assert.match(issue.howToResolve, /update/)
})

test('F08: who is left out of mail profiles is not told to remove the account', () => {
  const issue = sayFinding({
    rule: 'managedEmailProfileRequired',
    measured: 'noProfile',
    required: true,
  })
  assert.match(issue.howToResolve, /administrator to assign a mail profile/)
  assert.doesNotMatch(issue.title, /by hand/)
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
    'managedEmailProfileRequired',
    'noProfile',
    true,
    ['no profile reaches this user', 'from your organisation'],
  ],
  [
    'maximumReportAgeHours',
    '2026-06-01T10:30:59.000Z',
    24,
    ['2026-06-01 10:30 UTC', 'within 24 hours'],
  ],
  ['maximumReportAgeHours', 'notReported', 24, ['not reported', 'within 24 hours']],
  ['isActive', '2026-06-01T10:30:59.000Z', 30, ['2026-06-01 10:30 UTC', 'within 30 days']],
  ['policyAssigned', false, true, ['no', 'yes']],
  [
    'brandNewSetting',
    'notEvaluated',
    'unknown property',
    ['cannot be checked', 'unknown property'],
  ],
  ['passwordMinimumLength', 4, 6, ['4', '6']],
  ['ruleOfTomorrow', 3, 4, ['3', '4']],
]
for (const [rule, measured, required, said] of values) {
  test(`${rule}: ${measured} is said as "${said[0]}"`, () => {
    const issue = sayFinding({ rule, measured, required })
    assert.deepEqual([issue.measured, issue.required], said)
  })
}

// The words of src/notices/fix-words.ts.
test('every setting has words: its own, or those of what puts it right, with what is demanded', () => {
  for (const { name, title } of rulesCatalogue()) {
    const said = sayReason(name)
    assert.notDeepEqual(said.explanation, words.en.unknownRule.explanation, name)
    if (!words.en.rules[name]) assert.ok(said.explanation.includes(title), name)
  }
  assert.match(sayReason('passwordMinimumLength').title, /too weak/)
})

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

for (const [wanted, language] of [
  ['de', 'de'],
  ['de-AT', 'de'],
  ['fr, de;q=0.7, en;q=0.9', 'en'],
  ['en;q=0.1,DE-ch', 'de'],
  ['de;q=0, en', 'en'],
  ['fr', 'en'],
  ['', 'en'],
  [undefined, 'en'],
  [`${'x'.repeat(10_000)},de`, 'en'],
  [';;,q=de', 'en'],
] as const) {
  test(`whoever asks for ${String(wanted).slice(0, 40)} is told in ${language}`, () => {
    assert.equal(languageOf(wanted), language)
  })
}

test('every language has the same words, none is empty, and no sentence is left in English', () => {
  const shape = (value: unknown, path = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => shape(inner, `${path}.${name}`))
      : [`${path} ${typeof value}`]
  assert.deepEqual(shape(words.de), shape(words.en))
  const texts = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(texts)
        : []
  assert.ok(texts(words.de).every((text) => text.trim().length > 0))
  const english = new Set(texts(words.en).filter((text) => text.includes(' ')))
  assert.deepEqual(
    texts(words.de).filter((text) => english.has(text)),
    [],
  )
})

test('a finding and a reason are said in German to who reads German', () => {
  const issue = sayFinding({ rule: 'passwordRequired', measured: false, required: true }, 'de-DE')
  assert.deepEqual(
    [issue.title, issue.measured, issue.required],
    ['Keine Bildschirmsperre', 'aus', 'an'],
  )
  assert.match(sayReason('notEnrolled', 'de').title, /^Ihre E-Mail wartet/)
})
