import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import { codeOfCommand, commandOfCode, commandOfName, commandsOf, easCommands } from './commands.ts'
import {
  type EasRequest,
  EasRequestFailure,
  type EasRequestParts,
  readEasRequest,
  writeBase64Query,
  writePlainHeaders,
  writePlainQuery,
} from './request.ts'
import { atLeast, easVersion, easVersions, versionsUpTo } from './version.ts'

const headers = { protocolVersion: '14.1', policyKey: undefined, acceptMultiPart: undefined }
const read = (query: string, more: Partial<EasRequestParts> = {}) =>
  readEasRequest({ query, ...headers, ...more })

function refusal(query: string, protocolVersion: string | undefined = '14.1'): EasRequestFailure {
  try {
    readEasRequest({ query, protocolVersion, policyKey: undefined, acceptMultiPart: undefined })
  } catch (thrown) {
    assert.ok(thrown instanceof EasRequestFailure && thrown instanceof Failure)
    assert.equal(thrown.code, 'request.malformed')
    return thrown
  }
  throw new Error(`read: ${query}`)
}

const device = 'DeviceId=Appl123&DeviceType=iPhone'

describe('the two published vectors of the base64 form', () => {
  const quiet = { protocolVersion: undefined, policyKey: undefined, acceptMultiPart: undefined }

  test('the example of MS-ASHTTP', () => {
    const request = readEasRequest({ query: 'jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l', ...quiet })
    assert.deepEqual(request, {
      command: 'Sync',
      version: '14.0',
      deviceId: 'v140Device',
      deviceType: 'SmartPhone',
      policyKey: 0,
      policyKeySent: false,
      user: undefined,
      saveInSent: false,
      acceptMultiPart: false,
      form: 'base64',
    })
    assert.equal(writeBase64Query(request), 'jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l')
    assert.equal(
      writePlainQuery(request, 'rmjones'),
      'Cmd=Sync&User=rmjones&DeviceId=v140Device&DeviceType=SmartPhone',
    )
  })

  test('a real client', () => {
    const query = 'jQAJBBBOaW5lMzQyQkEzRjNFNkM2BAAAAAAHQW5kcm9pZAcBAA=='
    for (const spelled of [query, query.replaceAll('=', '%3D')]) {
      const request = readEasRequest({ query: spelled, ...quiet })
      assert.equal(request.version, '14.1')
      assert.equal(request.command, 'Sync')
      assert.equal(request.deviceId, 'Nine342BA3F3E6C6')
      assert.equal(request.deviceType, 'Android')
      assert.equal(request.policyKey, 0)
      assert.equal(request.policyKeySent, true)
      assert.equal(request.saveInSent, false)
    }
  })
})

describe('the plain form', () => {
  test('every field, any order, any case of names, percent-encoded', () => {
    const request = read(
      'DeviceType=SAMSUNG%20GT&cmd=smartreply&USER=a%40b.c&deviceid=SEC-1.2_3&AttachmentName=a%2Fb%2B1&CollectionId=f1&ItemId=f1%3A7&LongId=l&Occurrence=o&SaveInSent=T&Unknown=1',
      { policyKey: ' 4294967295 ', acceptMultiPart: 't' },
    )
    assert.deepEqual(request, {
      command: 'SmartReply',
      version: '14.1',
      deviceId: 'SEC-1.2_3',
      deviceType: 'SAMSUNG GT',
      policyKey: 4294967295,
      policyKeySent: true,
      user: 'a@b.c',
      attachmentName: 'a/b+1',
      collectionId: 'f1',
      itemId: 'f1:7',
      longId: 'l',
      occurrence: 'o',
      saveInSent: true,
      acceptMultiPart: true,
      form: 'plain',
    })
    assert.equal(
      writePlainQuery(request, 'käthe'),
      'Cmd=SmartReply&User=k%C3%A4the&DeviceId=SEC-1.2_3&DeviceType=SAMSUNG%20GT&AttachmentName=a%2Fb%2B1&CollectionId=f1&ItemId=f1%3A7&LongId=l&Occurrence=o&SaveInSent=T',
    )
    assert.deepEqual(writePlainHeaders(request), {
      'MS-ASProtocolVersion': '14.1',
      'MS-ASAcceptMultiPart': 'T',
    })
  })

  test('a policy key that is missing or no number counts as 0', () => {
    assert.deepEqual(keyOf(undefined), [0, false])
    for (const header of ['', 'abc', '-1', '4294967296', '1e3', '0x10', '99999999999'])
      assert.deepEqual(keyOf(header), [0, true])
    assert.deepEqual(keyOf('1307199584'), [1307199584, true])
  })

  function keyOf(policyKey: string | undefined) {
    const request = readEasRequest({ ...headers, query: `Cmd=Sync&${device}`, policyKey })
    return [request.policyKey, request.policyKeySent]
  }
})

