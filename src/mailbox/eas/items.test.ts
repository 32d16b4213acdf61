import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { emptyFolderDocument } from '../../phone/documents.ts'
import { type MailboxRig, mail, openMailboxRig } from '../../../test/fake/mailbox-rig.ts'
import { AirSync, ItemOperations } from '../../wire/wbxml/tokens.ts'
import { element, find, textOf } from '../../wire/wbxml/wbxml.ts'

// ItemOperations, GetAttachment and MoveItems of the built-in mailbox (MS-ASCMD 2.2.1.7, 10, 12).

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

const file = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256))
const withFile = Buffer.from(
  [
    'From: bob@corp.test',
    'To: alice@corp.test',
    'Subject: plan',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'ein schöner Plan',
    '--b',
    'Content-Type: application/pdf; name="plan.pdf"',
    'Content-Disposition: attachment; filename="plan.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    file.toString('base64'),
    '--b--',
    '',
  ].join('\r\n'),
)

async function synced(messages: readonly Uint8Array[], version: '2.5' | '12.1' | '14.1' = '14.1') {
  const user = rig.person()
  for (const message of messages) await rig.mailbox.deliver(user.id, message)
  const opened = rig.own({ user, version })
  await opened.client.folderSync()
  await opened.client.syncAll(opened.client.inbox, { bodies: [{ type: 1 }], truncation: 9 })
  const [id = ''] = opened.client.mails().keys()
  return { ...opened, user, id }
}

describe('fetch', () => {
  test('a message in each form, cut where asked, MIME byte for byte', async () => {
    const { client, id } = await synced([withFile])
    const plain = await client.fetch(client.inbox, id, [{ type: 1 }])
    assert.equal(plain.status, 1)
    assert.equal(plain.mail?.body?.data.trim(), 'ein schöner Plan')
    const cut = await client.fetch(client.inbox, id, [{ type: 1, truncationSize: 7 }])
    // "ein sch" is seven bytes, and the next character has two.
    assert.deepEqual(
      [cut.mail?.body?.data, cut.mail?.body?.truncated, cut.mail?.body?.size],
      ['ein sch', true, plain.mail?.body?.size],
    )
    const within = await client.fetch(client.inbox, id, [{ type: 1, truncationSize: 8 }])
    assert.equal(within.mail?.body?.data, 'ein sch')
    const mime = await client.fetch(client.inbox, id, [{ type: 4 }], { mimeSupport: 2 })
    assert.deepEqual(Buffer.from(mime.mail?.body?.data ?? ''), withFile)
    const parts = await client.fetch(client.inbox, id, [{ type: 4 }], {
      mimeSupport: 2,
      multipart: true,
    })
    const count = Buffer.from(parts.seen.body).readUInt32LE(0)
    const at = Buffer.from(parts.seen.body).readUInt32LE(12)
    assert.equal(count, 2)
    assert.deepEqual(Buffer.from(parts.seen.body).subarray(at), withFile)
  })

  test('an attachment inline, in parts, and a piece of it', async () => {
    const { client, id } = await synced([withFile])
    const [attachment] = client.mails().get(id)?.attachments ?? []
    assert.equal(attachment?.name, 'plan.pdf')
    assert.equal(attachment?.size, 300)
    const reference = attachment?.reference ?? ''
    const inline = await client.fetchAttachment(reference)
    assert.deepEqual(Buffer.from(inline.bytes ?? []), file)
    const parts = await client.fetchAttachment(reference, { multipart: true })
    assert.deepEqual(Buffer.from(parts.bytes ?? []), file)
    const piece = await client.fetchAttachment(reference, { range: '10-19' })
    assert.deepEqual(Buffer.from(piece.bytes ?? []), file.subarray(10, 20))
    const path = [ItemOperations.Response, ItemOperations.Fetch, ItemOperations.Properties] as const
    const properties = piece.seen.root && find(piece.seen.root, ...path)
    assert.equal(properties && textOf(properties, ItemOperations.Range), '10-19')
    assert.equal(properties && textOf(properties, ItemOperations.Total), '300')
    assert.equal((await client.fetchAttachment(reference, { range: '300-400' })).status, 8)
  })

  test('what is gone, foreign or nonsense has a status of its own', async () => {
    const { client, id } = await synced([mail('one')])
    for (const wrong of ['po-inbox:999', 'po-sent:1', 'pq-inbox:1', '', 'po-inbox:1e3', '../1']) {
      assert.equal((await client.fetch(client.inbox, wrong)).status, 6, wrong)
    }
    for (const wrong of ['pf:999:0', `pf:${id.split(':')[1]}:0`, 'x', 'pf:1:-1']) {
      assert.equal((await client.fetchAttachment(wrong)).status, 15, wrong)
    }
    const other = await synced([mail('two')])
    await other.client.fetch(other.client.inbox, id)
    const many = element(
      ItemOperations.ItemOperations,
      Array.from({ length: 101 }, () =>
        element(
          ItemOperations.Fetch,
          element(ItemOperations.Store, 'Mailbox'),
          element(AirSync.ServerId, id),
        ),
      ),
    )
    assert.equal((await client.call('ItemOperations', many)).status, 103)
  })

  test("nobody reads another's message by its id", async () => {
    const alice = await synced([withFile])
    const bob = await synced([])
    assert.equal((await bob.client.fetch(bob.client.inbox, alice.id)).status, 6)
    const [attachment] = alice.client.mails().get(alice.id)?.attachments ?? []
    assert.equal((await bob.client.fetchAttachment(attachment?.reference ?? '')).status, 15)
    const moved = await bob.client.moveItems([
      { serverId: alice.id, from: 'po-inbox', to: 'po-deleted' },
    ])
    assert.deepEqual(moved.moved, [{ status: 1, id: '' }])
  })

  test('emptying a folder deletes what is in it, and only that', async () => {
    const { client, id } = await synced([mail('one'), mail('two')])
    await client.delete(id)
    const seen = await client.call('ItemOperations', emptyFolderDocument(client.folder(4)))
    const path = [ItemOperations.Response, ItemOperations.EmptyFolderContents] as const
    assert.equal(seen.root && textOf(seen.root, ...path, ItemOperations.Status), '1')
    await client.syncAll(client.folder(4))
    assert.equal(client.mails(client.folder(4)).size, 0)
    await client.syncAll()
    assert.equal(client.mails().size, 1)
    const foreign = await client.call('ItemOperations', emptyFolderDocument('7'))
    assert.equal(foreign.root && textOf(foreign.root, ...path, ItemOperations.Status), '16')
  })
})

