import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccessStateReason } from '../access/decision.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Facts } from '../devices/facts.ts'
import {
  type Cause,
  composeAdministratorNotice,
  composeUserNotice,
  type Described,
  type Occasion,
} from './compose.ts'
import { words } from './words.ts'

// Holds src/notices/layout.ts too.

const at = Date.UTC(2026, 5, 1, 12)
const link = 'https://mail.example.org/portal/?link=abc&x=1'
const facts = (values: Record<string, string>): Facts =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, trust: 'claimed', source: 'eas', at },
    ]),
  )

function described(
  change: {
    facts?: Record<string, string>
    eas?: object
    findings?: Finding[]
    displayName?: string
  } = {},
): Described {
  return {
    user: {
      id: 'usr_1',
      name: 'anna',
      displayName: change.displayName ?? 'Anna',
      mail: 'anna@example.org',
      enabled: true,
      role: 'user',
    },
    partnership: {
      id: 'prt_1',
      user: 'usr_1',
      eas: {
        deviceId: 'ApplDNPXW1',
        deviceType: 'iPhone',
        userAgent: 'Apple-iPhone14C5/2202.67',
        protocolVersion: '16.1',
        ...change.eas,
      },
      firstSeenAt: at,
      lastSeenAt: at,
      facts: facts(
        change.facts ?? {
          model: 'iPhone14C5',
          operatingSystem: 'iOS 18.1 22B83',
          imei: '990000862471854',
        },
      ),
    },
    decision: { outcome: 'quarantine', stateReason: 'notEnrolled' },
    findings: change.findings ?? [],
  }
}

const cause = (
  stateReason: AccessStateReason,
  outcome: Cause['outcome'] = 'quarantine',
): Cause => ({ outcome, stateReason })
const occasion = (about: Cause): Occasion => ({
  cause: about,
  from: 'postern@example.org',
  sentAt: at,
  sentTo: 'anna@example.org',
  language: 'en',
})
const compose = (about: Cause, whom = described(), insert = '') =>
  composeUserNotice(whom, occasion(about), { link, insert })

const told: AccessStateReason[] = [
  'notEnrolled',
  'notCompliant',
  'notActivated',
  'approvalPending',
  'exchangeGlobalRule',
  'exchangeDeviceRule',
  'exchangeIndividualRule',
  'deviceDiscovery',
  'unsupportedPlatform',
]
for (const reason of told) {
  test(`${reason}: its own words, one link, and the eleven fields, in both forms`, () => {
    const notice = compose(cause(reason))
    assert.equal(notice.subject, words.en.reasons[reason].title)
    assert.equal(notice.html.match(/<a /g)?.length, 1)
    assert.ok(notice.html.includes('href="https://mail.example.org/portal/?link=abc&amp;x=1"'))
    assert.equal(notice.text.match(/https?:/g)?.length, 1)
    assert.ok(notice.text.includes(`\n${link}\n`))
    for (const form of [notice.text, notice.html]) {
      for (const part of [
        words.en.reasons[reason].explanation,
        words.en.reasons[reason].whatToDo,
        words.en.footer,
      ]) {
        assert.ok(form.includes(part), part)
      }
      for (const label of Object.values(words.en.labels)) assert.ok(form.includes(label), label)
    }
    assert.ok(Buffer.byteLength(notice.html) < 8000 && Buffer.byteLength(notice.text) < 3000)
  })
}

test('the device data, word by word', () => {
  const { text } = compose(cause('notEnrolled'))
  assert.ok(
    text.includes(
      [
        'Model: iPhone14C5',
        'Type: iPhone',
        'Device ID: ApplDNPXW1',
        'System: iOS 18.1 22B83',
        'Mail app: Apple-iPhone14C5/2202.67',
        'IMEI: 990000862471854',
        'EAS version: 16.1',
        'Access: held back',
        'Reason: notEnrolled',
        'Sent at: 2026-06-01 12:00 UTC',
        'Sent to: anna@example.org',
      ].join('\n'),
    ),
    text,
  )
})

test('what is not known is said to be so', () => {
  const { text } = compose(cause('notEnrolled'), described({ facts: {} }))
  for (const line of ['Model: not known', 'System: not known', 'IMEI: not known'])
    assert.ok(text.includes(line))
})

test('a blocked device and one in discovery are called so', () => {
  assert.match(compose(cause('exchangeGlobalRule', 'block')).text, /Access: blocked/)
  assert.match(compose(cause('deviceDiscovery')).text, /Access: being identified/)
})