describe('what is refused, with the status for the client', () => {
  const cases: readonly (readonly [name: string, query: string, status: number])[] = [
    ['DeviceId missing', 'Cmd=Sync&DeviceType=iPhone', 108],
    ['DeviceId empty', 'Cmd=Sync&DeviceId=&DeviceType=iPhone', 108],
    ['DeviceId with a comma', 'Cmd=Sync&DeviceId=a%2Cb&DeviceType=iPhone', 108],
    ['DeviceId with a bare comma', 'Cmd=Sync&DeviceId=a,b&DeviceType=iPhone', 108],
    ['DeviceId with NUL', 'Cmd=Sync&DeviceId=a%00b&DeviceType=iPhone', 108],
    ['DeviceId with CR LF', 'Cmd=Sync&DeviceId=a%0D%0Ab&DeviceType=iPhone', 108],
    ['DeviceId of dots', 'Cmd=Sync&DeviceId=..&DeviceType=iPhone', 108],
    ['DeviceId of markup', 'Cmd=Sync&DeviceId=%3Cb%3E&DeviceType=iPhone', 108],
    ['DeviceId of a path', 'Cmd=Sync&DeviceId=..%2F..%2Fetc&DeviceType=iPhone', 108],
    ['DeviceId not UTF-8', 'Cmd=Sync&DeviceId=%FF%FE&DeviceType=iPhone', 108],
    ['DeviceId cut escape', 'Cmd=Sync&DeviceId=a%2&DeviceType=iPhone', 108],
    ['DeviceId not ASCII', 'Cmd=Sync&DeviceId=%C3%A4&DeviceType=iPhone', 108],
    ['DeviceId of 200 bytes', `Cmd=Sync&DeviceId=${'a'.repeat(200)}&DeviceType=iPhone`, 108],
    ['DeviceType missing', 'Cmd=Sync&DeviceId=a', 109],
    ['DeviceType with control characters', 'Cmd=Sync&DeviceId=a&DeviceType=i%07', 109],
    ['DeviceType of 200 bytes', `Cmd=Sync&DeviceId=a&DeviceType=${'a'.repeat(200)}`, 109],
    ['an unknown command', `Cmd=Teleport&${device}`, 137],
    ['a command of the prototype', `Cmd=constructor&${device}`, 137],
    ['DeviceId twice', `Cmd=Sync&${device}&deviceid=other`, 101],
    ['Cmd twice', `Cmd=Sync&cmd=SendMail&${device}`, 101],
    ['line breaks in an id', `Cmd=MoveItems&${device}&ItemId=%0D%0AX: y`, 101],
    ['nothing', '', 101],
    ['neither form', 'hello world', 101],
    ['too long', `Cmd=Sync&${device}&LongId=${'a'.repeat(limits.easQueryChars.value)}`, 101],
  ]
  for (const [name, query, status] of cases)
    test(`${name}: ${status}`, () => {
      const failure = refusal(query)
      assert.equal(failure.easStatus, status)
      // A detail goes into logs: it must not carry what a client wrote.
      assert.match(failure.detail, /^[\x20-\x7e]+$/)
    })

  test('a version that is missing or unknown: 138', () => {
    const query = `Cmd=Sync&${device}`
    const missing = { ...headers, query, protocolVersion: undefined }
    assert.throws(() => readEasRequest(missing), { easStatus: 138 })
    for (const version of ['', '1.0', '14', '17.0'])
      assert.equal(refusal(query, version).easStatus, 138)
  })
})

const base64 = (...bytes: readonly (number | string)[]) =>
  Buffer.concat(
    bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))),
  ).toString('base64')

