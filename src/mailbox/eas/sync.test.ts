import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { day } from '../../base/clock.ts'
import {
  addCommand,
  deleteCommand,
  fetchCommand,
  flagCommand,
  readCommand,
} from '../../phone/documents.ts'
import { mail, type MailboxRig, openMailboxRig, settled } from '../../../test/fake/mailbox-rig.ts'
import { AirSync } from '../../wire/wbxml/tokens.ts'
import { element } from '../../wire/wbxml/wbxml.ts'

// Sync of the built-in mailbox, one rule of the protocol after the other (MS-ASCMD 2.2.1.21).

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

async function started(subjects: readonly string[]) {
  const user = rig.person()
  const deliver = (raw: Uint8Array) => rig.mailbox.deliver(user.id, raw)
  for (const subject of subjects) {
    await deliver(mail(subject))
    rig.clock.advance(1000)
  }
  const opened = rig.own({ user })
  await opened.client.folderSync()
  return { ...opened, user, deliver }
}

const subjectsOf = (mails: ReadonlyMap<string, { subject: string }>) =>
  [...mails.values()].map((one) => one.subject)

describe('sync: adds', () => {
  test('newest first, window by window, then nothing', async () => {
    const { client } = await started(['one', 'two', 'three', 'four', 'five'])
    assert.deepEqual((await client.sync()).collection?.changes, [])
    const first = await client.sync(client.inbox, { windowSize: 2 })
    assert.equal(first.collection?.more, true)
    assert.deepEqual(subjectsOf(client.mails()), ['five', 'four'])
    const second = await client.sync(client.inbox, { windowSize: 2 })
    assert.equal(second.collection?.more, true)
    const third = await client.sync(client.inbox, { windowSize: 2 })
    assert.equal(third.collection?.more, false)
    assert.deepEqual(subjectsOf(client.mails()), ['five', 'four', 'three', 'two', 'one'])
    assert.equal((await client.sync()).empty, true)
  })

  test('a window that ends with the last item says so', async () => {
    const { client } = await started(['one', 'two'])
    await client.sync()
    assert.equal((await client.sync(client.inbox, { windowSize: 2 })).collection?.more, false)
    assert.equal((await client.sync()).empty, true)
  })

  test('a filter shows what is young, and takes away what ages', async () => {
    const { client, deliver } = await started(['old'])
    rig.clock.advance(2 * day)
    await deliver(mail('young'))
    await client.syncAll(client.inbox, { filterType: 1 })
    assert.deepEqual(subjectsOf(client.mails()), ['young'])
    assert.equal((await client.sync(client.inbox, { filterType: 1 })).empty, true)
    rig.clock.advance(day + 1)
    const aged = await client.sync(client.inbox, { filterType: 1 })
    assert.deepEqual(
      aged.collection?.changes.map((change) => change.kind),
      ['softDelete'],
    )
    assert.equal(client.mails().size, 0)
    await client.syncAll(client.inbox, { filterType: 0 })
    assert.deepEqual(subjectsOf(client.mails()), ['young', 'old'])
  })

  test('options hold until others are sent', async () => {
    const { client } = await started(['one'])
    rig.clock.advance(5 * day)
    await client.sync(client.inbox, { filterType: 2 })
    assert.equal((await client.sync()).empty, true)
    assert.deepEqual(client.mails().size, 0)
  })

  test('a filter that is none for mail is a protocol error', async () => {
    const { client } = await started(['one'])
    await client.sync()
    for (const filterType of [6, 7, 8]) {
      const seen = await client.sync(client.inbox, { filterType })
      assert.equal(seen.collection?.status, 4)
    }
    assert.equal((await client.sync()).collection?.changes.length, 1)
  })

  test('GetChanges 0 tells nothing, and loses nothing', async () => {
    const { client } = await started(['one'])
    await client.sync()
    assert.equal((await client.sync(client.inbox, { getChanges: false })).empty, true)
    assert.equal((await client.sync()).collection?.changes.length, 1)
  })

  test('the whole answer has a window too', async () => {
    const { client, deliver, user } = await started(['one', 'two'])
    await client.sync()
    await client.syncAll(client.folder(5))
    const out = mail('three', 'out', [`Cc: ${user.mail}`])
    assert.equal((await client.sendMail(out, { saveInSent: true })).body.length, 0)
    await deliver(mail('four'))
    const collections = [client.inbox, client.folder(5)].map((collectionId) =>
      element(
        AirSync.Collection,
        element(AirSync.SyncKey, client.boxes.get(collectionId)?.key),
        element(AirSync.CollectionId, collectionId),
      ),
    )
    const document = element(
      AirSync.Sync,
      element(AirSync.Collections, collections),
      element(AirSync.WindowSize, 2),
    )
    const seen = await client.syncRaw(document)
    assert.equal(
      seen.collections.reduce((sum, one) => sum + one.changes.length, 0),
      2,
    )
    await client.syncAll()
    await client.syncAll(client.folder(5))
    assert.deepEqual(subjectsOf(client.mails()).sort(), ['four', 'one', 'three', 'two'])
    assert.equal(client.mails(client.folder(5)).size, 1)
  })
})

