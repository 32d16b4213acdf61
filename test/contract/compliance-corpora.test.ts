import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readGraphPolicy } from '../../src/compliance/graph-json/read.ts'
import { textOf } from '../../src/compliance/graph-json/text.ts'
import { writeGraphPolicy } from '../../src/compliance/graph-json/write.ts'
import { normalGraphPolicy } from '../graph-normal.ts'

// Policies as administrators published them. They are not part of this repository: they are read where they lie beside
// it, or where POSTERN_CORPORA says.
const beside = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
const folder = `${process.env['POSTERN_CORPORA'] ?? beside}/IntuneAdmin+IntuneBaselines`

const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    )
  : []

describe('compliance policies of a published baseline', () => {
  for (const file of files) {
    const json = JSON.parse(textOf(readFileSync(`${folder}/${file}`)) ?? '')
    it(`${file}: every setting is understood, and export is the identity`, () => {
      const { policy, notes } = readGraphPolicy(json)
      assert.deepEqual(notes, [])
      assert.equal(policy.unsupported, undefined)
      assert.deepEqual(writeGraphPolicy(policy), normalGraphPolicy(json))
    })
  }
  it('lie beside this repository whole, or not at all', () => {
    assert.ok(files.length === 0 || files.length === 28, `${files.length} files`)
  })
})
