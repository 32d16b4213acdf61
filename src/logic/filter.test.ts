import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import {
  type Attributes,
  type FilterOperator,
  meets,
  readFilter,
  type Vocabulary,
} from './filter.ts'
import { holds } from './formula.ts'

// This also holds src/logic/filter-tokens.ts.

const vocabulary: Vocabulary = {
  'device.model': { kind: 'text' },
  'device.displayName': { kind: 'text' },
  'device.deviceId': { kind: 'text', operators: ['eq', 'ne', 'in', 'notIn'] },
  'device.deviceOwnership': {
    kind: 'text',
    operators: ['eq', 'ne'],
    values: ['Personal', 'Company'],
  },
  'device.isCompliant': { kind: 'flag' },
  'device.trustType': { kind: 'text' },
  'device.physicalIds': { kind: 'list' },
}

const matches = (rule: string, attributes: Attributes) =>
  holds(readFilter(rule, vocabulary), (comparison) => meets(comparison, attributes))

const unregistered: Attributes = {}
const phone: Attributes = {
  'device.model': 'Surface Pro 9',
  'device.displayName': 'Ann\'s "big" one',
  'device.deviceId': 'D1',
  'device.deviceOwnership': 'Company',
  'device.isCompliant': true,
  'device.trustType': 'Workplace',
  'device.physicalIds': ['[ZTDId]:12', '[OrderId]:7'],
}

const cases: readonly [rule: string, ofPhone: boolean, ofUnregistered: boolean][] = [
  ['device.model -eq "surface pro 9"', true, false],
  ['device.model -ne "surface pro 9"', false, true],
  ['device.model -contains "face"', true, false],
  ['device.model -notContains "face"', false, true],
  ['device.model -startsWith "Surf"', true, false],
  ['device.model -notStartsWith "Surf"', false, true],
  ['device.model -endsWith "9"', true, false],
  ['device.model -notEndsWith "9"', false, true],
  ['device.deviceId -in ["D0", "d1"]', true, false],
  ['device.deviceId -notIn ["D0","d1"]', false, true],
  ['device.isCompliant -eq True', true, false],
  ['device.isCompliant -ne "false"', true, true],
  ['device.isCompliant -eq False', false, false],
  // Whole items of a list, pieces of a text.
  ['device.physicalIds -contains "[ZTDId]:1"', false, false],
  ['device.physicalIds -contains "[ztdid]:12"', true, false],
  ['device.physicalIds -notContains "[ZTDId]:1"', true, true],
  ['device.trustType -eq null', false, true],
  ['device.trustType -ne null', true, false],
  // Comparison before not, before and, before or; hyphens and case as people write them.
  ['device.isCompliant -eq True -or device.trustType -eq "ServerAD"', true, false],
  ['DEVICE.ISCOMPLIANT eq true AND NOT device.trusttype Eq "ServerAD"', true, false],
  ['-not device.model -eq "x" -and device.isCompliant -eq False', false, false],
  ['-not (device.model -eq "x" -and device.isCompliant -eq False)', true, true],
  ['device.model -eq "x" -or device.model -eq "y" -and device.model -eq "z"', false, false],
  ['device.isCompliant \u2013eq True', true, false],
  ['device.displayName -eq "Ann\'s `"big`" one"', true, false],
  ["device.displayName -eq 'Ann''s \"big\" one'", true, false],
]

describe('the device filter language', () => {
  for (const [rule, ofPhone, ofUnregistered] of cases)
    it(`${rule}: ${ofPhone}, unregistered ${ofUnregistered}`, () => {
      assert.equal(matches(rule, phone), ofPhone)
      assert.equal(matches(rule, unregistered), ofUnregistered)
    })

  const bad: readonly [rule: string, detail: RegExp][] = [
    ['', /character 1: the end is no property/],
    ['device.colour -eq "red"', /character 1: device.colour is no property/],
    ['device.model -like "x"', /character 14: -like is no operator/],
    ['device.model -eq x', /character 18: x must stand in quotes/],
    ['device.model -eq "x', /character 18: the quote is never closed/],
    ['device.model -eq', /expected a value/],
    ['device.isCompliant -eq Yes', /True or False/],
    ['device.isCompliant -contains True', /does not take -contains/],
    ['device.physicalIds -eq "a"', /does not take -eq/],
    ['device.deviceOwnership -eq "Corporate"', /only Personal, Company/],
    ['(device.model -eq "x"', /expected \)/],
    ['device.model -eq "x" device.model -eq "y"', /expected -and, -or or the end/],
    ['device.deviceId -in "D1"', /expected \[/],
    ['device.deviceId -in []', /value in quotes/],
    ['device.model = "x"', /character 14: = is not understood/],
    [`${'('.repeat(60)}device.model -eq "x"${')'.repeat(60)}`, /too deep/],
    [`device.model -eq "${'x'.repeat(3072)}"`, /longer than 3072/],
  ]
  for (const [rule, detail] of bad)
    it(`refuses ${rule.slice(0, 60)}`, () => {
      assert.throws(
        () => readFilter(rule, vocabulary),
        (thrown) =>
          thrown instanceof Failure &&
          thrown.code === 'filter.invalid' &&
          detail.test(thrown.detail),
      )
    })

  it('any text is a rule or a coded failure', () => {
    const piece = fc.constantFrom(
      'device.model',
      '-eq',
      '"x"',
      '(',
      ')',
      '-not',
      '-and',
      '[',
      ',',
      "'",
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join(' ')),
    )
    fc.assert(
      fc.property(text, (rule) => {
        try {
          readFilter(rule, vocabulary)
        } catch (thrown) {
          assert.ok(thrown instanceof Failure && thrown.code === 'filter.invalid')
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('a negative operator is the opposite of its positive one, whatever is known', () => {
    const pairs: readonly [FilterOperator, FilterOperator][] = [
      ['eq', 'ne'],
      ['startsWith', 'notStartsWith'],
      ['endsWith', 'notEndsWith'],
      ['contains', 'notContains'],
    ]
    const word = fc.constantFrom('', 'a', 'A', 'ab', 'b', 'abc')
    fc.assert(
      fc.property(fc.constantFrom(...pairs), word, fc.option(word), ([is, isNot], value, known) => {
        const of = (operator: FilterOperator) =>
          meets({ property: 'p', operator, value }, { p: known })
        assert.equal(of(is), !of(isNot))
      }),
    )
  })
})
