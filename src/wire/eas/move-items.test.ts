import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Move } from '../wbxml/tokens.ts'
import { element, readWbxml } from '../wbxml/wbxml.ts'
import { readMoveItems, writeMoveItems } from './move-items.ts'

const malformed = { code: 'request.malformed' }

describe('MoveItems', () => {
  test('request and answer', () => {
    const move = element(
      Move.Move,
      element(Move.SrcMsgId, 'f1:7'),
      element(Move.SrcFldId, 'f1'),
      element(Move.DstFldId, 'f4'),
    )
    assert.deepEqual(readMoveItems(element(Move.MoveItems, move)), [
      { itemId: 'f1:7', fromFolder: 'f1', toFolder: 'f4' },
    ])
    assert.throws(() => readMoveItems(element(Move.MoveItems, element(Move.Move))), malformed)
    assert.deepEqual(
      readWbxml(writeMoveItems([{ itemId: 'f1:7', status: 3, movedId: 'f4:1' }])),
      element(
        Move.MoveItems,
        element(
          Move.Response,
          element(Move.SrcMsgId, 'f1:7'),
          element(Move.Status, 3),
          element(Move.DstMsgId, 'f4:1'),
        ),
      ),
    )
  })
})
