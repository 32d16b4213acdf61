import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'
import { type FakeImap, startFakeImap } from '../../test/fake/imap-server.ts'
import { createManualClock, type ManualClock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { Ping } from '../wire/wbxml/tokens.ts'

const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 3000, 'it never came')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('new mail by IMAP IDLE', () => {
  let rig: Rig
  let imap: FakeImap
  let clock: ManualClock
  beforeEach(async () => {
    clock = createManualClock(Date.UTC(2026, 9, 5))
    imap = await startFakeImap()
    rig = await startRig({ clock, imap: { url: imap.url } })
  })
  afterEach(async () => {
    await rig.stop()
    await imap.stop()
  })
  /** A phone that knows its folders and has synced. */
  const readyPhone = async (deviceId: string, user = 'alice') => {
    const phone = rig.phone(deviceId, { user })
    await phone.provision()
    await phone.folderSync()
    await phone.sync('0')
    return phone
  }
  const pings = () => rig.fake.reachedOf('Ping').length

  it('a mail ends the Ping with the Inbox, without asking the upstream', async () => {
    const phone = await readyPhone('I1')
    const waiting = phone.ping(600, ['in'])
    await until(() => imap.idling === 1 && pings() === 1)
    imap.receive()
    const answer = await waiting
    assert.equal(answer.text(Ping.Status), '2')
    assert.deepEqual(answer.texts(Ping.Folder), ['in'])
    assert.equal(pings(), 1, 'one, to cover the time before the watch began')
    assert.deepEqual(imap.signedIn, ['alice:secret-alice'])
  })

  it('all Pings of a user share one connection, and it lingers over their Syncs', async () => {
    const one = await readyPhone('I2')
    const two = await readyPhone('I3')
    const waiting = [one.ping(600, ['in']), two.ping(600, ['in'])]
    await until(() => imap.idling === 1 && rig.gateway.underWay === 2 && pings() === 2)
    imap.receive()
    for (const answer of await Promise.all(waiting)) assert.equal(answer.text(Ping.Status), '2')
    await one.sync('s2')
    const again = one.ping()
    await until(() => rig.gateway.underWay === 1)
    assert.equal(imap.signedIn.length, 1)
    assert.equal(pings(), 2, 'nothing happened since the Sync: nobody is asked')
    clock.advance(600_000)
    assert.equal((await again).text(Ping.Status), '1')
    clock.advance(limits.imapLingerMs.value)
    await until(() => imap.idling === 0)
  })

  it('mail that comes between Sync and Ping is not missed', async () => {
    const phone = await readyPhone('I4')
    const first = phone.ping(600, ['in'])
    await until(() => imap.idling === 1 && pings() === 1)
    imap.receive()
    await first
    await phone.sync('s2')
    imap.receive()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const answer = await phone.ping()
    assert.equal(answer.text(Ping.Status), '2')
    const quiet = phone.ping()
    await until(() => rig.gateway.underWay === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(rig.gateway.underWay, 1, 'the same mail is told once')
    clock.advance(600_000)
    await quiet
  })

  it('a phone that had its folders before we came: the Inbox is asked for, under our own name', async () => {
    const phone = rig.phone('I5')
    const waiting = phone.ping(600, ['in'])
    await until(() => imap.idling === 1 && pings() === 1)
    const [asked] = rig.fake.reachedOf('FolderSync')
    assert.equal(asked?.query.get('DeviceId'), 'postern')
    assert.equal(asked?.user, 'alice')
    imap.receive()
    assert.deepEqual((await waiting).texts(Ping.Folder), ['in'])
    await phone.provision()
    await phone.sync('0')
    const quiet = phone.ping()
    await until(() => rig.gateway.underWay === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(pings(), 1, 'its Sync counts')
    assert.equal(rig.fake.reachedOf('FolderSync').length, 1)
    rig.gate.say({ outcome: 'block' })
    await quiet
  })

  it('where folder ids differ by device the upstream is asked which folder it was', async () => {
    const waiting = rig.phone('I9').ping(600, ['other'])
    await until(() => imap.idling === 1 && pings() === 1)
    imap.receive()
    await until(() => pings() === 2)
    assert.equal(rig.gateway.underWay, 1)
    rig.gate.say({ outcome: 'block' })
    await waiting
  })

  it('other folders are asked about seldom', async () => {
    const phone = await readyPhone('I6')
    const waiting = phone.ping(600, ['in', 'cal'])
    await until(() => imap.idling === 1 && pings() === 1)
    clock.advance(limits.upstreamPingEveryMs.value)
    await until(() => pings() === 2)
    rig.gate.say({ outcome: 'block' })
    await waiting
  })

  it('while IMAP is away short Pings tell of mail; IDLE comes back by itself', async () => {
    const phone = await readyPhone('I7')
    const waiting = phone.ping(600, ['in'])
    await until(() => imap.idling === 1 && pings() === 1)
    imap.refuse(true)
    imap.cut()
    await until(() => pings() === 2)
    imap.refuse(false)
    clock.advance(limits.imapRetryMs.value)
    await until(() => imap.idling === 1)
    imap.receive()
    assert.equal((await waiting).text(Ping.Status), '2')
  })

  it('a password that IMAP refuses leaves the Ping held', async () => {
    imap.refuse(true)
    const phone = await readyPhone('I8')
    const waiting = phone.ping(600, ['in'])
    await until(() => pings() === 1)
    assert.equal(rig.gateway.underWay, 1)
    rig.fake.receive('alice')
    assert.equal((await waiting).text(Ping.Status), '2')
  })
})

// The life of one watch, `src/gateway/inbox-watch.ts`, is told here through the Pings that share it.
describe('an IMAP server that trusts us', () => {
  it('is given the user and the shared secret', async () => {
    const imap = await startFakeImap()
    const rig = await startRig({ imap: { url: imap.url, secret: new Secret('gate') } })
    const waiting = rig.phone('T1').ping(600, ['in'])
    await until(() => imap.idling === 1)
    assert.deepEqual(imap.signedIn, ['alice:gate'])
    rig.gate.say({ outcome: 'block' })
    await waiting
    await rig.stop()
    await imap.stop()
  })
})
