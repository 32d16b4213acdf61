import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from '../../base/limits.ts'
import { readRequestHead } from './request-head.ts'

// This also holds src/gateway/lane/field-names.ts: names are read in any case.

const isOurs = (url: string) => url.startsWith('/eas')
const read = (text: string) => readRequestHead(Buffer.from(text, 'latin1'), isOurs)
const head = (more: string, line = 'POST /eas?Cmd=Sync HTTP/1.1', length = 'Content-Length: 3') =>
  `${line}\r\nHost: x\r\n${more}${length}\r\n\r\n`

describe('head of a request on the lane', () => {
  it('is read when it is plain', () => {
    const text = head('X-MS-PolicyKey:17\r\nUser-Agent: Apple-iPhone14C2/2106.79 (a; b)\r\n')
    assert.deepEqual(read(`${text}abcPOST`), {
      url: '/eas?Cmd=Sync',
      headers: {
        host: 'x',
        'x-ms-policykey': '17',
        'user-agent': 'Apple-iPhone14C2/2106.79 (a; b)',
        'content-length': '3',
      },
      bodyBytes: 3,
      headBytes: text.length,
    })
  })

  it('is waited for while it may become one, and no longer', () => {
    const text = head('')
    for (let end = 1; end < text.length; end++) assert.equal(read(text.slice(0, end)), 'more')
    for (const other of ['G', 'PUT /eas', 'POST  /eas', '\r\nPOST', '\x16\x03\x01'])
      assert.equal(read(other), 'odd', other)
    assert.equal(read(`POST /eas${'a'.repeat(limits.laneHeadBytes.value)}`), 'odd')
    assert.equal(read(head(`X-A: ${'a'.repeat(limits.laneHeadBytes.value)}\r\n`)), 'odd')
  })

  it('is odd when anything about it is', () => {
    const most = limits.laneBodyBytes.value
    for (const odd of [
      head('', 'POST /other HTTP/1.1'),
      head('', 'POST /eas HTTP/1.0'),
      head('', 'POST /eas  HTTP/1.1'),
      head('', 'POST http://x/eas HTTP/1.1'),
      head('', 'POST /eas#a HTTP/1.1'),
      head('', 'POST /eas\xe9 HTTP/1.1'),
      head('').replace('Host: x\r\n', ''),
      head('').replaceAll('\r\n', '\n'),
      head('', undefined, 'Content-Length: +3'),
      head('', undefined, 'Content-Length: 3, 3'),
      head('', undefined, 'Content-Length: 3\r\nContent-Length: 3'),
      head('', undefined, `Content-Length: ${most + 1}`),
      head('', undefined, 'X-A: b'),
      ...[
        'Transfer-Encoding: chunked',
        'Expect: 100-continue',
        'Upgrade: h2c',
        'Connection: close',
        'TE: trailers',
        'Cookie: a=1\r\nCookie: b=2',
        'X-A: b\r\n c',
        'X-A:\tb',
        'X-A:  b',
        'X-A: b ',
        'X-A:',
        'X-A : b',
        'X_A: b',
        ': b',
        'X-A: \0',
        'X-A: \xe9',
        'X-A: b\rc',
        'constructor: b',
      ].map((field) => head(`${field}\r\n`)),
    ])
      assert.equal(read(odd), 'odd', JSON.stringify(odd))
  })
})
