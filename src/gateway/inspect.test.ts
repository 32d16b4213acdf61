import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { deviceInformation, provisionBody, syncBody } from '../../test/fake/phone.ts'
import { Failure } from '../base/failures.ts'
import { writeFolderSync } from '../wire/eas/folder-sync.ts'
import { writeSync } from '../wire/eas/sync.ts'
import { AirSync, FolderHierarchy, Settings } from '../wire/wbxml/tokens.ts'
import { element, writeWbxml } from '../wire/wbxml/wbxml.ts'
import { inboxOf, informationOf, inspect, tellsSuccess } from './inspect.ts'

describe('inspect', () => {
  it('finds keys, collections and waits of a Sync', () => {
    const body = writeWbxml(syncBody('k1', 'in', [element(AirSync.Wait, 5)]))
    const seen = inspect(body)
    assert.deepEqual(seen.syncKeys, ['k1'])
    assert.deepEqual(seen.collections, ['in'])
    assert.ok(seen.waits && !seen.changes && !seen.deviceInformation)
    assert.equal(seen.root, AirSync.Sync)
  })

  it('finds a key wherever it hides', () => {
    const hidden = element(AirSync.Sync, element(AirSync.Options, element(AirSync.SyncKey, 'q1')))
    assert.deepEqual(inspect(writeWbxml(hidden)).syncKeys, ['q1'])
    const folder = element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, 'q2'))
    assert.deepEqual(inspect(writeWbxml(folder)).syncKeys, ['q2'])
  })

  it('knows a Sync with client changes', () => {
    const change = element(
      AirSync.Commands,
      element(AirSync.Delete, element(AirSync.ServerId, 'x')),
    )
    const collection = element(AirSync.Collection, element(AirSync.SyncKey, '1'), change)
    const body = element(AirSync.Sync, element(AirSync.Collections, collection))
    assert.ok(inspect(writeWbxml(body)).changes)
  })

  it('knows DeviceInformation in Settings and Provision', () => {
    const settings = writeWbxml(element(Settings.Settings, deviceInformation('iPhone15C4')))
    assert.ok(inspect(settings).deviceInformation)
    assert.equal(informationOf(settings)?.model, 'iPhone15C4')
    assert.ok(inspect(writeWbxml(provisionBody('14.1'))).deviceInformation)
    assert.ok(!inspect(writeWbxml(provisionBody('14.0'))).deviceInformation)
  })

  it('sees any bytes or throws a coded failure', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          inspect(bytes)
        } catch (thrown) {
          assert.ok(thrown instanceof Failure && thrown.code !== 'internal')
        }
      }),
    )
  })
})

describe('what an answer of the upstream tells', () => {
  it('the Inbox is the folder of type 2', () => {
    const folder = (serverId: string, type: number) => ({
      serverId,
      type,
      parentId: '0',
      displayName: 'x',
    })
    const add = [folder('a', 5), folder('b', 2), folder('c', 12)]
    assert.equal(inboxOf(writeFolderSync({ status: 1, syncKey: '1', add })), 'b')
    assert.equal(inboxOf(writeFolderSync({ status: 1, syncKey: '1' })), undefined)
  })

  it('a Sync succeeded unless a status says otherwise', () => {
    const collection = (status: number) => ({ collectionId: 'in', syncKey: '2', status })
    assert.ok(tellsSuccess(writeSync({ collections: [collection(1)] }, '14.1')))
    assert.ok(!tellsSuccess(writeSync({ collections: [collection(3)] }, '14.1')))
    assert.ok(!tellsSuccess(writeSync({ collections: [collection(12)] }, '12.1')))
    assert.ok(!tellsSuccess(writeSync({ status: 13 }, '14.1')))
    assert.ok(tellsSuccess(undefined), 'nothing new')
    assert.ok(tellsSuccess(Buffer.from([0x1f, 0x8b, 0x08])), 'packed')
  })
})
