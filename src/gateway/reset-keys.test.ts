import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EasRequest } from '../wire/eas/request.ts'
import { AirSync, FolderHierarchy, GetItemEstimate } from '../wire/wbxml/tokens.ts'
import { element, skimTexts, writeWbxml } from '../wire/wbxml/wbxml.ts'
import { resetAnswer } from './reset-keys.ts'

const request = (command: EasRequest['command']): EasRequest => ({
  command,
  version: '14.1',
  deviceId: 'D',
  deviceType: 'T',
  policyKey: 0,
  policyKeySent: false,
  user: undefined,
  saveInSent: false,
  acceptMultiPart: false,
  form: 'plain',
})

const answer = (command: EasRequest['command'], body: Uint8Array) =>
  resetAnswer(request(command), body).body ?? new Uint8Array()

describe('keys of ours at the end of quarantine', () => {
  it('FolderSync and its changes are told 9', () => {
    for (const command of ['FolderSync', 'FolderCreate', 'FolderDelete', 'FolderUpdate'] as const)
      assert.deepEqual(skimTexts(answer(command, new Uint8Array()), FolderHierarchy.Status), ['9'])
  })

  it('every collection of a Sync starts again, also those of the upstream', () => {
    const collection = (key: string, id: string) =>
      element(AirSync.Collection, element(AirSync.SyncKey, key), element(AirSync.CollectionId, id))
    const body = element(
      AirSync.Sync,
      element(AirSync.Collections, collection('q1', 'a'), collection('s7', 'b')),
    )
    const told = answer('Sync', writeWbxml(body))
    assert.deepEqual(skimTexts(told, AirSync.CollectionId), ['a', 'b'])
    assert.deepEqual(skimTexts(told, AirSync.SyncKey), ['0', '0'])
    assert.deepEqual(skimTexts(told, AirSync.Status), ['3', '3'])
  })

  it('GetItemEstimate is told 4 for its collection', () => {
    const collection = element(
      GetItemEstimate.Collection,
      element(AirSync.SyncKey, 'q1'),
      element(GetItemEstimate.CollectionId, 'a'),
    )
    const body = element(
      GetItemEstimate.GetItemEstimate,
      element(GetItemEstimate.Collections, collection),
    )
    const told = answer('GetItemEstimate', writeWbxml(body))
    assert.deepEqual(skimTexts(told, GetItemEstimate.Status), ['4'])
    assert.deepEqual(skimTexts(told, GetItemEstimate.CollectionId), ['a'])
  })
})
