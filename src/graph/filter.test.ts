import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import { readFilter } from './filter.ts'

const row = {
  deviceName: "Anna's iPhone",
  complianceState: 'noncompliant',
  enforced: false,
  count: 12,
  lastSyncDateTime: '2026-03-01T10:00:00.000Z',
  imei: null,
}
const properties = new Set(Object.keys(row))
const matches = (text: string) => readFilter(text, properties)(row)

describe('$filter', () => {
  const cases: readonly [text: string, wanted: boolean][] = [
    ["complianceState eq 'noncompliant'", true],
    ["complianceState eq 'NonCompliant'", true],
    ["complianceState ne 'noncompliant'", false],
    ["deviceName eq 'Anna''s iPhone'", true],
    ['enforced eq false', true],
    ['enforced eq true', false],
    ['imei eq null', true],
    ['imei ne null', false],
    ['count gt 11', true],
    ['count gt 12', false],
    ['count ge 12 and count le 12', true],
    ["count lt '13'", false],
    ['imei lt 1', false],
    ['lastSyncDateTime lt 2026-03-01T11:00:00+01:00', false],
    ['lastSyncDateTime lt 2026-03-01T11:30:00+01:00', true],
    ['lastSyncDateTime le 2026-03-01T11:00:00+01:00', true],
    ["complianceState in ('compliant', 'noncompliant')", true],
    ["complianceState in ('compliant')", false],
    ["contains(deviceName,'iphone')", true],
    ["startswith(deviceName,'anna')", true],
    ["endswith(deviceName, 'anna')", false],
    ["contains(imei,'1')", false],
    ['not enforced eq true', true],
    ['enforced eq true or enforced eq false and count eq 12', true],
    ['(enforced eq true or enforced eq false) and count eq 13', false],
    ["not (contains(deviceName,'anna') and count eq 12)", false],
  ]
  for (const [text, wanted] of cases)
    test(`${text} is ${wanted}`, () => assert.equal(matches(text), wanted))

  for (const text of [
    '',
    'nothing eq 1',
    '__proto__ eq null',
    'constructor ne null',
    'deviceName',
    'deviceName like 1',
    'deviceName eq',
    'deviceName eq Anna',
    "deviceName eq 'Anna",
    "deviceName eq 'a' deviceName",
    '(enforced eq true',
    'enforced eq true)',
    'contains(deviceName)',
    'contains(count,12)',
    "complianceState in ('a'",
    'not',
    'enforced eq true and',
    'a;b',
  ])
    test(`${JSON.stringify(text)} cannot be read`, () =>
      assert.throws(
        () => matches(text),
        (thrown) => thrown instanceof Failure && thrown.code === 'request.malformed',
      ))

  test('deep nesting is a limit, not a fault', () => {
    const deep = (levels: number) => `${'('.repeat(levels)}enforced eq false${')'.repeat(levels)}`
    assert.equal(matches(deep(20)), true)
    for (const text of [deep(1000), `${'not '.repeat(500)}enforced eq false`])
      assert.throws(
        () => matches(text),
        (thrown) => thrown instanceof Failure && thrown.code === 'limit.exceeded',
      )
  })

  test('any text is a filter or a coded failure', () => {
    const words = ['deviceName', 'eq', 'and', 'or', 'not', '(', ')', ',', "'x'", 'in', 'null', '1']
    const phrases = fc.array(fc.constantFrom(...words, 'contains')).map((some) => some.join(' '))
    const texts = fc.oneof(fc.string(), phrases)
    fc.assert(
      fc.property(texts, (text) => {
        try {
          assert.equal(typeof matches(text), 'boolean')
        } catch (thrown) {
          assert.ok(thrown instanceof Failure, String(thrown))
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('any text in quotes finds itself', () => {
    fc.assert(
      fc.property(fc.string(), (deviceName) => {
        const filter = readFilter(`deviceName eq '${deviceName.replaceAll("'", "''")}'`, properties)
        assert.ok(filter({ deviceName }))
        assert.ok(!filter({ deviceName: `${deviceName}!` }))
      }),
    )
  })
})
