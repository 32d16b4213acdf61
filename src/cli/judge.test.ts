import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { typed } from '../../test/fake/terminal.ts'
import { linesOf } from './lines.ts'

// Policies are found by src/cli/compliance-folder.ts.

const folder = mkdtempSync(join(tmpdir(), 'postern-judge-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

const graph = (name: string, rest: object) =>
  JSON.stringify({
    '@odata.type': '#microsoft.graph.iosCompliancePolicy',
    displayName: name,
    ...rest,
  })

const judge = (...argv: string[]) => typed('judge', ...argv)

const verdicts = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { id: string; state: string; policies: { name: string }[] })

const devices = put(
  'devices.ndjson',
  [
    '{"id":"old","platform":"iOS","facts":{"osVersion":"16"},"lastReport":"2026-03-01T00:00:00Z"}',
    '',
    '{"id":"new","platform":"iOS","facts":{"osVersion":"18"},"lastReport":"2026-03-01T00:00:00Z"}',
  ].join('\r\n'),
)
const now = ['--now', '2026-03-01T12:00:00Z'] as const

describe('postern judge', () => {
  it('judges by policies of Graph and by our own documents, without a server', async () => {
    put(
      'good/deep/graph.json',
      Buffer.from(`\ufeff${graph('G', { osMinimumVersion: '17' })}`, 'utf16le'),
    )
    put('good/copy.json', graph('G', { osMinimumVersion: '17', assignments: [] }))
    put(
      'good/own.yaml',
      [
        'kind: compliancePolicy',
        'name: Own',
        'platform: iOS',
        'settings: { osMinimumVersion: "15" }',
        '---',
        'kind: organization',
      ].join('\n'),
    )
    put('good/conditional.json', '{"displayName":"C","conditions":{},"state":"enabled"}')
    const { code, out, complaints } = await judge(
      '--policies',
      join(folder, 'good'),
      '--devices',
      devices,
      ...now,
    )
    assert.deepEqual(
      verdicts(out).map(({ id, state, policies }) => [id, state, policies.map(({ name }) => name)]),
      [
        ['old', 'noncompliant', ['G', 'Own']],
        ['new', 'compliant', ['G', 'Own']],
      ],
    )
    assert.equal(code, 0)
    assert.ok(complaints.some((text) => /conditional\.json: left out/.test(text)))
    assert.ok(complaints.some((text) => /own\.yaml: left out: organization/.test(text)))
  })

  it('a line that cannot be read is named, the others are judged, and the exit code is 1', async () => {
    const policy = put('one.json', graph('G', { osMinimumVersion: '17' }))
    const file = put(
      'bad.ndjson',
      '{"id":"a"\n{"id":"b","platform":"iOS","facts":{"osVersion":"18"}}\n',
    )
    const { code, out, complaints } = await judge('--policies', policy, '--devices', file, ...now)
    assert.equal(code, 1)
    assert.deepEqual(
      verdicts(out).map(({ id }) => id),
      ['b'],
    )
    assert.match(complaints.join('\n'), /^request\.malformed: line 1: is no JSON$/m)
  })

  it('what cannot be a policy is refused before any device is judged', async () => {
    const cases: readonly [RegExp, Record<string, string>][] = [
      [/broken\.json/, { 'broken.json': '{' }],
      [/a\.json.*osMinimumVersion/, { 'a.json': graph('A', { osMinimumVersion: 'new' }) }],
      [
        /b\.yaml: B: settings/,
        { 'b.yaml': 'kind: compliancePolicy\nname: B\nplatform: iOS\nsettings: { pasword: true }' },
      ],
      [/c\.json: /, { 'c.json': '{"hello":"world"}' }],
      [
        /two compliance policies/,
        { 'd.json': graph('D', {}), 'e.json': graph('d', { osMinimumVersion: '1' }) },
      ],
      [/holds no compliance policy/, { 'f.txt': '' }],
    ]
    for (const [index, [part, files]] of cases.entries()) {
      for (const [name, content] of Object.entries(files)) put(`wrong${index}/${name}`, content)
      const { code, out, complaints } = await judge(
        '--policies',
        join(folder, `wrong${index}`),
        '--devices',
        devices,
      )
      assert.equal(code, 1)
      assert.equal(out, '')
      assert.match(complaints.join('\n'), part)
    }
  })

  it('site rules are options', async () => {
    const policy = put(
      'android.json',
      graph('G', { '@odata.type': '#microsoft.graph.macOSCompliancePolicy' }),
    )
    const states = async (...more: string[]) =>
      verdicts((await judge('--policies', policy, '--devices', devices, ...more)).out).map(
        ({ state }) => state,
      )
    assert.deepEqual(await states(...now), ['notApplicable', 'notApplicable'])
    assert.deepEqual(await states(...now, '--secure-by-default'), ['noncompliant', 'noncompliant'])
    const later = ['--now', '2026-03-04T00:00:00Z', '--checkin-threshold-days', '3']
    assert.deepEqual(await states(...later), ['noncompliant', 'noncompliant'])
  })

  it('wrong usage ends with 2, a missing file with 1', async () => {
    const policy = put('usage.json', graph('G', {}))
    assert.equal((await judge('--policies', policy)).code, 2)
    assert.equal((await judge('--policies', policy, '--devices', devices, '--now', 'soon')).code, 2)
    for (const days of ['0', '121', 'x'])
      assert.equal(
        (await judge('--policies', policy, '--devices', devices, '--checkin-threshold-days', days))
          .code,
        2,
      )
    assert.equal((await judge('--policies', policy, '--devices', join(folder, 'none'))).code, 1)
    assert.equal((await judge('--policies', join(folder, 'none'), '--devices', devices)).code, 1)
    const { out, code } = await judge('--help')
    assert.match(out, /Exit codes: 0 every line was judged/)
    assert.equal(code, 0)
  })
})

describe('lines of a stream', () => {
  const collect = async (chunks: readonly (string | Uint8Array)[], longest = 100) => {
    async function* stream() {
      for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    }
    const lines: [number, string][] = []
    for await (const { number, text } of linesOf(stream(), longest)) lines.push([number, text])
    return lines
  }

  it('are the same wherever the stream is cut', async () => {
    const bytes = Buffer.from('ä1\n\nö2\nß3')
    const whole = await collect([bytes])
    assert.deepEqual(whole, [
      [1, 'ä1'],
      [3, 'ö2'],
      [4, 'ß3'],
    ])
    for (let cut = 0; cut <= bytes.length; cut++)
      assert.deepEqual(await collect([bytes.subarray(0, cut), bytes.subarray(cut)]), whole)
    assert.deepEqual(await collect([...bytes].map((byte) => Uint8Array.of(byte))), whole)
  })

  it('have a longest length', async () => {
    await assert.rejects(collect(['a\n', 'b'.repeat(101)]), { code: 'limit.exceeded' })
  })
})
