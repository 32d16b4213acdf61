import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AirSync, AirSyncBase, ItemOperations, Search } from '../wbxml/tokens.ts'
import { type Element, element, readWbxml } from '../wbxml/wbxml.ts'
import { attachmentProperties, readItemOperations, writeItemOperations } from './item-operations.ts'

const malformed = { code: 'request.malformed' }

describe('ItemOperations', () => {
  const request = (...content: readonly Element[]) =>
    element(ItemOperations.ItemOperations, ...content)

  test('a mail, an attachment, a folder to empty, a conversation to move', () => {
    const options = element(
      ItemOperations.Options,
      element(AirSync.MIMESupport, 2),
      element(AirSyncBase.BodyPreference, element(AirSyncBase.Type, 4)),
      element(ItemOperations.Range, '0-99'),
    )
    const mail = element(
      ItemOperations.Fetch,
      element(ItemOperations.Store, 'Mailbox'),
      element(AirSync.CollectionId, 'f1'),
      element(AirSync.ServerId, 'f1:7'),
      options,
    )
    const attachment = element(ItemOperations.Fetch, element(AirSyncBase.FileReference, 'f1:7:0'))
    const empty = element(ItemOperations.EmptyFolderContents, element(AirSync.CollectionId, 'f4'))
    const move = element(
      ItemOperations.Move,
      element(ItemOperations.ConversationId, Uint8Array.of(1, 2)),
      element(ItemOperations.DstFldId, 'f4'),
    )
    const noWish = {
      bodyPreferences: [],
      mimeSupport: undefined,
      truncation: undefined,
      mimeTruncation: undefined,
    }
    assert.deepEqual(readItemOperations(request(mail, attachment, empty, move)), [
      {
        kind: 'fetch',
        store: 'Mailbox',
        collectionId: 'f1',
        serverId: 'f1:7',
        longId: undefined,
        fileReference: undefined,
        range: { first: 0, last: 99 },
        wish: {
          ...noWish,
          mimeSupport: 2,
          bodyPreferences: [{ type: 4, truncationSize: undefined, allOrNone: false }],
        },
      },
      {
        kind: 'fetch',
        store: 'Mailbox',
        collectionId: undefined,
        serverId: undefined,
        longId: undefined,
        fileReference: 'f1:7:0',
        range: undefined,
        wish: noWish,
      },
      { kind: 'emptyFolder', collectionId: 'f4', deleteSubFolders: false },
      { kind: 'move', conversationId: Uint8Array.of(1, 2), folderId: 'f4' },
    ])
  })

  test('a range that is none is refused', () => {
    for (const range of ['9-1', 'x', '-5', '1-2-3'])
      assert.throws(
        () =>
          readItemOperations(
            request(
              element(
                ItemOperations.Fetch,
                element(ItemOperations.Options, element(ItemOperations.Range, range)),
              ),
            ),
          ),
        malformed,
      )
  })

  test('answers', () => {
    const status = (value: number) => element(ItemOperations.Status, value)
    assert.deepEqual(readWbxml(writeItemOperations(2, [])), request(status(2)))
    const root = readWbxml(
      writeItemOperations(1, [
        {
          kind: 'fetch',
          status: 1,
          fileReference: 'f1:7:0',
          properties: attachmentProperties('image/png', Uint8Array.of(1, 2, 3), {
            first: 0,
            last: 2,
            total: 9,
          }),
        },
        {
          kind: 'fetch',
          status: 6,
          collectionId: 'f1',
          serverId: 'f1:7',
          longId: 'l',
          class: 'Email',
        },
        { kind: 'emptyFolder', status: 1, collectionId: 'f4' },
        { kind: 'move', status: 6, conversationId: Uint8Array.of(9) },
      ]),
    )
    assert.deepEqual(
      root,
      request(
        status(1),
        element(
          ItemOperations.Response,
          element(
            ItemOperations.Fetch,
            status(1),
            element(AirSyncBase.FileReference, 'f1:7:0'),
            element(
              ItemOperations.Properties,
              element(ItemOperations.Range, '0-2'),
              element(ItemOperations.Total, 9),
              element(AirSyncBase.ContentType, 'image/png'),
              element(ItemOperations.Data, 'AQID'),
            ),
          ),
          element(
            ItemOperations.Fetch,
            status(6),
            element(AirSync.CollectionId, 'f1'),
            element(AirSync.ServerId, 'f1:7'),
            element(Search.LongId, 'l'),
            element(AirSync.Class, 'Email'),
          ),
          element(
            ItemOperations.EmptyFolderContents,
            status(1),
            element(AirSync.CollectionId, 'f4'),
          ),
          element(
            ItemOperations.Move,
            status(6),
            element(ItemOperations.ConversationId, Uint8Array.of(9)),
          ),
        ),
      ),
    )
  })
})
