import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AirSync, AirSyncBase, Email } from '../wbxml/tokens.ts'
import { type Element, element, find, readWbxml, textOf } from '../wbxml/wbxml.ts'
import { optionsFor, planSyncWait, readSync, type SyncAnswer, writeSync } from './sync.ts'

const collection = (...content: readonly Element[]) =>
  element(AirSync.Sync, element(AirSync.Collections, element(AirSync.Collection, ...content)))
const key = (text: string) => element(AirSync.SyncKey, text)
const id = element(AirSync.CollectionId, 'f1')
const only = (root: Element) => {
  const [first] = readSync(root).collections
  assert.ok(first)
  return first
}

describe('requests', () => {
  test('an empty body repeats the last request', () => {
    assert.deepEqual(readSync(undefined), {
      collections: [],
      wait: undefined,
      heartbeatSeconds: undefined,
      windowSize: undefined,
      partial: true,
    })
  })

  test('changes are wanted unless the key is 0, or as the client says', () => {
    assert.equal(only(collection(key('0'), id)).getChanges, false)
    assert.equal(only(collection(key('7'), id)).getChanges, true)
    assert.equal(only(collection(key('7'), id, element(AirSync.GetChanges, '0'))).getChanges, false)
    assert.equal(only(collection(key('0'), id, element(AirSync.GetChanges))).getChanges, true)
  })

  test('deletes are moves unless the client says 0', () => {
    const deletes = (...content: readonly Element[]) =>
      only(collection(key('7'), id, ...content)).deletesAsMoves
    assert.equal(deletes(), true)
    assert.equal(deletes(element(AirSync.DeletesAsMoves)), true)
    assert.equal(deletes(element(AirSync.DeletesAsMoves, '0')), false)
  })

  test('a window of 0 or more than 512 is one of 512', () => {
    for (const [sent, expected] of [
      ['0', 512],
      ['1', 1],
      ['512', 512],
      ['513', 512],
      ['4000000000', 512],
    ] as const)
      assert.equal(
        only(collection(key('7'), id, element(AirSync.WindowSize, sent))).windowSize,
        expected,
      )
    assert.equal(only(collection(key('7'), id)).windowSize, undefined)
    assert.equal(readSync(element(AirSync.Sync, element(AirSync.WindowSize, 9))).windowSize, 9)
  })

  test('options by class, with every body preference', () => {
    const preference = (type: number, size?: number) =>
      element(
        AirSyncBase.BodyPreference,
        element(AirSyncBase.Type, type),
        size !== undefined && element(AirSyncBase.TruncationSize, size),
        type === 4 && element(AirSyncBase.AllOrNone, 1),
      )
    const mail = element(
      AirSync.Options,
      element(AirSync.Class, 'Email'),
      element(AirSync.FilterType, 3),
      element(AirSync.MIMESupport, 2),
      element(AirSync.MIMETruncation, 8),
      element(AirSync.Conflict, 1),
      preference(1, 500),
      preference(4),
    )
    const sms = element(
      AirSync.Options,
      element(AirSync.Class, 'SMS'),
      element(AirSync.FilterType, 5),
    )
    const read = only(collection(key('7'), id, sms, mail))
    assert.deepEqual(optionsFor(read, 'Email'), {
      class: 'Email',
      filterType: 3,
      mimeSupport: 2,
      mimeTruncation: 8,
      truncation: undefined,
      conflict: 1,
      bodyPreferences: [
        { type: 1, truncationSize: 500, allOrNone: false },
        { type: 4, truncationSize: undefined, allOrNone: true },
      ],
    })
    assert.equal(optionsFor(read, 'SMS').filterType, 5)
    assert.equal(optionsFor(only(collection(key('7'), id, sms)), 'Email').filterType, undefined)
    const plain = element(AirSync.Options, element(AirSync.FilterType, 2))
    assert.equal(optionsFor(only(collection(key('7'), id, plain)), 'Email').filterType, 2)
  })

  test('every kind of command; unknown ones are left out', () => {
    const data = element(AirSync.ApplicationData, element(Email.Read, '1'))
    const flagged = element(AirSync.ApplicationData, element(Email.Flag))
    const item = (tag: number, ...more: readonly Element[]) =>
      element(tag, element(AirSync.ServerId, 'f1:7'), ...more)
    const commands = element(
      AirSync.Commands,
      element(AirSync.Add, element(AirSync.ClientId, 'c1'), data),
      item(AirSync.Change, data),
      item(AirSync.Change, flagged),
      item(AirSync.Delete),
      item(AirSync.Fetch),
      item(AirSync.SoftDelete),
    )
    assert.deepEqual(only(collection(key('7'), id, commands)).commands, [
      { kind: 'add', clientId: 'c1', class: undefined, data },
      { kind: 'change', serverId: 'f1:7', data, read: true },
      { kind: 'change', serverId: 'f1:7', data: flagged, read: undefined },
      { kind: 'delete', serverId: 'f1:7' },
      { kind: 'fetch', serverId: 'f1:7' },
    ])
  })

  test('broken ones are refused', () => {
    const broken: readonly Element[] = [
      element(AirSync.Collections),
      collection(id),
      collection(key(''), id),
      collection(key('7'), id, element(AirSync.WindowSize, 'many')),
      collection(key('7'), id, element(AirSync.Commands, element(AirSync.Delete))),
      collection(
        key('7'),
        id,
        element(AirSync.Commands, element(AirSync.Change, element(AirSync.ServerId, 'a'))),
      ),
      element(AirSync.Sync, element(AirSync.Wait, '-1')),
    ]
    for (const root of broken) assert.throws(() => readSync(root), { code: 'request.malformed' })
  })
})

