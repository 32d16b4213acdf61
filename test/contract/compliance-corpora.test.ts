import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readPolicyFolder } from '../../src/cli/policy-files.ts'
import { readGraphPolicy } from '../../src/compliance/graph-json/read.ts'
import { writeGraphPolicy } from '../../src/compliance/graph-json/write.ts'
import { normalGraphPolicy } from '../graph-normal.ts'

// Policies as administrators published them. They are not part of this repository: they are read where they lie beside
// it, or where POSTERN_CORPORA says.
const beside = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))
const folder = `${process.env['POSTERN_CORPORA'] ?? beside}/IntuneAdmin+IntuneBaselines`

const documents = existsSync(folder) ? readPolicyFolder(folder).documents : []

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

describe('compliance policies of a published baseline', () => {
  for (const { file, value: json } of documents.filter(({ value }) => isObject(value))) {
    it(`${file}: every setting is understood, and export is the identity`, () => {
      const { policy, notes } = readGraphPolicy(json)
      assert.deepEqual(notes, [])
      assert.equal(policy.unsupported, undefined)
      assert.deepEqual(writeGraphPolicy(policy), normalGraphPolicy(isObject(json) ? json : {}))
    })
  }
  it('lie beside this repository whole, or not at all', () => {
    assert.ok([0, 28].includes(documents.length), `${documents.length} files`)
  })
})
