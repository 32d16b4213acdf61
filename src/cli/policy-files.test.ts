import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { readPolicyFolder } from './policy-files.ts'

it('reads what the export tools write: any depth, byte order marks, UTF-16, lists and answers of Graph', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-policies-'))
  mkdirSync(join(folder, 'b'))
  mkdirSync(join(folder, '.git'))
  const policy = (name: string) => JSON.stringify({ displayName: name })
  writeFileSync(join(folder, 'a.json'), `\ufeff${policy('ä marked')}`)
  writeFileSync(join(folder, 'b', 'one.JSON'), Buffer.from(`\ufeff${policy('wide ä')}`, 'utf16le'))
  writeFileSync(
    join(folder, 'b', 'two.json'),
    Buffer.from(`\ufeff${policy('big ä')}`, 'utf16le').swap16(),
  )
  writeFileSync(join(folder, 'c.json'), `[${policy('1')},${policy('2')}]`)
  writeFileSync(join(folder, 'd.json'), `{"@odata.context": "x", "value": [${policy('3')}]}`)
  writeFileSync(join(folder, 'e.json'), '{')
  writeFileSync(join(folder, 'f.json'), Buffer.from([0x22, 0xc0, 0x22]))
  symlinkSync(join(folder, 'gone'), join(folder, 'g.json'))
  writeFileSync(join(folder, 'notes.txt'), 'not ours')
  writeFileSync(join(folder, '.git', 'x.json'), '{}')

  const { documents, faults } = readPolicyFolder(folder)

  assert.deepEqual(
    documents.map(({ file, value }) => [file, (value as { displayName: string }).displayName]),
    [
      ['a.json', 'ä marked'],
      [join('b', 'one.JSON'), 'wide ä'],
      [join('b', 'two.json'), 'big ä'],
      ['c.json', '1'],
      ['c.json', '2'],
      ['d.json', '3'],
    ],
  )
  assert.deepEqual(
    faults.map(({ file }) => file),
    ['e.json', 'f.json', 'g.json'],
  )
  assert.equal(readPolicyFolder(join(folder, 'a.json')).documents.length, 1)
  assert.throws(() => readPolicyFolder(join(folder, 'none')), { code: 'not.found' })
})
