import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mail } from '../../../test/fake/mailbox-rig.ts'
import type { SyncCollection } from '../../wire/eas/sync.ts'
import type { EasVersion } from '../../wire/eas/version.ts'
import { type Content, type ContentItem, standardFolders } from '../content.ts'
import { answerCollection } from './sync-answer.ts'
import type { CollectionStep } from './sync-state.ts'
import { daysOfFilter, keptOptions } from './sync-state.ts'

const folders = standardFolders('po')
const [inbox, drafts] = folders
assert.ok(inbox && drafts)

const item = (id: number, folder = inbox.collection): ContentItem => ({
  item: id,
  folder,
  receivedAt: 0,
  read: true,
  flag: '',
  raw: async () => mail(`Subject ${id}`),
})

/** A mailbox of these items; what a decided step does not need is missing. */
const readerOf = (items: readonly ContentItem[], version: EasVersion = '14.1') => ({
  version,
  // Only these two are read by an answer.
  content: { folders, find: async (id: number) => items.find((one) => one.item === id) } as Content,
})

const sent: SyncCollection = {
  class: undefined,
  collectionId: inbox.collection,
  syncKey: 'k1',
  getChanges: true,
  deletesAsMoves: true,
  windowSize: undefined,
  options: [],
  commands: [],
}

type Told = Extract<CollectionStep, { kind: 'told' }>
const told = (more: Partial<Told>): Told => ({
  kind: 'told',
  syncKey: 'k2',
  changes: [],
  more: false,
  responses: [],
  fetches: [],
  options: {
    class: undefined,
    filterType: undefined,
    mimeSupport: undefined,
    mimeTruncation: undefined,
    truncation: undefined,
    conflict: undefined,
    bodyPreferences: [],
  },
  ...more,
})

describe('one collection of a Sync answer', () => {
  test('tells items with what is in them, and leaves out what vanished or moved meanwhile', async () => {
    const items = [item(1), item(3, drafts.collection)]
    const changes = ([1, 2, 3] as const).map((id) => ({
      kind: 'add' as const,
      item: id,
      version: 1,
    }))
    const answer = await answerCollection(readerOf(items), sent, inbox, told({ changes }))
    const ids = (answer.changes ?? []).map(({ serverId }) => serverId)
    assert.deepEqual([answer.syncKey, answer.status, ids], ['k2', 1, [`${inbox.collection}:1`]])
  })

  test('deletions need no item', async () => {
    const kinds = ['delete', 'softDelete'] as const
    const changes = kinds.map((kind, at) => ({ kind, item: at + 1, version: 0 }))
    const answer = await answerCollection(readerOf([]), sent, inbox, told({ changes }))
    assert.deepEqual(
      answer.changes?.map(({ kind }) => kind),
      kinds,
    )
  })

  test('a fetch of what is not there, not here or not ours is 8', async () => {
    const items = [item(1), item(3, drafts.collection)]
    const fetches = ['1', '2', '3'].map((id) => `${inbox.collection}:${id}`).concat('mail/9', '')
    const answer = await answerCollection(readerOf(items), sent, inbox, told({ fetches }))
    assert.deepEqual(
      answer.responses?.map((response) => ('status' in response ? response.status : undefined)),
      [1, 8, 8, 8, 8],
    )
  })

  test('a refusal begins anew with key 0 where the key was wrong, and keeps it otherwise', async () => {
    for (const [status, syncKey] of [
      [3, '0'],
      [4, 'k1'],
      [12, 'k1'],
    ] as const) {
      const step = { kind: 'refused', status } as const
      const answer = await answerCollection(readerOf([]), sent, undefined, step)
      assert.deepEqual([answer.status, answer.syncKey], [status, syncKey])
      assert.equal(answer.collectionId, inbox.collection)
    }
  })

  test('up to 12.1 the class is named', async () => {
    const step = { kind: 'quiet', syncKey: 'k1' } as const
    for (const [version, named] of [
      ['12.1', 'Email'],
      ['14.0', undefined],
    ] as const)
      assert.equal((await answerCollection(readerOf([], version), sent, inbox, step)).class, named)
  })
})

describe('what a client chose', () => {
  test('filter types of mail are days; any other is none', () => {
    assert.deepEqual([undefined, 0, 1, 2, 3, 4, 5].map(daysOfFilter), [0, 0, 1, 3, 7, 14, 30])
    for (const other of [6, 8, -1, 1.5]) assert.equal(daysOfFilter(other), undefined)
  })

  test('options are those that were kept', () => {
    assert.equal(keptOptions(undefined), undefined)
    const { options } = told({})
    const kept = { nonce: '', serial: 1, days: 0, since: 0, seen: 0, options: '' }
    assert.equal(keptOptions(kept), undefined)
    const read = keptOptions({ ...kept, options: JSON.stringify(options) })
    assert.deepEqual(read?.bodyPreferences, [])
  })
})
