import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EasClient } from '../phone/phone.ts'
import { viewTransport } from '../../test/fake/view-transport.ts'
import {
  type MailboxRig,
  mail,
  notice,
  openMailboxRig,
  settled,
} from '../../test/fake/mailbox-rig.ts'
import { newId } from '../base/id.ts'
import { atLeast, type EasVersion, easVersions } from '../wire/eas/version.ts'
import type { MailboxTables } from './migrations.ts'

// The tale of one phone, told in every version of the protocol that differs: mail, quarantine, and mail again.

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

for (const version of easVersions) {
  for (const form of ['plain', 'base64'] as const) {
    // The base64 form exists from 12.1 on, and carries the version itself.
    if (form === 'base64' && !atLeast(version, '12.1')) continue
    test(`the tale of a phone over ${version}, ${form} query`, () => tellTale(version, form))
  }
}

async function tellTale(version: EasVersion, form: 'plain' | 'base64') {
  const user = rig.person()
  const prt = rig.partnership()
  const cut = new AbortController()
  const phone = (transport: EasClient['transport']) => new EasClient({ transport, version, form })
  const client = phone(viewTransport(rig.mailbox.own(user.id, prt), cut.signal))
  const body = { bodies: [{ type: 1 }], truncation: 9 }

  await rig.mailbox.deliver(user.id, mail('first', 'hello there'))
  assert.equal((await client.folderSync()).status, 1)
  await client.syncAll(client.inbox, body)
  const [id = ''] = client.mails().keys()
  assert.equal(client.mails().get(id)?.body?.data.trim(), 'hello there')

  const ping = client.ping({ heartbeatSeconds: 480, folders: [client.inbox] })
  await settled()
  await rig.mailbox.deliver(user.id, mail('second'))
  assert.deepEqual((await ping).folders, [client.inbox])
  await client.syncAll(client.inbox, body)
  assert.equal(client.mails().size, 2)
  await client.setRead(id, true)
  const mine = mail('mine', 'x', [`Cc: ${user.mail}`])
  assert.equal((await client.sendMail(mine, { saveInSent: true })).http, 200)

  const held = client.ping()
  await settled()
  await client.syncAll(client.inbox, body)
  const again = client.ping()
  await settled()
  cut.abort()
  assert.equal((await again).status, 7)
  assert.ok([1, 2].includes((await held).status ?? 0))

  const limited = phone(
    viewTransport(rig.mailbox.quarantine(prt, { about: 'why', compose: async () => notice })),
  )
  Object.assign(limited, { folderKey: client.folderKey })
  for (const [folder, box] of client.boxes)
    limited.boxes.set(folder, { key: box.key, mails: new Map() })
  assert.equal((await limited.sync(client.inbox)).collection?.status, 3)
  assert.equal((await limited.folderSync()).status, 9)
  assert.equal((await limited.folderSync()).status, 1)
  await limited.syncAll(limited.inbox, body)
  assert.deepEqual(
    [...limited.mails().values()].map((one) => one.subject),
    [notice.subject],
  )

  const free = phone(viewTransport(rig.mailbox.own(user.id, prt)))
  Object.assign(free, { folderKey: limited.folderKey })
  assert.equal((await free.folderSync()).status, 9)
  assert.equal((await free.folderSync()).status, 1)
  const stale = limited.boxes.get(limited.inbox)?.key ?? ''
  assert.equal((await free.sync(free.inbox, { syncKey: stale })).collection?.status, 3)
  // A phone that kept its folders goes on where it was.
  const box = client.boxes.get(client.inbox) ?? assert.fail()
  free.boxes.set(free.inbox, box)
  await rig.mailbox.deliver(user.id, mail('third'))
  const more = await free.sync(free.inbox, body)
  assert.deepEqual(
    more.collection?.changes.map((change) => change.kind),
    ['add'],
  )
  assert.equal(free.mails().get(id)?.read, true)
}

describe('mailbox', () => {
  test('commands that it lacks are 137, or 501 before 14.0', async () => {
    const commands = [
      'MeetingResponse',
      'ResolveRecipients',
      'ValidateCert',
      'FolderCreate',
    ] as const
    for (const command of commands) {
      const seen = await rig.own({}).client.call(command, undefined)
      assert.equal(seen.http, 200, command)
      if (command !== 'MeetingResponse') assert.equal(seen.status, 137, command)
      const old = await rig.own({ version: '12.1' }).client.call(command, undefined)
      assert.equal(old.http, 501, command)
    }
  })

  test('a removed partnership leaves nothing behind', async () => {
    const user = rig.person()
    await rig.mailbox.deliver(user.id, mail('one'))
    const { client, partnership } = rig.own({ user })
    await client.folderSync()
    await client.syncAll()
    await client.sendMail(mail('x', 'y', [`Cc: ${user.mail}`]))
    const known = async () => {
      const tables = rig.store.db.withTables<MailboxTables>()
      let rows = 0
      for (const table of ['mailbox_syncs', 'mailbox_held', 'mailbox_sent'] as const) {
        const found = tables.selectFrom(table).where('partnership', '=', partnership)
        rows += (await found.select('partnership').execute()).length
      }
      return rows
    }
    assert.ok((await known()) > 2)
    await rig.store.transact((tx) =>
      rig.store.journal.append(tx, 'partnership.removed', { partnership }),
    )
    for (let turn = 0; turn < 50 && (await known()) > 0; turn++) await settled()
    assert.equal(await known(), 0)
    assert.equal((await client.folderSync()).status, 9)
  })

  test('delivery refuses what is too large, and keeps every byte of what it takes', async () => {
    const user = newId('usr', 0)
    await assert.rejects(rig.mailbox.deliver(user, Buffer.alloc(36_700_161)), {
      code: 'limit.exceeded',
    })
    const raw = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 256))
    await rig.mailbox.deliver(user, raw)
    const tables = rig.store.db.withTables<MailboxTables>()
    const found = tables.selectFrom('mailbox_messages').where('user_id', '=', user)
    const row = await found.select('raw').executeTakeFirstOrThrow()
    assert.deepEqual(Buffer.from(row.raw), raw)
  })
})
