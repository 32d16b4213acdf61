import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure, type FailureCode } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { AirSync, allTags, ComposeMail, codePages, Ping, Settings, tagName } from './tokens.ts'
import {
  bytesOf,
  childrenOf,
  type Element,
  element,
  find,
  findAll,
  readWbxml,
  skimTexts,
  skimWbxml,
  textOf,
  writeWbxml,
} from './wbxml.ts'

// Holds src/wire/wbxml/read.ts, src/wire/wbxml/skim.ts, src/wire/wbxml/write.ts and src/wire/wbxml/tokens.ts by their one front.

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const written = (root: Element) => Buffer.from(writeWbxml(root)).toString('hex')

function failureOf(read: () => unknown): Failure {
  try {
    read()
  } catch (thrown) {
    assert.ok(thrown instanceof Failure, String(thrown))
    return thrown
  }
  throw new Error('no failure')
}

describe('writing and reading', () => {
  test('the bytes are those of the published form', () => {
    // FolderSync with key 0: page 7, tokens 16 and 12.
    const folderSync = element(7 * 64 + 0x16, element(7 * 64 + 0x12, '0'))
    assert.equal(written(folderSync), '03016a00000756520330000101')
    assert.equal(written(element(AirSync.Sync)), '03016a0005')
    // The page is switched, and back for what follows.
    const inner = element(AirSync.Options, element(17 * 64 + 5), element(AirSync.Class, 'a'))
    assert.equal(written(inner), '03016a00570011050000500361000101')
  })

  test('opaque lengths take as many bytes as they need', () => {
    for (const [length, head] of [
      [0, '00'],
      [1, '01'],
      [127, '7f'],
      [128, '8100'],
      [16_383, 'ff7f'],
      [16_384, '818000'],
      [100_000, '868d20'],
    ] as const) {
      const root = element(AirSync.Sync, new Uint8Array(length).fill(7))
      const bytes = writeWbxml(root)
      assert.equal(Buffer.from(bytes).toString('hex', 5, 6 + head.length / 2), `c3${head}`)
      assert.deepEqual(readWbxml(bytes), root)
    }
  })

  test('every token of the tables, alone, with text, and inside another', () => {
    assert.ok(allTags().length > 600)
    for (const tag of allTags()) {
      for (const root of [
        element(tag),
        element(tag, 'text'),
        element(tag, Uint8Array.of(1, 0, 3)),
        element(AirSync.Sync, element(tag, element(tag)), element(AirSync.Status, 1)),
      ])
        assert.deepEqual(readWbxml(writeWbxml(root)), root, tagName(tag))
    }
  })

  test('tokens that no table knows are kept', () => {
    const root = element(200 * 64 + 0x3f, element(3 * 64 + 5, 'x'))
    assert.deepEqual(readWbxml(writeWbxml(root)), root)
    assert.equal(tagName(root.tag), undefined)
  })

  test('text of every length and alphabet', () => {
    for (const letter of ['a', 'ü', '日', '🙂', '\u0001', '\ufffd'])
      for (let length = 1; length <= 70; length++) {
        const root = element(AirSync.Sync, letter.repeat(length))
        assert.deepEqual(readWbxml(writeWbxml(root)), root)
      }
    const large = element(AirSync.Sync, 'ä'.repeat(400_000))
    assert.deepEqual(readWbxml(writeWbxml(large)), large)
  })

  test('a NUL inside text cannot begin tokens of its own', () => {
    for (const text of ['a\0\u0001\u0045', `${'a'.repeat(40)}\0\u0001\u0045`])
      assert.equal(
        textOf(readWbxml(writeWbxml(element(AirSync.Sync, text)))),
        text.replace('\0', '\ufffd'),
      )
  })

  test('a mail larger than the limit of inspected requests is read where the caller says so', () => {
    const mail = element(ComposeMail.SendMail, element(ComposeMail.Mime, new Uint8Array(3_000_000)))
    const bytes = writeWbxml(mail)
    assert.equal(failureOf(() => readWbxml(bytes)).code, 'limit.exceeded')
    assert.deepEqual(readWbxml(bytes, 4_000_000), mail)
  })

  test('opaque bytes are views on the request', () => {
    const bytes = writeWbxml(element(AirSync.Sync, Uint8Array.of(1, 2, 3)))
    assert.equal(bytesOf(readWbxml(bytes))?.buffer, bytes.buffer)
  })
})

const tagOf = fc.oneof(
  fc.constantFrom(...allTags()),
  fc.tuple(fc.nat(255), fc.integer({ min: 5, max: 63 })).map(([page, token]) => page * 64 + token),
)
const textPiece = fc
  .oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }))
  .map((text) => text.replaceAll('\0', '0'))
const bytesPiece = fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes))
const { tree } = fc.letrec<{ tree: Element; node: Element; leaf: Element }>((tie) => ({
  tree: fc.oneof({ maxDepth: 12 }, tie('leaf'), tie('node')),
  node: fc
    .tuple(tagOf, fc.array(tie('tree'), { maxLength: 6 }))
    .map(([tag, children]) => element(tag, children)),
  leaf: fc
    .tuple(tagOf, fc.array(fc.oneof(textPiece, bytesPiece), { maxLength: 3 }))
    .map(([tag, pieces]) => element(tag, ...pieces)),
}))