describe('the base64 form', () => {
  const head = [141, 9, 9, 4] as const

  test('a policy key is little-endian, parameters come by tag', () => {
    const query = base64(
      141,
      19,
      9,
      4,
      2,
      'ab',
      4,
      0x78,
      0x56,
      0x34,
      0x12,
      1,
      'P',
      0,
      1,
      'x',
      1,
      1,
      'c',
      3,
      1,
      'i',
      4,
      1,
      'l',
      6,
      1,
      'o',
      7,
      1,
      3,
      8,
      1,
      'u',
    )
    const request = readEasRequest({ query, ...headers, policyKey: '7' })
    assert.equal(request.command, 'ItemOperations')
    assert.equal(request.policyKey, 0x12345678)
    assert.deepEqual(
      [
        request.attachmentName,
        request.collectionId,
        request.itemId,
        request.longId,
        request.occurrence,
        request.user,
      ],
      ['x', 'c', 'i', 'l', 'o', 'u'],
    )
    assert.ok(request.saveInSent && request.acceptMultiPart)
  })

  test('a DeviceId of 16 bytes that are no text is a GUID', () => {
    const guid = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    const query = Buffer.concat([Buffer.of(...head, 16), guid, Buffer.of(0, 1, 0x50)]).toString(
      'base64',
    )
    assert.equal(read(query).deviceId, '00112233445566778899AABBCCDDEEFF')
  })

  const broken: readonly (readonly [name: string, query: string, status: number])[] = [
    ['only a head', base64(...head), 108],
    ['half a head', base64(141, 0), 101],
    ['DeviceId beyond the end', base64(...head, 9, 'a'), 108],
    ['DeviceId empty', base64(...head, 0, 0, 1, 'P'), 108],
    ['DeviceId with a comma', base64(...head, 3, 'a,b', 0, 1, 'P'), 108],
    ['DeviceId with NUL', base64(...head, 3, 'a', 0, 'b', 0, 1, 'P'), 108],
    ['DeviceId not UTF-8', base64(...head, 2, 0xff, 0xfe, 0, 1, 'P'), 108],
    ['DeviceId of 200 bytes', base64(...head, 200, 'a'.repeat(200), 0, 1, 'P'), 108],
    ['DeviceType missing', base64(...head, 1, 'a', 0), 109],
    ['DeviceType empty', base64(...head, 1, 'a', 0, 0), 109],
    ['a policy key of two bytes', base64(...head, 1, 'a', 2, 1, 1, 1, 'P'), 101],
    ['a parameter beyond the end', base64(...head, 1, 'a', 0, 1, 'P', 3, 5, 'x'), 101],
    ['a parameter twice', base64(...head, 1, 'a', 0, 1, 'P', 3, 1, 'x', 3, 1, 'y'), 101],
    ['an unknown command', base64(141, 99, 9, 4, 1, 'a', 0, 1, 'P'), 137],
    ['an unknown version', base64(99, 0, 9, 4, 1, 'a', 0, 1, 'P'), 138],
    ['letters of another alphabet', 'jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l-_', 101],
    ['a length that base64 cannot have', 'jAAJB', 101],
  ]
  for (const [name, query, status] of broken)
    test(`${name}: ${status}`, () => assert.equal(refusal(query).easStatus, status))
})

const word = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$/)
const value = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => !/\p{Cc}/u.test(text) && Buffer.byteLength(text) < 256)
const optional = (name: string) =>
  fc.option(value, { nil: undefined }).map((text) => (text === undefined ? {} : { [name]: text }))
const anyRequest: fc.Arbitrary<EasRequest> = fc
  .tuple(
    fc.record({
      command: fc.constantFrom(...easCommands),
      version: fc.constantFrom(...easVersions),
      deviceId: word,
      deviceType: word,
      user: value,
      saveInSent: fc.boolean(),
      acceptMultiPart: fc.boolean(),
      policyKey: fc.integer({ min: 0, max: 0xffff_ffff }),
    }),
    optional('attachmentName'),
    optional('collectionId'),
    optional('itemId'),
    optional('longId'),
    optional('occurrence'),
  )
  .map((parts) => ({ ...Object.assign({}, ...parts), policyKeySent: true, form: 'plain' }))

describe('laws', () => {
  test('the plain and the base64 form of one request read equal', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const plain = readEasRequest({
          query: writePlainQuery(request, request.user ?? ''),
          protocolVersion: request.version,
          policyKey: String(request.policyKey),
          acceptMultiPart: request.acceptMultiPart ? 'T' : undefined,
        })
        const packed = read(writeBase64Query(request), { protocolVersion: '2.5' })
        assert.deepEqual(plain, request)
        assert.deepEqual({ ...packed, form: 'plain' }, request)
      }),
    )
  })

  test('any text is a request or a coded failure', () => {
    const queries = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.string().map((text) => `Cmd=Sync&DeviceId=${text}`),
    )
    fc.assert(
      fc.property(queries, (query) => {
        try {
          assert.ok(read(query).deviceId)
        } catch (thrown) {
          assert.ok(thrown instanceof EasRequestFailure, String(thrown))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('commands and versions', () => {
  test('codes and names lead to the same command', () => {
    for (const command of easCommands) {
      assert.equal(commandOfCode(codeOfCommand(command)), command)
      assert.equal(commandOfName(command.toUpperCase()), command)
    }
    assert.equal(codeOfCommand('Provision'), 20)
    assert.equal(commandOfCode(5), undefined)
  })

  test('Find exists in 16.1 alone, Settings from 12.0 on', () => {
    assert.ok(commandsOf('16.1').includes('Find'))
    assert.ok(!commandsOf('16.0').includes('Find'))
    assert.ok(!commandsOf('2.5').includes('Settings'))
    assert.ok(commandsOf('2.5').includes('Provision'))
  })

  test('versions are ordered as numbers', () => {
    assert.ok(atLeast('12.0', '2.5') && atLeast('16.1', '16.1') && !atLeast('2.5', '12.0'))
    assert.deepEqual(versionsUpTo('14.0'), ['2.5', '12.0', '12.1', '14.0'])
    assert.equal(easVersion('14.2'), undefined)
  })
})
