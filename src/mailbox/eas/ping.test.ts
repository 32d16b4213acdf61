import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mail, type MailboxRig, openMailboxRig, settled } from '../../../test/fake/mailbox-rig.ts'
import { Ping } from '../../wire/wbxml/tokens.ts'
import { element } from '../../wire/wbxml/wbxml.ts'

// Ping of the built-in mailbox (MS-ASCMD 2.2.1.13, 3.1.5.8).

let rig: MailboxRig
before(async () => {
  rig = await openMailboxRig()
})
after(() => rig.stop())

async function synced() {
  const user = rig.person()
  const opened = rig.own({ user })
  await opened.client.folderSync()
  await opened.client.syncAll()
  const deliver = (subject: string) => rig.mailbox.deliver(user.id, mail(subject))
  return { ...opened, user, deliver, inbox: [opened.client.inbox] }
}

describe('ping', () => {
  test('the bounds of the heartbeat are told', async () => {
    const { client, inbox } = await synced()
    const short = await client.ping({ heartbeatSeconds: 5, folders: inbox })
    assert.deepEqual([short.status, short.heartbeatSeconds], [5, 60])
    const long = await client.ping({ heartbeatSeconds: 4000, folders: inbox })
    assert.deepEqual([long.status, long.heartbeatSeconds], [5, 3540])
  })

  test('an empty first Ping lacks its parameters; after a full one it repeats it', async () => {
    const { client, inbox, deliver } = await synced()
    assert.equal((await client.ping()).status, 3)
    const full = client.ping({ heartbeatSeconds: 60, folders: inbox })
    await settled()
    rig.clock.advance(60_000)
    assert.equal((await full).status, 1)
    const empty = client.ping()
    await settled()
    await deliver('one')
    const seen = await empty
    assert.deepEqual([seen.status, seen.folders], [2, inbox])
  })

  test('a partial Ping changes what it names', async () => {
    const { client, inbox } = await synced()
    const full = client.ping({ heartbeatSeconds: 60, folders: inbox })
    await settled()
    rig.clock.advance(60_000)
    await full
    const longer = client.ping({ heartbeatSeconds: 120 })
    await settled()
    rig.clock.advance(119_000)
    await settled()
    rig.clock.advance(1000)
    assert.equal((await longer).status, 1)
  })

  test('mail that came before it ends it at once, until it is synced', async () => {
    const { client, inbox, deliver } = await synced()
    await deliver('one')
    assert.equal((await client.ping({ heartbeatSeconds: 60, folders: inbox })).status, 2)
    assert.equal((await client.ping()).status, 2)
    await client.syncAll()
    const held = client.ping()
    await settled()
    rig.clock.advance(60_000)
    assert.equal((await held).status, 1)
  })

  test('what the last Sync left for later counts as news', async () => {
    const { client, inbox, deliver } = await synced()
    for (const subject of ['one', 'two', 'three']) await deliver(subject)
    await client.sync(client.inbox, { windowSize: 2 })
    assert.equal((await client.ping({ heartbeatSeconds: 60, folders: inbox })).status, 2)
  })

  test('new mail wakes it, and only its folder', async () => {
    const { client, user, inbox, deliver } = await synced()
    const sent = [client.folder(5)]
    await client.syncAll(client.folder(5))
    const other = rig.own({ user }).client
    await other.folderSync()
    await other.syncAll(other.folder(5))
    const elsewhere = other.ping({ heartbeatSeconds: 60, folders: sent })
    const held = client.ping({ heartbeatSeconds: 60, folders: [...sent, ...inbox] })
    await settled()
    await deliver('one')
    assert.deepEqual((await held).folders, inbox)
    await settled()
    rig.clock.advance(60_000)
    assert.equal((await elsewhere).status, 1)
  })

  test('changes and deletes do not wake it: only arrivals do', async () => {
    const { client, user, inbox, deliver } = await synced()
    await deliver('one')
    await client.syncAll()
    const other = rig.own({ user }).client
    await other.folderSync()
    await other.syncAll()
    const held = client.ping({ heartbeatSeconds: 60, folders: inbox })
    await settled()
    const [id = ''] = other.mails().keys()
    await other.setRead(id, true)
    await other.delete(id)
    await settled()
    rig.clock.advance(60_000)
    assert.equal((await held).status, 1)
  })

  test('a newer Ping of the same client ends the older with Status 1', async () => {
    const { client, inbox } = await synced()
    const older = client.ping({ heartbeatSeconds: 3540, folders: inbox })
    await settled()
    const newer = client.ping()
    assert.equal((await older).status, 1)
    await settled()
    rig.clock.advance(3_540_000)
    assert.equal((await newer).status, 1)
  })

  test('a folder of another mailbox is Status 7', async () => {
    const { client, inbox } = await synced()
    const folders = [...inbox, '7']
    assert.equal((await client.ping({ heartbeatSeconds: 60, folders })).status, 7)
  })

  test('too many folders are Status 6 with the limit', async () => {
    const { client } = await synced()
    const folders = Array.from({ length: 301 }, (_, index) => String(index))
    assert.equal((await client.ping({ heartbeatSeconds: 60, folders })).status, 6)
  })

  test('what is no Ping is Status 4', async () => {
    const { client } = await synced()
    const wrong = element(Ping.Ping, element(Ping.HeartbeatInterval, 'soon'))
    assert.equal((await client.call('Ping', wrong)).status, 4)
  })

  test('it ends with Status 7 at once when the view is taken away', async () => {
    const { client, inbox, end } = await synced()
    const held = client.ping({ heartbeatSeconds: 3540, folders: inbox })
    await settled()
    end()
    assert.equal((await held).status, 7)
  })
})
