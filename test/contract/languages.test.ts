import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pick } from '../../web/look/language.ts'
import { looksSaid } from '../../web/look/said.ts'
import { portalSaid } from '../../web/portal/said/said.ts'

/** Every path of a table, with what stands there. */
const shape = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => shape(inner, `${path}.${name}`))
    : [`${path} ${typeof value}`]

const texts = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(texts)
    : typeof value === 'string'
      ? [value]
      : []

for (const [name, tables] of Object.entries({ looksSaid, portalSaid }))
  test(`${name}: all languages have the same keys, no text is empty, no sentence was left behind`, () => {
    assert.deepEqual(shape(tables.de), shape(tables.en))
    assert.ok(texts(tables.de).every((text) => text.trim() !== ''))
    const english = new Set(texts(tables.en).filter((text) => text.includes(' ')))
    assert.deepEqual(
      texts(tables.de).filter((text) => english.has(text)),
      [],
    )
    for (const text of [...texts(tables.de), ...texts(tables.en)])
      assert.equal(text.split('**').length % 2, 1, text)
  })

for (const [tags, language] of [
  [['de-DE', 'en'], 'de'],
  [['fr', 'de'], 'de'],
  [['en-GB', 'de'], 'en'],
  [['DE'], 'de'],
  [['fr'], 'en'],
  [[], 'en'],
] as const)
  test(`a browser that is set to ${tags.join(', ') || 'nothing'} reads ${language}`, () => {
    assert.equal(pick(tags).language, language)
  })