test('a device that does not comply is told each finding and its fix; others are told none', () => {
  const findings: Finding[] = [
    { rule: 'osMinimumVersion', policy: 'base', measured: '16.7', required: '18.1' },
    { rule: 'passwordRequired', policy: 'base', measured: false, required: true },
  ]
  const { text, html } = compose(cause('notCompliant'), described({ findings }))
  for (const form of [text, html])
    for (const part of ['16.7', '18.1', 'Set a PIN']) assert.ok(form.includes(part))
  assert.ok(text.includes('Found: 16.7\nNeeded: 18.1'))
  assert.ok(text.includes('Found: off\nNeeded: on'))
  assert.ok(!compose(cause('notEnrolled'), described({ findings })).text.includes('16.7'))
})

test("the administrator's sentence is added, as plain text and at most 256 characters", () => {
  const { text, html } = compose(cause('notEnrolled'), described(), 'Call <b>4711</b>\nany time')
  assert.ok(text.includes('\n\nCall <b>4711</b> any time\n\n'))
  assert.ok(html.includes('Call &lt;b&gt;4711&lt;/b&gt; any time'))
  const long = compose(cause('notEnrolled'), described(), '😀'.repeat(300)).text
  assert.equal([...long].filter((letter) => letter === '😀').length, 256)
})

test('the administrators are told who, why and what, and are given no link of the user', () => {
  const notice = composeAdministratorNotice(described(), {
    ...occasion(cause('notEnrolled')),
    sentTo: 'admin@example.org',
  })
  assert.equal(notice.subject, 'Device of anna: mail held back')
  assert.match(notice.text, /Anna \(anna@example\.org\)/)
  assert.match(notice.text, /Sent to: admin@example\.org/)
  assert.doesNotMatch(notice.text + notice.html, /https?:|<a /)
})

const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  'iPhone</td></tr></table><a href="https://evil.example">Sign in</a>',
  'iPhone\r\n\r\nYour account ends today:\r\nhttps://evil.example/login',
  'iPhone\u2028\u2029https://evil.example',
  '\u202egpj.exe',
  '\u0000\u0007\u001b[31m',
  '&lt;b&gt;',
  '\ud800',
  'x'.repeat(10_000),
]
for (const attack of attacks) {
  test(`attack: a device that calls itself ${JSON.stringify(attack.slice(0, 40))}`, () => {
    const whom = described({
      facts: { model: attack, operatingSystem: attack, imei: attack },
      eas: { deviceId: attack, deviceType: attack, userAgent: attack },
      findings: [{ rule: attack, policy: attack, measured: attack, required: attack }],
      displayName: attack,
    })
    const notices = [
      compose(cause('notCompliant'), whom),
      composeAdministratorNotice(whom, occasion(cause('notCompliant'))),
    ]
    for (const notice of notices) harmless(notice)
    assert.equal(notices[0]?.html.match(/<a /g)?.length, 1)
  })
}

/** Same skeleton as an innocent notice: no tag, no line and no link that we did not write. */
function harmless({ subject, text, html }: { subject: string; text: string; html: string }): void {
  const tags = new Set([...html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, name]) => name))
  const ours = [
    '!doctype',
    'html',
    'head',
    'meta',
    'title',
    'body',
    'h1',
    'h2',
    'p',
    'a',
    'table',
    'tr',
    'td',
  ]
  for (const tag of tags) assert.ok(tag && ours.includes(tag), `<${tag}>`)
  assert.doesNotMatch(html, /<[^>]*\son\w+=/i)
  for (const form of [subject, text, html]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(form, /[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069\u2028\u2029]/)
    assert.doesNotMatch(form, /https?:\/\/evil/)
    assert.ok(form.isWellFormed())
  }
  assert.doesNotMatch(subject, /\n/)
  assert.doesNotMatch(html, /<[^>]*(src=|url\(|@import)/)
  assert.ok(html.length < 20_000)
}

test('attack: any text in any claim', () => {
  const claim = fc.string({ unit: 'binary', maxLength: 200 })
  fc.assert(
    fc.property(claim, claim, claim, (model, deviceId, insert) => {
      const whom = described({ facts: { model }, eas: { deviceId }, displayName: insert })
      const notice = compose(cause('notEnrolled'), whom, insert)
      const lines = compose(cause('notEnrolled'), described(), 'x').text.split('\n').length
      assert.ok(notice.text.split('\n').length <= lines)
      assert.equal(notice.html.match(/</g)?.length, (notice.html.match(/<\/?[a-z!]/g) ?? []).length)
    }),
    { numRuns: 300 },
  )
})

test('a link that would run something is never written', () => {
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'portal', '']) {
    assert.throws(
      () =>
        composeUserNotice(described(), occasion(cause('notEnrolled')), { link: bad, insert: '' }),
      TypeError,
    )
  }
})