describe('sync: changes', () => {
  test('a read flag travels to the other device and does not come back', async () => {
    const { client, user } = await started(['one'])
    await client.syncAll()
    const other = rig.own({ user }).client
    await other.folderSync()
    await other.syncAll()
    const [id = ''] = client.mails().keys()
    const set = await client.setRead(id, true)
    assert.equal(set.collection?.status, 1)
    assert.deepEqual(set.collection?.changes, [])
    assert.deepEqual(set.collection?.responses, [])
    assert.equal((await client.sync()).empty, true)
    const told = await other.sync()
    assert.deepEqual(
      told.collection?.changes.map((change) => change.kind),
      ['change'],
    )
    assert.equal(other.mails().get(id)?.read, true)
  })

  test('a follow-up flag is kept with its parts, and cleared', async () => {
    const { client, user } = await started(['one'])
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    await client.sync(client.inbox, { commands: [flagCommand(id, 2)] })
    const other = rig.own({ user }).client
    await other.folderSync()
    await other.syncAll()
    assert.equal(other.mails().get(id)?.flag, '2')
    await other.sync(other.inbox, { commands: [flagCommand(id, undefined)] })
    await client.sync()
    assert.equal(client.mails().get(id)?.flag, '')
  })

  test('a delete moves to the deleted items, or is for good', async () => {
    const { client } = await started(['one', 'two'])
    await client.syncAll()
    const [two = '', one = ''] = client.mails().keys()
    await client.delete(two)
    await client.delete(one, { forGood: true })
    await client.syncAll(client.folder(4))
    assert.deepEqual(subjectsOf(client.mails(client.folder(4))), ['two'])
    const [deleted = ''] = client.mails(client.folder(4)).keys()
    await client.delete(deleted, { collectionId: client.folder(4) })
    assert.equal((await client.sync(client.folder(4))).empty, true)
    assert.equal((await client.sync()).empty, true)
    assert.equal(client.mails().size, 0)
  })

  test('what cannot be done has a status per item, and the rest is done', async () => {
    const { client } = await started(['one'])
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    const seen = await client.sync(client.inbox, {
      commands: [
        readCommand('po-inbox:999', true),
        readCommand('nonsense', true),
        readCommand(id.replace('inbox', 'sent'), true),
        addCommand('new-1', 'a draft'),
        deleteCommand('po-inbox:998'),
        fetchCommand(id),
        fetchCommand('po-inbox:997'),
        readCommand(id, true),
      ],
    })
    assert.equal(seen.collection?.status, 1)
    const statuses = seen.collection?.responses.map(({ kind, id: of, status }) => [
      kind,
      of,
      status,
    ])
    assert.deepEqual(statuses, [
      [AirSync.Change, 'po-inbox:999', 8],
      [AirSync.Change, 'nonsense', 8],
      [AirSync.Change, id.replace('inbox', 'sent'), 8],
      [AirSync.Add, 'new-1', 6],
      [AirSync.Fetch, id, 1],
      [AirSync.Fetch, 'po-inbox:997', 8],
    ])
    assert.equal(seen.collection?.responses[4]?.mail?.subject, 'one')
    assert.equal((await client.sync()).empty, true)
  })

  test('more than 200 commands are refused whole', async () => {
    const { client } = await started(['one'])
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    const commands = Array.from({ length: 201 }, () => readCommand(id, true))
    assert.equal((await client.sync(client.inbox, { commands })).status, 4)
    assert.equal((await client.sync()).empty, true)
  })
})

