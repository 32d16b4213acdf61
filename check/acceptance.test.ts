import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

// The acceptance lists of compliance and conditional access: every number on them stands in the name of a test.

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const find = (...globs: string[]) => globSync(globs, { cwd: root })

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n)
const feature = (n: number) => `F${String(n).padStart(2, '0')}`
const features = [...numbers(1, 44), 76, 84, 85, 86, 89].map(feature)
const cases = numbers(1, 40).map((n) => `case ${n}`)

const ids = /\bF\d\d\b|\bcase \d+\b/g

/** Names of tests as they stand in the source, and what the files of cases call theirs. */
function names(): readonly string[] {
  const called = /(?<![.\w])(?:test|it|describe)\(\s*(['"`])([^\n]*?)\1/g
  const told = find('src/**/*.test.ts', 'test/**/*.ts').flatMap((path) =>
    [...read(path).matchAll(called)].map(([, , name = '']) => name),
  )
  const files = find('test/cases/*.json').map((path) => {
    const file = JSON.parse(read(path)) as { feature?: string; case?: number } // written by us
    return file.feature ?? `case ${file.case}`
  })
  return [...told, ...files]
}

describe('the acceptance lists', () => {
  const named = new Set(names().flatMap((name) => name.match(ids) ?? []))
  for (const id of [...features, ...cases])
    it(`${id} is named by a test`, () => assert.ok(named.has(id)))
})
