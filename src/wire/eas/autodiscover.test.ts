import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import {
  readAutodiscover,
  writeAutodiscover,
  writeAutodiscoverError,
  writeAutodiscoverRedirect,
  writeAutodiscoverRequest,
  writeAutodiscoverV2,
  writeAutodiscoverV2Error,
} from './autodiscover.ts'

const read = (text: string) => readAutodiscover(Buffer.from(text))
const request = (email: string, before = '', inside = '') =>
  `<?xml version="1.0" encoding="utf-8"?>${before}<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"><Request><EMailAddress>${email}</EMailAddress>${inside}</Request></Autodiscover>`

describe('the request', () => {
  test('address and schema', () => {
    assert.deepEqual(read(writeAutodiscoverRequest("o'neil+x@exämple.org")), {
      emailAddress: "o'neil+x@exämple.org",
      acceptsMobileSync: true,
    })
    const outlook =
      '<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>'
    assert.equal(read(request('a@b.c', '', outlook)).acceptsMobileSync, false)
    assert.equal(read(`\ufeff${request(' a@b.c ')}`).emailAddress, 'a@b.c')
  })

  const hostile: readonly (readonly [name: string, text: string])[] = [
    ['nothing', ''],
    ['no XML', 'hello'],
    ['cut', request('a@b.c').slice(0, -20)],
    ['no address', request('')],
    ['an address without domain', request('alice')],
    ['two addresses', request('a@b.c d@e.f')],
    ['an address of 300 characters', request(`${'a'.repeat(300)}@b.c`)],
    ['a DOCTYPE', request('a@b.c', '<!DOCTYPE Autodiscover>')],
    ['an entity of its own', request('&x;', '<!DOCTYPE A [<!ENTITY x "a@b.c">]>')],
    ['a file', request('&x;', '<!DOCTYPE A [<!ENTITY x SYSTEM "file:///etc/passwd">]>')],
    ['a billion laughs', request('&b;', '<!DOCTYPE A [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>')],
    ['an undeclared entity', request('&nbsp;@b.c')],
    ['deep elements', request('a@b.c', '', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`)],
    ['an address elsewhere', '<Autodiscover><EMailAddress>a@b.c</EMailAddress></Autodiscover>'],
    ['markup inside the address', request('<b>a@b.c</b>')],
  ]
  for (const [name, text] of hostile)
    test(`${name}: request.malformed`, () =>
      assert.throws(() => read(text), { code: 'request.malformed' }))

  test('too large: limit.exceeded; not UTF-8: request.malformed', () => {
    assert.throws(() => read(request('a@b.c', '', ' '.repeat(limits.autodiscoverBytes.value))), {
      code: 'limit.exceeded',
    })
    assert.throws(() => readAutodiscover(Buffer.from(request('\xe4@b.c'), 'latin1')), {
      code: 'request.malformed',
    })
  })

  test('any bytes give a value or a coded failure', () => {
    const valid = Buffer.from(writeAutodiscoverRequest('alice@example.org'))
    const damaged = fc
      .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length))
      .map(([at, byte, end]) => {
        const bytes = Buffer.from(valid)
        bytes[at] = byte
        return end % 3 ? bytes : bytes.subarray(0, end)
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array()), (bytes) => {
        try {
          assert.ok(readAutodiscover(bytes).emailAddress)
        } catch (thrown) {
          assert.ok(
            thrown instanceof Failure && thrown.code === 'request.malformed',
            String(thrown),
          )
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('answers', () => {
  const envelope = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006'
  const inner = 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006'

  test('the server, in the two namespaces, escaped', () => {
    const text = writeAutodiscover({
      emailAddress: 'a&b@c.d',
      displayName: '<Ann>',
      url: 'https://mail.example.org/Microsoft-Server-ActiveSync?a=1&b="2"',
    })
    assert.ok(text.startsWith('<?xml version="1.0" encoding="utf-8"?>'))
    assert.ok(text.includes(`<Autodiscover xmlns="${envelope}"><Response xmlns="${inner}">`))
    assert.ok(
      text.includes(
        '<DisplayName>&lt;Ann&gt;</DisplayName><EMailAddress>a&amp;b@c.d</EMailAddress>',
      ),
    )
    assert.ok(
      text.includes(
        '<Server><Type>MobileSync</Type><Url>https://mail.example.org/Microsoft-Server-ActiveSync?a=1&amp;b=&quot;2&quot;</Url>',
      ),
    )
  })

  test('redirect and errors', () => {
    assert.match(
      writeAutodiscoverRedirect('a@b.c', 'd@e.f'),
      /<Action><Redirect>d@e\.f<\/Redirect><\/Action>/,
    )
    assert.match(
      writeAutodiscoverError(601, 'x < y\u0000'),
      /<ErrorCode>601<\/ErrorCode><Message>x &lt; y<\/Message>/,
    )
    assert.ok(
      writeAutodiscoverError(600, '').includes(
        `<Autodiscover xmlns="${envelope}"><Response><Error>`,
      ),
    )
  })

  test('v2 is JSON, the same for every address', () => {
    assert.deepEqual(JSON.parse(writeAutodiscoverV2('https://h/Microsoft-Server-ActiveSync')), {
      Protocol: 'ActiveSync',
      Url: 'https://h/Microsoft-Server-ActiveSync',
    })
    assert.equal(JSON.parse(writeAutodiscoverV2Error()).ErrorCode, 'InvalidProtocol')
  })
})