describe('sync: keys', () => {
  test('an unknown key is Status 3, whoever made it', async () => {
    const { client, user } = await started(['one'])
    await client.sync()
    const other = rig.own({ user }).client
    await other.folderSync()
    await other.syncAll()
    const quarantined = rig.quarantine({}).client
    await quarantined.folderSync()
    await quarantined.syncAll()
    const keys = [
      other.boxes.get(other.inbox)?.key,
      quarantined.boxes.get(quarantined.inbox)?.key,
      '17',
      '{0a1b2c3d-0000-4000-8000-0123456789ab}7',
      'po1.aaaaaaaaaaaaaaaa.1',
    ]
    for (const syncKey of keys) {
      const kept = client.boxes.get(client.inbox)?.key
      const seen = await client.sync(client.inbox, { syncKey: syncKey ?? '' })
      assert.equal(seen.collection?.status, 3, syncKey)
      assert.equal(seen.collection?.syncKey, '0')
      client.boxes.set(client.inbox, { key: kept ?? '', mails: new Map() })
    }
    assert.equal((await client.sync()).collection?.changes.length, 1)
  })

  test('a key fits its own collection only', async () => {
    const { client } = await started(['one'])
    await client.sync()
    await client.sync(client.folder(5))
    const syncKey = client.boxes.get(client.inbox)?.key ?? ''
    assert.equal((await client.sync(client.folder(5), { syncKey })).collection?.status, 3)
  })

  test('a collection that is not here: 12 with key 0, 3 with a foreign key', async () => {
    const { client } = await started([])
    assert.equal((await client.sync('7', { syncKey: '0' })).status, 12)
    assert.equal((await client.sync('7', { syncKey: '42' })).collection?.status, 3)
  })

  test('key 0 begins again', async () => {
    const { client } = await started(['one', 'two'])
    await client.syncAll()
    const old = client.boxes.get(client.inbox)?.key ?? ''
    client.boxes.clear()
    await client.syncAll()
    assert.equal(client.mails().size, 2)
    assert.equal((await client.sync(client.inbox, { syncKey: old })).collection?.status, 3)
  })

  test('a repeated key gets the same answer again', async () => {
    const { client, deliver } = await started(['one', 'two', 'three'])
    await client.sync()
    const syncKey = client.boxes.get(client.inbox)?.key ?? ''
    const first = await client.sync(client.inbox, { syncKey, windowSize: 2 })
    await deliver(mail('four'))
    const again = await client.sync(client.inbox, { syncKey, windowSize: 2 })
    assert.deepEqual(again, first)
    await client.syncAll()
    assert.deepEqual(subjectsOf(client.mails()).sort(), ['four', 'one', 'three', 'two'])
  })

  test('state survives a restart', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises')
    const { tmpdir } = await import('node:os')
    const folder = await mkdtemp(`${tmpdir()}/postern-mailbox-`)
    try {
      const url = `${folder}/store.db`
      const first = await openMailboxRig({ url })
      const people = [first.alice, first.bob]
      await first.mailbox.deliver(first.alice.id, mail('one'))
      const { client, partnership } = first.own({})
      await client.folderSync()
      await client.syncAll()
      await first.stop()
      const second = await openMailboxRig({ url, users: people })
      await second.mailbox.deliver(second.alice.id, mail('two'))
      const again = second.own({ partnership }).client
      again.folderKey = client.folderKey
      for (const [id, box] of client.boxes) again.boxes.set(id, box)
      assert.equal((await again.folderSync()).status, 1)
      const seen = await again.sync('po-inbox')
      assert.deepEqual(
        seen.collection?.changes.map((change) => change.kind),
        ['add'],
      )
      assert.equal(again.mails('po-inbox').size, 2)
      await second.stop()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('sync: empty, partial and held', () => {
  test('an empty request is the last one again; without one it is 13', async () => {
    const { client, deliver } = await started(['one'])
    assert.equal((await client.syncRaw(undefined)).status, 13)
    await client.syncAll()
    await client.sync()
    assert.equal((await client.syncRaw(undefined)).empty, true)
    await deliver(mail('two'))
    const seen = await client.syncRaw(undefined)
    assert.deepEqual(
      seen.collections[0]?.changes.map((change) => change.kind),
      ['add'],
    )
    // Its answer lost, the same empty request says the same again.
    assert.deepEqual(await client.syncRaw(undefined), seen)
  })

  test('a request with commands is not repeated by an empty one', async () => {
    const { client } = await started(['one'])
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    await client.setRead(id, true)
    assert.equal((await client.syncRaw(undefined)).status, 13)
  })

  test('a partial request changes the kept one', async () => {
    const { client } = await started(['one'])
    await client.sync()
    const partial = element(AirSync.Sync, element(AirSync.WindowSize, 5), element(AirSync.Partial))
    assert.equal((await client.syncRaw(partial)).status, 13)
    await client.sync(client.inbox, { getChanges: false })
    assert.equal((await client.syncRaw(partial)).empty, true)
    const key = client.boxes.get(client.inbox)?.key
    const collection = element(
      AirSync.Collection,
      element(AirSync.SyncKey, key),
      element(AirSync.CollectionId, client.inbox),
    )
    const seen = await client.syncRaw(
      element(AirSync.Sync, element(AirSync.Collections, collection), element(AirSync.Partial)),
    )
    assert.equal(seen.collections[0]?.changes.length, 1)
  })

  test('Wait and HeartbeatInterval together are 4; out of range is 14 with the bound', async () => {
    const { client } = await started([])
    await client.sync()
    assert.equal((await client.sync(client.inbox, { wait: 5, heartbeatSeconds: 60 })).status, 4)
    for (const [extras, limit] of [
      [{ wait: 60 }, 59],
      [{ heartbeatSeconds: 59 }, 60],
      [{ heartbeatSeconds: 3541 }, 3540],
    ] as const) {
      const seen = await client.sync(client.inbox, extras)
      assert.equal(seen.status, 14)
      assert.equal(seen.limit, limit)
    }
  })

  test('a held Sync tells what changes, or nothing when its time is over', async () => {
    const { client, deliver } = await started(['one'])
    await client.syncAll()
    const held = client.sync(client.inbox, { wait: 10 })
    await deliver(mail('two'))
    assert.deepEqual(
      (await held).collection?.changes.map((change) => change.kind),
      ['add'],
    )
    const quiet = client.sync(client.inbox, { heartbeatSeconds: 60 })
    await settled()
    rig.clock.advance(61_000)
    assert.equal((await quiet).empty, true)
  })

  test('a held Sync ends with Status 12 when the view is taken away', async () => {
    const { client, end } = await started(['one'])
    await client.syncAll()
    const held = client.sync(client.inbox, { wait: 59 })
    await settled()
    end()
    assert.equal((await held).status, 12)
  })

  test('a newer Sync ends the held one', async () => {
    const { client } = await started(['one'])
    await client.syncAll()
    const held = client.sync(client.inbox, { wait: 59 })
    await settled()
    assert.equal((await client.sync()).empty, true)
    assert.equal((await held).empty, true)
  })

  test('news of another folder does not end it', async () => {
    const { client } = await started(['one'])
    await client.syncAll()
    const held = client.sync(client.inbox, { wait: 1 })
    await client.sendMail(mail('out'), { saveInSent: true })
    await settled()
    let over = false
    void held.then(() => {
      over = true
    })
    await settled()
    assert.equal(over, false)
    rig.clock.advance(61_000)
    assert.equal((await held).empty, true)
  })

  test('what is no Sync is Status 4', async () => {
    const { client } = await started([])
    assert.equal((await client.syncRaw(element(AirSync.Sync))).status, 4)
    const wrong = element(AirSync.Sync, element(AirSync.Collections, element(AirSync.Collection)))
    assert.equal((await client.syncRaw(wrong)).status, 4)
  })
})