describe('laws', () => {
  test('read(write(x)) = x for random trees', () => {
    fc.assert(fc.property(tree, (root) => assert.deepEqual(readWbxml(writeWbxml(root)), root)))
  })

  test('a walk sees what a tree holds: root, empty elements and texts, in order', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const bytes = Buffer.from(writeWbxml(root))
        const seen: (string | number)[] = []
        const walkedRoot = skimWbxml(bytes, (tag, start, end, first) => {
          seen.push(tag, bytes.toString('latin1', start, end), first ? 1 : 0)
        })
        assert.equal(walkedRoot, root.tag)
        assert.deepEqual(seen, leavesOf(root))
      }),
    )
  })

  test('the texts of a tag are the same by walk and by tree', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const texts: string[] = []
        const collect = (one: Element): void => {
          if (one.tag === root.tag && childrenOf(one).length === 0) texts.push(textOf(one) ?? '')
          childrenOf(one).forEach(collect)
        }
        const textOnly = JSON.stringify(root, (_, value) =>
          value instanceof Uint8Array ? undefined : value,
        )
        fc.pre(!textOnly.includes('null'))
        collect(root)
        assert.deepEqual(skimTexts(writeWbxml(root), root.tag), texts)
      }),
    )
  })

  test('a document cut anywhere is refused', () => {
    fc.assert(
      fc.property(tree, fc.nat(), (root, at) => {
        const bytes = writeWbxml(root)
        const cut = bytes.subarray(0, at % bytes.length)
        assert.equal(failureOf(() => readWbxml(cut)).code, 'request.malformed')
        assert.equal(failureOf(() => skimWbxml(cut, () => {})).code, 'request.malformed')
      }),
    )
  })
})

function leavesOf(root: Element): (string | number)[] {
  if (root.children.length === 0) return [root.tag, '', 1]
  return root.children.flatMap((child, index) => {
    if (typeof child === 'object' && !(child instanceof Uint8Array)) return leavesOf(child)
    const text =
      typeof child === 'string'
        ? Buffer.from(child).toString('latin1')
        : Buffer.from(child).toString('latin1')
    return [root.tag, text, index === 0 ? 1 : 0]
  })
}

