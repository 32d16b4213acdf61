import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AirSync, FolderHierarchy } from '../wbxml/tokens.ts'
import { type Element, element, readWbxml, textOf } from '../wbxml/wbxml.ts'
import {
  readFolderChange,
  readFolderSync,
  writeFolderChange,
  writeFolderSync,
} from './folder-sync.ts'

const malformed = { code: 'request.malformed' }

describe('FolderSync', () => {
  test('the request is its key', () => {
    const request = (...content: readonly Element[]) =>
      element(FolderHierarchy.FolderSync, ...content)
    assert.deepEqual(readFolderSync(request(element(FolderHierarchy.SyncKey, '0'))), {
      syncKey: '0',
    })
    assert.throws(() => readFolderSync(request()), malformed)
    assert.throws(() => readFolderSync(request(element(AirSync.SyncKey, '0'))), malformed)
    assert.throws(() => readFolderSync(element(FolderHierarchy.FolderCreate)), malformed)
  })

  test('the answer counts its changes', () => {
    const folder = { serverId: 'f1', parentId: '0', displayName: 'Inbox', type: 2 }
    const fields = [
      element(FolderHierarchy.ServerId, 'f1'),
      element(FolderHierarchy.ParentId, '0'),
      element(FolderHierarchy.DisplayName, 'Inbox'),
      element(FolderHierarchy.Type, 2),
    ]
    const written = writeFolderSync({
      status: 1,
      syncKey: '5',
      add: [folder],
      update: [folder],
      delete: ['f2'],
    })
    assert.deepEqual(
      readWbxml(written),
      element(
        FolderHierarchy.FolderSync,
        element(FolderHierarchy.Status, 1),
        element(FolderHierarchy.SyncKey, '5'),
        element(
          FolderHierarchy.Changes,
          element(FolderHierarchy.Count, 3),
          element(FolderHierarchy.Update, fields),
          element(FolderHierarchy.Delete, element(FolderHierarchy.ServerId, 'f2')),
          element(FolderHierarchy.Add, fields),
        ),
      ),
    )
    assert.deepEqual(
      readWbxml(writeFolderSync({ status: 9 })),
      element(FolderHierarchy.FolderSync, element(FolderHierarchy.Status, 9)),
    )
  })

  test('changes of folders', () => {
    const create = element(
      FolderHierarchy.FolderCreate,
      element(FolderHierarchy.SyncKey, '5'),
      element(FolderHierarchy.ParentId, '0'),
      element(FolderHierarchy.DisplayName, 'New'),
      element(FolderHierarchy.Type, 12),
    )
    assert.deepEqual(readFolderChange(create), {
      command: 'FolderCreate',
      syncKey: '5',
      serverId: undefined,
      parentId: '0',
      displayName: 'New',
      type: 12,
    })
    for (const [command, tag] of [
      ['FolderDelete', FolderHierarchy.FolderDelete],
      ['FolderUpdate', FolderHierarchy.FolderUpdate],
    ] as const) {
      const request = element(
        tag,
        element(FolderHierarchy.SyncKey, '5'),
        element(FolderHierarchy.ServerId, 'f9'),
      )
      assert.equal(readFolderChange(request).command, command)
      assert.equal(readFolderChange(request).serverId, 'f9')
      assert.equal(readWbxml(writeFolderChange(command, { status: 3 })).tag, tag)
    }
    const made = readWbxml(
      writeFolderChange('FolderCreate', { status: 1, syncKey: '6', serverId: 'f9' }),
    )
    assert.equal(textOf(made, FolderHierarchy.ServerId), 'f9')
    assert.throws(() => readFolderChange(element(FolderHierarchy.FolderSync)), malformed)
  })
})
