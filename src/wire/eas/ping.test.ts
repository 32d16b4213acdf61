import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AirSync, Ping } from '../wbxml/tokens.ts'
import { type Element, element, readWbxml } from '../wbxml/wbxml.ts'
import { planPing, readPing, writePing } from './ping.ts'

const malformed = { code: 'request.malformed' }

describe('Ping', () => {
  const bounds = { minHeartbeatSeconds: 60, maxHeartbeatSeconds: 3540, maxFolders: 2 }
  const folder = (id: string) =>
    element(Ping.Folder, element(Ping.Id, id), element(Ping.Class, 'Email'))
  const request = (heartbeat: number | undefined, ...ids: readonly string[]) =>
    element(
      Ping.Ping,
      heartbeat !== undefined && element(Ping.HeartbeatInterval, heartbeat),
      ids.length > 0 && element(Ping.Folders, ids.map(folder)),
    )
  const watched = (...ids: readonly string[]) => ids.map((id) => ({ id, class: 'Email' }))

  test('what is not sent is filled up from the kept parameters', () => {
    const kept = { heartbeatSeconds: 480, folders: watched('f1') }
    assert.deepEqual(planPing(readPing(undefined), kept, bounds), { hold: kept })
    assert.deepEqual(planPing(readPing(request(600)), kept, bounds), {
      hold: { heartbeatSeconds: 600, folders: watched('f1') },
    })
    assert.deepEqual(planPing(readPing(request(undefined, 'f2')), kept, bounds), {
      hold: { heartbeatSeconds: 480, folders: watched('f2') },
    })
  })

  test('each reason to answer at once', () => {
    const plan = (root: Element | undefined) => planPing(readPing(root), undefined, bounds)
    assert.deepEqual(plan(undefined), { answer: { status: 3 } })
    assert.deepEqual(plan(request(600)), { answer: { status: 3 } })
    assert.deepEqual(plan(request(undefined, 'f1')), { answer: { status: 3 } })
    assert.deepEqual(
      plan(element(Ping.Ping, element(Ping.HeartbeatInterval, 600), element(Ping.Folders))),
      {
        answer: { status: 3 },
      },
    )
    assert.deepEqual(plan(request(5, 'f1')), { answer: { status: 5, heartbeatSeconds: 60 } })
    assert.deepEqual(plan(request(4000, 'f1')), { answer: { status: 5, heartbeatSeconds: 3540 } })
    assert.deepEqual(plan(request(600, 'f1', 'f2', 'f3')), { answer: { status: 6, maxFolders: 2 } })
  })

  test('broken ones are refused', () => {
    assert.throws(() => readPing(element(AirSync.Sync)), malformed)
    assert.throws(
      () => readPing(element(Ping.Ping, element(Ping.HeartbeatInterval, 'soon'))),
      malformed,
    )
    assert.throws(() => readPing(request(600, '')), malformed)
    assert.throws(() => readPing(request(600, 'x'.repeat(65))), malformed)
  })

  test('answers: status, folders, then the limit', () => {
    assert.deepEqual(
      readWbxml(writePing({ status: 2, folders: ['f1', 'f2'] })),
      element(
        Ping.Ping,
        element(Ping.Status, 2),
        element(Ping.Folders, element(Ping.Folder, 'f1'), element(Ping.Folder, 'f2')),
      ),
    )
    assert.deepEqual(
      readWbxml(writePing({ status: 5, heartbeatSeconds: 60 })),
      element(Ping.Ping, element(Ping.Status, 5), element(Ping.HeartbeatInterval, 60)),
    )
    assert.deepEqual(
      readWbxml(writePing({ status: 6, maxFolders: 200 })),
      element(Ping.Ping, element(Ping.Status, 6), element(Ping.MaxFolders, 200)),
    )
    assert.deepEqual(
      readWbxml(writePing({ status: 7 })),
      element(Ping.Ping, element(Ping.Status, 7)),
    )
  })
})