describe('what is refused, and where', () => {
  const cases: readonly (readonly [
    name: string,
    bytes: string,
    code: FailureCode,
    detail: RegExp,
  ])[] = [
    ['nothing', '', 'request.malformed', /header.*byte 0/],
    ['half a header', '03 01', 'request.malformed', /header.*byte 2/],
    ['WBXML 1.2', '02 01 6a 00 05', 'request.malformed', /byte 0/],
    ['a public id', '03 00 6a 00 05', 'request.malformed', /byte 1/],
    ['another charset', '03 01 04 00 05', 'request.malformed', /byte 2/],
    ['a string table', '03 01 6a 01 00 05', 'request.malformed', /byte 3/],
    ['no root', '03 01 6a 00', 'request.malformed', /early at byte 4/],
    ['only a page', '03 01 6a 00 00', 'request.malformed', /early at byte 5/],
    ['a string table reference', '03 01 6a 00 45 83 00 01', 'request.malformed', /0x83 at byte 5/],
    ['an entity', '03 01 6a 00 45 02 40 01', 'request.malformed', /0x02.*byte 5/],
    ['an attribute', '03 01 6a 00 85 01', 'request.malformed', /0x85 at byte 4/],
    ['attribute and content', '03 01 6a 00 c5 01 01', 'request.malformed', /0xc5 at byte 4/],
    ['a processing instruction', '03 01 6a 00 43 05 01', 'request.malformed', /0x43.*byte 4/],
    ['a literal tag', '03 01 6a 00 04 00', 'request.malformed', /0x04.*byte 4/],
    ['an extension', '03 01 6a 00 45 40 00 01', 'request.malformed', /0x40.*byte 5/],
    ['a string without end', '03 01 6a 00 45 03 61 62', 'request.malformed', /string.*byte 6/],
    ['a root without end', '03 01 6a 00 45 03 61 00', 'request.malformed', /early at byte 8/],
    [
      'opaque bytes beyond the end',
      '03 01 6a 00 45 c3 05 01 02 01',
      'request.malformed',
      /opaque.*byte 6/,
    ],
    ['a length without end', '03 01 6a 00 45 c3 81', 'request.malformed', /length at byte 7/],
    [
      'a length of six bytes',
      '03 01 6a 00 45 c3 80 80 80 80 80 01 00 01',
      'request.malformed',
      /32 bits at byte 6/,
    ],
    [
      'a length of 33 bits',
      '03 01 6a 00 45 c3 9f ff ff ff 7f 01',
      'request.malformed',
      /32 bits at byte 6/,
    ],
    ['an end too many', '03 01 6a 00 45 01 01', 'request.malformed', /after the root at byte 6/],
    ['an end at the start', '03 01 6a 00 01', 'request.malformed', /end without.*byte 4/],
    ['a second root', '03 01 6a 00 05 05', 'request.malformed', /after the root at byte 5/],
    ['text without root', '03 01 6a 00 03 61 00', 'request.malformed', /outside.*byte 4/],
    [
      'an element beside text',
      '03 01 6a 00 45 03 61 00 05 01',
      'request.malformed',
      /beside text at byte 8/,
    ],
    [
      'text beside an element',
      '03 01 6a 00 45 05 03 61 00 01',
      'request.malformed',
      /beside an element at byte 6/,
    ],
  ]
  for (const [name, text, code, detail] of cases)
    test(`${name}: ${code}`, () => {
      for (const read of [readWbxml, (bytes: Uint8Array) => skimWbxml(bytes, () => {})]) {
        const failure = failureOf(() => read(hex(text)))
        assert.equal(failure.code, code)
        assert.match(failure.detail, detail)
      }
    })

  test('ill-formed UTF-8, short or long, but not an honest U+FFFD', () => {
    for (const text of ['c3 28', 'ff', 'ed a0 80', 'c0 80', `${'61'.repeat(40)} c3`]) {
      const bytes = hex(`03 01 6a 00 4b 03 ${text} 00 01`)
      assert.match(failureOf(() => readWbxml(bytes)).detail, /byte 6 is not UTF-8/)
      assert.equal(failureOf(() => skimTexts(bytes, AirSync.SyncKey)).code, 'request.malformed')
    }
    assert.equal(textOf(readWbxml(hex('03 01 6a 00 4b 03 ef bf bd 00 01'))), '\ufffd')
  })

  test('more levels or nodes than the limits', () => {
    const nested = (levels: number) => {
      const head = Array.from({ length: levels }, () => '45').join('')
      return hex(`03016a00${head}${'01'.repeat(levels)}`)
    }
    assert.equal(readWbxml(nested(limits.wbxmlDepth.value)).tag, AirSync.Sync)
    assert.equal(
      skimWbxml(nested(limits.wbxmlDepth.value), () => {}),
      AirSync.Sync,
    )
    const many = (nodes: number) => hex(`03016a0045${'05'.repeat(nodes - 1)}01`)
    assert.equal(
      childrenOf(readWbxml(many(limits.wbxmlNodes.value))).length,
      limits.wbxmlNodes.value - 1,
    )
    for (const bytes of [nested(limits.wbxmlDepth.value + 1), many(limits.wbxmlNodes.value + 1)]) {
      assert.equal(failureOf(() => readWbxml(bytes)).code, 'limit.exceeded')
      assert.equal(failureOf(() => skimWbxml(bytes, () => {})).code, 'limit.exceeded')
    }
  })
})

describe('the tree', () => {
  const root = element(
    Ping.Ping,
    element(Ping.HeartbeatInterval, 480),
    undefined,
    false,
    element(Ping.Folders, [
      element(Ping.Folder, element(Ping.Id, '1')),
      element(Ping.Folder, element(Ping.Id)),
    ]),
    element(Ping.Status, Uint8Array.of(0x31)),
  )

  test('paths find direct children only', () => {
    assert.equal(textOf(root, Ping.HeartbeatInterval), '480')
    assert.equal(textOf(root, Ping.Folders, Ping.Folder, Ping.Id), '1')
    assert.equal(textOf(root, Ping.Id), undefined)
    assert.equal(find(root, Ping.Folder), undefined)
    assert.equal(findAll(find(root, Ping.Folders) ?? root, Ping.Folder).length, 2)
    assert.equal(childrenOf(root).length, 3)
  })

  test('opaque content counts as text, text as bytes, emptiness as empty', () => {
    assert.equal(textOf(root, Ping.Status), '1')
    assert.deepEqual(bytesOf(root, Ping.HeartbeatInterval), Buffer.from('480'))
    assert.equal(bytesOf(root, Ping.Folders)?.length, 0)
    assert.equal(textOf(element(Ping.Id, '')), '')
    assert.deepEqual(bytesOf(element(Ping.Id, 'ab', Uint8Array.of(3))), Buffer.from([97, 98, 3]))
    assert.equal(textOf(element(Ping.Id, Uint8Array.of(0x61), 'b')), 'ab')
  })

  test('a text in pieces is one text', () => {
    const bytes = hex('03016a00 45 4b 03 61 00 c3 01 62 03 63 00 01 4b 01 0b 01')
    assert.deepEqual(skimTexts(bytes, AirSync.SyncKey), ['abc', '', ''])
    assert.equal(textOf(readWbxml(bytes), AirSync.SyncKey), 'abc')
  })
})

test('the table names every page once and no token twice', () => {
  assert.equal(tagName(AirSync.SyncKey), 'AirSync:SyncKey')
  assert.equal(tagName(Settings.DeviceInformation), 'Settings:DeviceInformation')
  const tags = Object.values(codePages).flatMap((page) => Object.values(page))
  assert.equal(new Set(tags).size, tags.length)
  assert.equal(Object.keys(codePages).length, 25)
})