describe('GetAttachment', () => {
  test('gives the bytes as body up to 12.1, and 500 for what is gone', async () => {
    for (const version of ['2.5', '12.1'] as const) {
      const { client, id } = await synced([withFile], version)
      const [attachment] = client.mails().get(id)?.attachments ?? []
      const attachmentName = attachment?.reference ?? ''
      const seen = await client.call('GetAttachment', undefined, { attachmentName })
      assert.equal(seen.http, 200)
      assert.equal(seen.headers['content-type'], 'application/pdf')
      assert.deepEqual(Buffer.from(seen.body), file)
      const gone = await client.call('GetAttachment', undefined, { attachmentName: 'pf:999:0' })
      assert.equal(gone.http, 500)
    }
  })

  test('is no command of 14.0 and later', async () => {
    const { client } = await synced([withFile])
    const seen = await client.call('GetAttachment', undefined, { attachmentName: 'pf:1:0' })
    assert.equal(seen.http, 501)
  })
})

describe('MoveItems', () => {
  test('moves, and a repeated request finds the item at its goal', async () => {
    const { client, id } = await synced([mail('one'), mail('two')])
    const move = [{ serverId: id, from: client.inbox, to: client.folder(4) }]
    const first = await client.moveItems(move)
    assert.equal(first.moved[0]?.status, 3)
    assert.deepEqual(await client.moveItems(move), first)
    const told = await client.sync()
    assert.deepEqual(
      told.collection?.changes.map((one) => one.kind),
      ['delete'],
    )
    await client.syncAll(client.folder(4))
    assert.deepEqual([...client.mails(client.folder(4)).keys()], [first.moved[0]?.id])
    assert.equal(client.mails().size, 1)
  })

  test('what cannot be moved has a status per item', async () => {
    const { client, id } = await synced([mail('one')])
    const seen = await client.moveItems([
      { serverId: 'po-inbox:999', from: client.inbox, to: client.folder(4) },
      { serverId: id, from: client.folder(5), to: client.folder(4) },
      { serverId: id, from: client.inbox, to: '7' },
      { serverId: id, from: client.inbox, to: client.inbox },
    ])
    assert.deepEqual(
      seen.moved.map((one) => one.status),
      [1, 1, 2, 4],
    )
    assert.equal((await client.sync()).empty, true)
  })

  test('there and back again is no change', async () => {
    const { client, id } = await synced([mail('one')])
    const there = await client.moveItems([
      { serverId: id, from: client.inbox, to: client.folder(4) },
    ])
    const back = { serverId: there.moved[0]?.id ?? '', from: client.folder(4), to: client.inbox }
    assert.equal((await client.moveItems([back])).moved[0]?.id, id)
    await client.sync()
    assert.deepEqual([...client.mails().keys()], [id])
  })
})
