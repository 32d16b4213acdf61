import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeLeaf, leafText, readStructure } from './mime.ts'
import { decodeText, readFields, readParameters } from './mime-fields.ts'
import { effortOf } from '../../test/effort.ts'

const same = (text: string) => text
const structure = (text: string) => readStructure(Buffer.from(text, 'latin1'), same)
const bodies = (text: string) =>
  structure(text).leaves.map((leaf) => Buffer.from(leaf.body).toString())

describe('readStructure', () => {
  test('finds the parts, and nothing before or after them', () => {
    const text = [
      'Content-Type: multipart/mixed; boundary="b b"',
      '',
      'preamble',
      '--b b',
      '',
      'one',
      '',
      '--b b  ',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      '',
      'plain',
      '--b--c',
      '--bc',
      '--b',
      'Content-Type: text/html',
      '',
      '<p>',
      '--b--',
      'epilogue',
      '--b b--',
      '--b b',
      'never',
    ]
    for (const end of ['\r\n', '\n']) {
      const found = structure(text.join(end))
      assert.deepEqual(
        found.leaves.map((leaf) => [
          leaf.type.value,
          leaf.alternative,
          Buffer.from(leaf.body).toString(),
        ]),
        [
          ['text/plain', 0, `one${end}`],
          ['text/plain', 1, `plain${end}--b--c${end}--bc`],
          ['text/html', 1, '<p>'],
        ],
      )
    }
  })

  test('a message without head, body or end is read as far as it goes', () => {
    assert.deepEqual(bodies(''), [''])
    assert.deepEqual(bodies('\r\nbody'), ['body'])
    assert.deepEqual(bodies('\nbody'), ['body'])
    assert.deepEqual(bodies('Subject: x'), [''])
    assert.deepEqual(bodies('A: b\r\n\r\nbody'), ['body'])
    assert.deepEqual(bodies('Content-Type: multipart/mixed; boundary=b\n\n--b\n\nopen'), ['open'])
    assert.deepEqual(bodies('Content-Type: multipart/mixed; boundary=b\n\n--b'), [''])
    assert.deepEqual(bodies('Content-Type: multipart/mixed; boundary=b\n\nnone'), [])
    assert.deepEqual(bodies('Content-Type: multipart/mixed\n\n--\nx'), ['--\nx'])
  })

  test('what parts were made of is what is found', () => {
    const body = fc.stringMatching(/^[a-z \n-]{0,40}$/).filter((text) => !text.includes('--b'))
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 6 }), (parts) => {
        const joined = parts.map((part) => `--b\n\n${part}\n`).join('')
        assert.deepEqual(
          bodies(`Content-Type: multipart/mixed; boundary=b\n\n${joined}--b--\n`),
          parts,
        )
      }),
    )
  })

  test('takes hostile megabytes in time that grows with their length only', async () => {
    const multi = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'
    let deep = ''
    for (let level = 0; level < 40; level++) {
      deep += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`
    }
    const hostile = [
      `\r\n${'\r\n'.repeat(4_000_000)}`,
      multi + '--b\r\n'.repeat(2_000_000),
      multi + '--bx\r\n'.repeat(1_500_000),
      multi + 'x--b'.repeat(2_000_000),
      multi + '--b '.repeat(2_000_000),
      'A: b\r\n'.repeat(1_500_000),
      `A: ${'b\r\n '.repeat(2_000_000)}`,
      deep + 'x'.repeat(8_000_000),
      `Content-Type: ${'; a*0=b'.repeat(1_000_000)}`,
    ]
    for (const [index, text] of hostile.entries()) {
      const raw = Buffer.from(text, 'latin1')
      const ms = await effortOf(() => {
        const found = readStructure(raw, same)
        for (const leaf of found.leaves) leafText(leaf)
        assert.ok(found.leaves.length <= 1000)
      })
      assert.ok(ms < 2000, `case ${index}: ${ms} ms`)
    }
  })
})

describe('decoding', () => {
  const leaf = (head: string, body: string) => {
    const [first] = structure(`${head}\n\n${body}`).leaves
    return first ?? assert.fail()
  }

  test('base64 and quoted-printable, also when broken', () => {
    const coded = (encoding: string, body: string) =>
      Buffer.from(decodeLeaf(leaf(`Content-Transfer-Encoding: ${encoding}`, body))).toString(
        'latin1',
      )
    assert.equal(coded('BASE64', 'aGVs\r\nbG8='), 'hello')
    assert.equal(coded('base64', '!!aGVsbG8'), 'hello')
    assert.equal(coded('quoted-printable', 'a=20b=\r\nc=\nd=E4=3D=XY=4'), 'a bcd\xe4==XY=4')
    assert.equal(coded('x-unknown', 'a=20'), 'a=20')
  })

  test('any bytes come back from base64 and quoted-printable', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const base64 = Buffer.from(bytes).toString('base64')
        const quoted = [...bytes].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join('')
        for (const [encoding, text] of [
          ['base64', base64],
          ['quoted-printable', quoted],
        ] as const) {
          const decoded = decodeLeaf(leaf(`Content-Transfer-Encoding: ${encoding}`, text))
          assert.deepEqual(Buffer.from(decoded), Buffer.from(bytes))
        }
      }),
    )
  })

  test('charsets: named, unknown, and not named at all', () => {
    assert.equal(
      leafText(leaf('Content-Type: text/plain; charset=iso-8859-1', 'sch\xf6n')),
      'schön',
    )
    assert.equal(
      leafText(leaf('Content-Type: text/plain; charset="utf-8"', 'sch\xc3\xb6n')),
      'schön',
    )
    assert.equal(leafText(leaf('Content-Type: text/plain; charset=nobody', 'sch\xf6n')), 'schön')
    assert.equal(leafText(leaf('X: y', 'sch\xf6n\r\n')), 'schön\n')
    assert.equal(leafText(leaf('X: y', 'sch\xc3\xb6n')), 'schön')
    assert.equal(decodeText(Buffer.from('\xff', 'latin1'), ''), '\ufffd')
  })
})

describe('header fields', () => {
  test('are unfolded, the first of a name counts, nonsense is left out', () => {
    const fields = readFields(
      Buffer.from('A: 1\r\n\t2\r\nnonsense\r\n: x\r\nb : 3\r\nA: 4\r\nC:\r\n'),
    )
    assert.deepEqual(
      [...fields],
      [
        ['a', '1 2'],
        ['b', '3'],
        ['c', ''],
      ],
    )
  })

  test('parameters in every form that mailers use', () => {
    const of = (field: string) => Object.fromEntries(readParameters(field, same).parameters)
    assert.deepEqual(of('attachment; filename="a;b \\"c\\".pdf"; size=3'), {
      filename: 'a;b "c".pdf',
      size: '3',
    })
    assert.deepEqual(of("attachment; filename*=utf-8'de'%C3%A4%20b.pdf"), { filename: 'ä b.pdf' })
    assert.deepEqual(
      of("attachment; filename*1*=%C3%B6; filename*0*=iso-8859-1''%E4; filename*2=.txt"),
      {
        filename: 'äÃ¶.txt',
      },
    )
    assert.deepEqual(of('attachment; filename=x.pdf; ; =; y'), { filename: 'x.pdf' })
    assert.equal(readParameters(' Text/PLAIN ; a=b', same).value, 'text/plain')
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => readParameters(text, same).value.length >= 0,
      ),
    )
  })
})