describe('how long to hold', () => {
  const bounds = { minHeartbeatSeconds: 60, maxHeartbeatSeconds: 3540 }
  const plan = (...content: readonly Element[]) =>
    planSyncWait(readSync(element(AirSync.Sync, ...content)), bounds)
  const wait = (minutes: number) => element(AirSync.Wait, minutes)
  const heartbeat = (seconds: number) => element(AirSync.HeartbeatInterval, seconds)

  test('minutes or seconds within bounds, or not at all', () => {
    assert.deepEqual(plan(), { holdSeconds: 0 })
    assert.deepEqual(plan(wait(1)), { holdSeconds: 60 })
    assert.deepEqual(plan(wait(59)), { holdSeconds: 3540 })
    assert.deepEqual(plan(heartbeat(60)), { holdSeconds: 60 })
  })

  test('out of bounds: 14 with the nearest limit in its own unit; both at once: 4', () => {
    assert.deepEqual(plan(wait(60)), { answer: { status: 14, limit: 59 } })
    assert.deepEqual(plan(wait(0)), { answer: { status: 14, limit: 1 } })
    assert.deepEqual(plan(heartbeat(5)), { answer: { status: 14, limit: 60 } })
    assert.deepEqual(plan(heartbeat(4000)), { answer: { status: 14, limit: 3540 } })
    assert.deepEqual(plan(wait(5), heartbeat(300)), { answer: { status: 4 } })
  })
})

describe('answers', () => {
  const written = (answer: SyncAnswer, version: '12.1' | '14.1' = '14.1') =>
    readWbxml(writeSync(answer, version))

  test('a status for all, with its limit', () => {
    for (const status of [3, 4, 12, 13, 14, 142])
      assert.deepEqual(written({ status }), element(AirSync.Sync, element(AirSync.Status, status)))
    assert.deepEqual(
      written({ status: 14, limit: 59 }),
      element(AirSync.Sync, element(AirSync.Status, 14), element(AirSync.Limit, 59)),
    )
  })

  test('changes, responses, more to come', () => {
    const data = [element(Email.Subject, 'S')]
    const root = written({
      collections: [
        {
          collectionId: 'f1',
          class: 'Email',
          syncKey: '8',
          status: 1,
          moreAvailable: true,
          changes: [
            { kind: 'add', serverId: 'a', data },
            { kind: 'change', serverId: 'b', data },
            { kind: 'delete', serverId: 'c' },
            { kind: 'softDelete', serverId: 'd' },
          ],
          responses: [
            { kind: 'add', clientId: 'x', status: 6 },
            { kind: 'change', serverId: 'b', status: 8 },
            { kind: 'fetch', serverId: 'e', status: 1, data },
          ],
        },
      ],
    })
    const item = (tag: number, serverId: string, ...more: readonly Element[]) =>
      element(tag, element(AirSync.ServerId, serverId), ...more)
    const status = (value: number) => element(AirSync.Status, value)
    const applied = element(AirSync.ApplicationData, data)
    assert.deepEqual(
      root,
      collection(
        key('8'),
        id,
        status(1),
        element(AirSync.MoreAvailable),
        element(
          AirSync.Responses,
          element(AirSync.Add, element(AirSync.ClientId, 'x'), status(6)),
          item(AirSync.Change, 'b', status(8)),
          item(AirSync.Fetch, 'e', status(1), applied),
        ),
        element(
          AirSync.Commands,
          item(AirSync.Add, 'a', applied),
          item(AirSync.Change, 'b', applied),
          item(AirSync.Delete, 'c'),
          item(AirSync.SoftDelete, 'd'),
        ),
      ),
    )
  })

  test('the class is named up to 12.1', () => {
    const answer = {
      collections: [{ collectionId: 'f1', class: 'Email', syncKey: '8', status: 1 }],
    }
    const path = [AirSync.Collections, AirSync.Collection]
    assert.equal(textOf(written(answer, '12.1'), ...path, AirSync.Class), 'Email')
    assert.equal(find(written(answer, '14.1'), ...path, AirSync.Class), undefined)
  })
})
