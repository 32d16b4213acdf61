import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AirSync, GetItemEstimate } from '../wbxml/tokens.ts'
import { type Element, element, readWbxml } from '../wbxml/wbxml.ts'
import { readEstimate, writeEstimate } from './estimate.ts'

const malformed = { code: 'request.malformed' }

describe('GetItemEstimate', () => {
  const request = (...content: readonly Element[]) =>
    element(
      GetItemEstimate.GetItemEstimate,
      element(GetItemEstimate.Collections, element(GetItemEstimate.Collection, ...content)),
    )
  const id = element(GetItemEstimate.CollectionId, 'f1')

  test('both layouts of the request', () => {
    const options = element(
      AirSync.Options,
      element(AirSync.FilterType, 3),
      element(AirSync.Class, 'Email'),
    )
    const expected = [{ collectionId: 'f1', class: 'Email', syncKey: '7', filterType: 3 }]
    assert.deepEqual(readEstimate(request(element(AirSync.SyncKey, '7'), id, options)), expected)
    const old = request(
      element(GetItemEstimate.Class, 'Email'),
      id,
      element(AirSync.FilterType, 3),
      element(AirSync.SyncKey, '7'),
    )
    assert.deepEqual(readEstimate(old), expected)
    assert.throws(() => readEstimate(request(id)), malformed)
  })

  test('the answer', () => {
    assert.deepEqual(
      readWbxml(writeEstimate([{ collectionId: 'f1', status: 1, estimate: 12 }])),
      element(
        GetItemEstimate.GetItemEstimate,
        element(
          GetItemEstimate.Response,
          element(GetItemEstimate.Status, 1),
          element(GetItemEstimate.Collection, id, element(GetItemEstimate.Estimate, 12)),
        ),
      ),
    )
  })
})
