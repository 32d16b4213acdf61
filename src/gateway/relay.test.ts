import assert from 'node:assert/strict'
import { it } from 'node:test'
import { responseHeaders } from './relay.ts'

it('an answer keeps its end-to-end headers and loses those of the connection', () => {
  const passed = responseHeaders({
    connection: 'close, X-Private',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    'x-private': '1',
    te: 'trailers',
    'content-type': 'application/vnd.ms-sync.wbxml',
    'content-length': '3',
    'ms-server-activesync': '14.1',
    'set-cookie': ['a=1', 'b=2'],
    'x-ms-rp': '14.1',
    missing: undefined,
  })
  assert.deepEqual(passed, {
    'content-type': 'application/vnd.ms-sync.wbxml',
    'content-length': '3',
    'ms-server-activesync': '14.1',
    'set-cookie': ['a=1', 'b=2'],
    'x-ms-rp': '14.1',
  })
})
