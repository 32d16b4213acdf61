import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { compareKey, newNonce, readSyncKey, type SyncKey, writeSyncKey } from './keys.ts'

const anyKey: fc.Arbitrary<SyncKey> = fc.record({
  source: fc.constantFrom('own', 'quarantine'),
  nonce: fc.stringMatching(/^[a-z0-9]{16}$/),
  serial: fc.integer({ min: 1, max: 999_999_999_999 }),
})

describe('sync keys', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        assert.deepEqual(readSyncKey(writeSyncKey(key)), { ...key })
        assert.ok(writeSyncKey(key).length <= 64)
      }),
    )
  })

  test('keys of other servers are not ours', () => {
    const foreign = [
      '0',
      '1',
      '-1',
      '1696489200',
      '{0a1b2c3d-0000-4000-8000-0123456789ab}7',
      'po1.',
      'po1.aaaaaaaaaaaaaaaa.0',
      'po1.aaaaaaaaaaaaaaaa.-1',
      'po2.aaaaaaaaaaaaaaaa.1',
      'px1.aaaaaaaaaaaaaaaa.1',
      'PO1.aaaaaaaaaaaaaaaa.1',
      'po1.aaaaaaaaaaaaaaaa.1\n',
      ' po1.aaaaaaaaaaaaaaaa.1',
      'po1.aaaaaaaaaaaaaaaa.1e5',
      `po1.aaaaaaaaaaaaaaaa.${'9'.repeat(60)}`,
    ]
    for (const text of foreign) assert.equal(readSyncKey(text), undefined, text)
    fc.assert(fc.property(fc.string(), (text) => readSyncKey(text) === undefined))
  })

  test('only the last two keys of one start fit, and of one mailbox', () => {
    const kept: SyncKey = { source: 'own', nonce: newNonce(), serial: 7 }
    const at = (change: Partial<SyncKey>) => compareKey(writeSyncKey({ ...kept, ...change }), kept)
    assert.equal(at({}), 'current')
    assert.equal(at({ serial: 6 }), 'previous')
    assert.equal(at({ serial: 5 }), 'unknown')
    assert.equal(at({ serial: 8 }), 'unknown')
    assert.equal(at({ nonce: newNonce() }), 'unknown')
    assert.equal(at({ source: 'quarantine' }), 'unknown')
    assert.equal(compareKey(writeSyncKey(kept), undefined), 'unknown')
    assert.equal(compareKey('0', kept), 'unknown')
  })

  test('nonces do not repeat', () => {
    const nonces = new Set(Array.from({ length: 1000 }, newNonce))
    assert.equal(nonces.size, 1000)
  })
})
