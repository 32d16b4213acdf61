import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  addCommand,
  deleteCommand,
  flagCommand,
  readCommand,
  searchDocument,
} from '../phone/documents.ts'
import {
  type MailboxRig,
  mail,
  notice,
  openMailboxRig,
  settled,
} from '../../test/fake/mailbox-rig.ts'
import { atLeast, easVersions } from '../wire/eas/version.ts'
import {
  FolderHierarchy,
  MeetingResponse,
  ResolveRecipients,
  Settings,
  ValidateCert,
} from '../wire/wbxml/tokens.ts'
import { element, find, textOf } from '../wire/wbxml/wbxml.ts'

// What a client sees that may not see its mail: exactly one notice (F48).

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

async function opened(version: (typeof easVersions)[number] = '14.1') {
  const one = rig.quarantine({ version })
  assert.equal((await one.client.folderSync()).status, 1)
  return one
}

for (const version of easVersions) {
  describe(`quarantine over ${version}`, () => {
    test('five folders, one notice, then nothing', async () => {
      const { client } = await opened(version)
      assert.deepEqual(
        [...client.folders.values()].map((folder) => folder.type),
        [2, 3, 4, 5, 6],
      )
      assert.deepEqual((await client.sync()).collection?.changes, [])
      const bodies = [{ type: 2 }, { type: 1 }]
      const first = await client.sync(client.inbox, { bodies, truncation: 9 })
      assert.equal(first.collection?.more, false)
      assert.equal(client.mails().size, 1)
      const [seen] = client.mails().values()
      assert.equal(seen?.subject, notice.subject)
      assert.match(seen?.from ?? '', /postern@corp\.test/)
      assert.match(seen?.to ?? '', /alice@corp\.test/)
      assert.equal(seen?.received, '2026-10-05T07:00:00.000Z')
      assert.equal(seen?.importance, '2')
      assert.equal(seen?.read, false)
      assert.match(seen?.body?.data ?? '', /https:\/\/portal\.corp\.test\/start/)
      assert.equal(seen?.body?.type, version === '2.5' ? 1 : 2)
      const second = await client.sync()
      assert.deepEqual(second.collection?.changes ?? [], [])
      assert.equal(second.empty, atLeast(version, '12.1'))
      assert.equal(client.mails().size, 1)
    })

    test('the other folders are empty', async () => {
      const { client } = await opened(version)
      for (const type of [3, 4, 5, 6]) {
        assert.equal((await client.sync(client.folder(type))).collection?.status, 1)
        const seen = await client.sync(client.folder(type))
        assert.deepEqual(seen.collection?.changes ?? [], [])
      }
    })

    test('sending and looking elsewhere is refused', async () => {
      const { client } = await opened(version)
      const mailed = await client.sendMail(mail('out'))
      const replied = await client.smart('SmartReply', { folderId: 'x', itemId: 'y' }, mail('out'))
      const searched = await client.call('Search', searchDocument('GAL', 'bob'))
      const moved = await client.moveItems([{ serverId: 'x', from: 'a', to: 'b' }])
      for (const seen of [mailed, replied, searched, moved]) {
        if (atLeast(version, '14.0')) assert.deepEqual([seen.http, seen.status], [200, 130])
        else assert.equal(seen.http, 403)
      }
      if (!atLeast(version, '14.0')) {
        const attachment = await client.call('GetAttachment', undefined, { attachmentName: 'x' })
        assert.equal(attachment.http, 403)
      }
    })
  })
}

describe('quarantine', () => {
  test('every other command is refused as well', async () => {
    const { client } = await opened()
    const refused = [
      ['MeetingResponse', element(MeetingResponse.MeetingResponse)],
      ['ResolveRecipients', element(ResolveRecipients.ResolveRecipients)],
      ['ValidateCert', element(ValidateCert.ValidateCert)],
      ['FolderCreate', undefined],
      ['FolderDelete', undefined],
      ['FolderUpdate', undefined],
      ['Find', undefined],
    ] as const
    for (const [command, document] of refused) {
      const seen = await client.call(command, document)
      assert.equal(seen.http, 200, command)
      const path = command === 'MeetingResponse' ? [MeetingResponse.Result] : []
      const status = { MeetingResponse: MeetingResponse.Status }
      const inner = seen.root && textOf(seen.root, ...path, status.MeetingResponse)
      assert.equal(seen.status ?? Number(inner), 130, command)
    }
  })

  test('the notice comes in the form that is asked for', async () => {
    const { client } = await opened()
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    const plain = await client.fetch(client.inbox, id, [{ type: 1 }])
    assert.equal(plain.mail?.body?.data.trim(), notice.text.trim())
    const html = await client.fetch(client.inbox, id, [{ type: 2 }])
    assert.equal(html.mail?.body?.data.trim(), notice.html)
    const mime = await client.fetch(client.inbox, id, [{ type: 4 }], { mimeSupport: 2 })
    assert.match(mime.mail?.body?.data ?? '', /^From: "Postern" <postern@corp\.test>\r\n/)
    const cut = await client.fetch(client.inbox, id, [{ type: 1, truncationSize: 10 }])
    assert.equal(cut.mail?.body?.data, notice.text.slice(0, 10))
    assert.equal(cut.mail?.body?.truncated, true)
    assert.equal(cut.mail?.body?.size, Buffer.byteLength(notice.text))
    const parts = await client.fetch(client.inbox, id, [{ type: 1 }], { multipart: true })
    assert.equal(parts.seen.headers['content-type'], 'application/vnd.ms-sync.multipart')
  })

  test('any other id refuses the whole ItemOperations', async () => {
    const { client } = await opened()
    await client.syncAll()
    for (const id of ['po-inbox:1', 'pq-inbox:1', '7:12', '']) {
      assert.equal((await client.fetch(client.inbox, id)).seen.status, 130, id)
    }
    assert.equal((await client.fetchAttachment('pf:1:0')).seen.status, 130)
  })

  test('reading is noted, everything else comes back', async () => {
    const { client, partnership } = await opened()
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    const read = await client.setRead(id, true)
    assert.deepEqual(read.collection?.responses, [])
    assert.equal((await client.sync()).empty, true)
    const again = rig.quarantine({ partnership }).client
    await again.folderSync()
    await again.syncAll()
    assert.equal(again.mails().get(id)?.read, true)

    const changed = await again.sync(again.inbox, {
      commands: [flagCommand(id, 2), addCommand('new-1', 'x'), readCommand('pq-inbox:7', true)],
    })
    assert.equal(changed.collection?.status, 1)
    assert.deepEqual(
      changed.collection?.responses.map((one) => one.status),
      [6, 6, 8],
    )

    const deleted = await again.delete(id)
    assert.deepEqual(
      deleted.collection?.responses.map((one) => one.status),
      [6],
    )
    assert.deepEqual(
      deleted.collection?.changes.map((one) => one.kind),
      ['add'],
    )
    assert.deepEqual([...again.mails().keys()], [id])
    assert.equal((await again.sync()).empty, true)
  })

  test('a refused delete whose answer was lost comes back too', async () => {
    const { client } = await opened()
    await client.syncAll()
    const [id = ''] = client.mails().keys()
    const commands = [deleteCommand(id)]
    const key = client.boxes.get(client.inbox)?.key ?? ''
    await client.sync(client.inbox, { commands })
    client.boxes.set(client.inbox, { key, mails: new Map() })
    await client.sync(client.inbox, { commands })
    await client.syncAll()
    assert.deepEqual([...client.mails().keys()], [id])
    assert.equal((await client.sync()).empty, true)
  })

  test('estimates agree with what Sync will bring', async () => {
    const { client } = await opened()
    assert.equal((await client.estimate()).status, 3)
    await client.sync()
    assert.deepEqual(await client.estimate(), { http: 200, status: 1, estimate: 1 })
    await client.syncAll()
    assert.deepEqual(await client.estimate(), { http: 200, status: 1, estimate: 0 })
    assert.equal((await client.estimate(client.inbox, '17')).status, 4)
    assert.equal((await client.estimate('7', '0')).status, 2)
  })

  test('Settings are answered with Status 1, and name nobody', async () => {
    const { client } = await opened()
    const told = await client.sendDeviceInformation({ model: 'Pretend 1' })
    assert.equal(told.status, 1)
    const path = [Settings.DeviceInformation, Settings.Status] as const
    assert.equal(told.root && textOf(told.root, ...path), '1')
    const asked = await client.call(
      'Settings',
      element(
        Settings.Settings,
        element(Settings.Oof, element(Settings.Get, element(Settings.BodyType, 'Text'))),
        element(Settings.UserInformation, element(Settings.Get)),
      ),
    )
    assert.equal(asked.status, 1)
    assert.ok(asked.root && find(asked.root, Settings.Oof))
    assert.doesNotMatch(Buffer.from(asked.body).toString('latin1'), /corp\.test/)
  })

  test('Ping tells of the notice, then holds until its time is over or the quarantine is', async () => {
    const { client, end } = await opened()
    const ask = { heartbeatSeconds: 60, folders: [client.inbox] }
    await client.sync()
    assert.deepEqual((await client.ping(ask)).folders, [client.inbox])
    await client.syncAll()
    const held = client.ping(ask)
    await settled()
    rig.clock.advance(60_000)
    assert.equal((await held).status, 1)
    const ping = client.ping()
    const sync = client.sync(client.inbox, { wait: 59 })
    await settled()
    end()
    assert.equal((await ping).status, 7)
    assert.equal((await sync).status, 12)
  })

  test('keys of the mail server are unknown here', async () => {
    const { client } = await opened()
    for (const key of ['1', '{0a1b2c3d-0000-4000-8000-0123456789ab}7', 'po1.aaaaaaaaaaaaaaaa.1']) {
      assert.equal((await client.call('FolderSync', folderSync(key))).status, 9, key)
      assert.equal((await client.sync('5', { syncKey: key })).collection?.status, 3, key)
    }
    assert.equal((await client.ping({ heartbeatSeconds: 60, folders: ['5'] })).status, 7)
    const { client: fresh } = await opened()
    await fresh.sync()
    assert.equal(rig.mailbox.keyOf(fresh.folderKey), 'quarantine')
    assert.equal(rig.mailbox.keyOf(fresh.boxes.get(fresh.inbox)?.key ?? ''), 'quarantine')
    assert.equal(rig.mailbox.keyOf('1696489200'), undefined)
    const own = rig.own({}).client
    await own.folderSync()
    assert.equal(rig.mailbox.keyOf(own.folderKey), 'own')
    assert.equal((await fresh.folderSync(own.folderKey)).status, 9)
  })

  test('other words about the same are the same mail, another reason replaces it at once', async () => {
    let text = notice
    let about = 'notEnrolled'
    const { client } = rig.quarantine({ notice: () => text, about: () => about })
    await client.folderSync()
    await client.syncAll()
    text = { ...notice, text: 'fresh link' }
    rig.clock.advance(60_000)
    assert.equal((await client.sync()).empty, true)
    const [id = ''] = client.mails().keys()
    assert.equal((await client.fetch(client.inbox, id)).mail?.body?.data.trim(), 'fresh link')
    // Within the minute for which a notice is remembered; a client that was holding nothing is told by its next Ping.
    about = 'osMinimumVersion 18.0'
    text = { ...notice, text: 'You need 18.0', subject: 'Your phone needs an update' }
    const ask = { heartbeatSeconds: 60, folders: [client.inbox] }
    assert.deepEqual((await client.ping(ask)).folders, [client.inbox])
    const seen = await client.sync()
    assert.deepEqual(seen.collection?.changes.map((one) => one.kind).sort(), ['add', 'delete'])
    assert.deepEqual(
      [...client.mails().values()].map((one) => one.subject),
      [text.subject],
    )
    assert.equal((await client.sync()).empty, true)
    about = 'osMinimumVersion 19.0'
    text = { ...text, text: 'You need 19.0' }
    await client.sync()
    const [later, second] = client.mails().values()
    assert.equal(later?.body?.data.trim(), 'You need 19.0')
    assert.equal(second, undefined)
  })

  test('a lost answer repeats the notice, once', async () => {
    const { client } = await opened()
    await client.sync()
    const key = client.boxes.get(client.inbox)?.key ?? ''
    const first = await client.sync()
    client.boxes.set(client.inbox, { key, mails: new Map() })
    assert.deepEqual(await client.sync(), first)
    assert.equal((await client.sync()).empty, true)
    assert.equal(client.mails().size, 1)
  })

  test('garbage is refused, not thrown', async () => {
    const { client } = await opened()
    for (const command of ['FolderSync', 'Sync', 'Ping', 'Settings', 'ItemOperations'] as const) {
      for (const bytes of [
        Buffer.from('garbage'),
        Buffer.from([3, 1, 0x6a, 0, 0x45]),
        Buffer.alloc(3),
      ]) {
        const seen = await client.call(command, bytes)
        assert.ok(
          seen.http === 400 || seen.status === 102,
          `${command}: ${seen.http} ${seen.status}`,
        )
      }
      const wrong = element(ValidateCert.ValidateCert)
      assert.ok([103, 4].includes((await client.call(command, wrong)).status ?? 0), command)
    }
  })
})

const folderSync = (key: string) =>
  element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, key))
