import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type Rig, startRig } from '../../test/fake/gateway-rig.ts'
import { pingBody } from '../../test/fake/phone.ts'
import { createManualClock, type ManualClock, minute, second } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { Ping, Settings } from '../wire/wbxml/tokens.ts'
import { element } from '../wire/wbxml/wbxml.ts'

const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 5000, 'it never came')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('held Ping', () => {
  let clock: ManualClock
  let rig: Rig
  beforeEach(async () => {
    clock = createManualClock(Date.UTC(2026, 9, 5))
    rig = await startRig({ clock })
  })
  afterEach(() => rig.stop())
  const held = () => until(() => rig.gateway.underWay > 0)

  it('19: a heartbeat out of range is 5 with the nearest bound', async () => {
    const phone = rig.phone('P1')
    const low = await phone.ping(5, ['in'])
    assert.equal(low.text(Ping.Status), '5')
    assert.equal(low.text(Ping.HeartbeatInterval), '60')
    const high = await phone.ping(4000, ['in'])
    assert.equal(high.text(Ping.Status), '5')
    assert.equal(high.text(Ping.HeartbeatInterval), '3540')
    assert.equal(rig.fake.reached.length, 0)
  })

  it('19: an empty first Ping is 3; after a full one it is held like the last', async () => {
    const phone = rig.phone('P2')
    assert.equal((await phone.ping()).text(Ping.Status), '3')
    const first = phone.ping(60, ['in'])
    await held()
    clock.advance(59 * second)
    assert.equal(rig.gateway.underWay, 1)
    clock.advance(second)
    assert.equal((await first).text(Ping.Status), '1')
    const empty = phone.ping()
    await held()
    clock.advance(minute)
    assert.equal((await empty).text(Ping.Status), '1')
  })

  it('19: too many folders are 6 with the limit, nonsense is 4', async () => {
    const many = Array.from({ length: limits.pingFolders.value + 1 }, (_, index) => `f${index}`)
    const answer = await rig.phone('P3').ping(60, many)
    assert.equal(answer.text(Ping.Status), '6')
    assert.equal(answer.text(Ping.MaxFolders), String(limits.pingFolders.value))
    const odd = element(Ping.Ping, element(Ping.HeartbeatInterval, 'soon'))
    assert.equal((await rig.phone('P3').post('Ping', odd)).text(Ping.Status), '4')
  })

  it('19: a newer Ping of the same device ends the older', async () => {
    const phone = rig.phone('P4')
    const older = phone.ping(600, ['in'])
    await held()
    const newer = phone.ping(60, ['in'])
    assert.equal((await older).text(Ping.Status), '1')
    clock.advance(minute)
    assert.equal((await newer).text(Ping.Status), '1')
  })

  it('9, 10: it ends with 7 at once when the admission is withdrawn', async () => {
    const phone = rig.phone('P5')
    const waiting = phone.ping(600, ['in'])
    await held()
    rig.gate.say({ outcome: 'quarantine' })
    assert.equal((await waiting).text(Ping.Status), '7')
    assert.equal(rig.gate.open, 0)
  })

  it('is exempt from the policy key, and told of a lost hierarchy until it reads its folders again', async () => {
    const phone = rig.phone('P6')
    rig.gate.say({ outcome: 'quarantine' })
    await phone.provision()
    await phone.folderSync()
    rig.gate.say({ outcome: 'allow' })
    assert.equal((await phone.ping(60, ['qin'])).text(Ping.Status), '7')
    await phone.folderSync()
    const waiting = phone.ping(60, ['in'])
    await held()
    clock.advance(minute)
    assert.equal((await waiting).text(Ping.Status), '1')
  })

  it('without IMAP new mail is noticed by short Pings, in turn', async () => {
    const phone = rig.phone('P7')
    const waiting = phone.ping(600, ['in', 'cal'])
    await until(() => rig.fake.reachedOf('Ping').length === 1)
    const [asked] = rig.fake.reachedOf('Ping')
    assert.equal(asked?.user, 'alice')
    assert.equal(asked?.query.get('DeviceId'), 'P7')
    rig.fake.receive('alice')
    const answer = await waiting
    assert.equal(answer.text(Ping.Status), '2')
    assert.deepEqual(answer.texts(Ping.Folder), ['in'])
  })

  it('learns the shortest heartbeat that the upstream takes', async () => {
    rig.fake.shortestPing = 2
    const waiting = rig.phone('P8', { user: 'bob' }).ping(600, ['in'])
    await until(() => rig.fake.reachedOf('Ping').length === 2)
    const seconds = rig.fake.reachedOf('Ping').map((ping) => ping.body.toString('latin1'))
    assert.ok(seconds[0]?.includes('\x031\x00') && seconds[1]?.includes('\x032\x00'))
    rig.fake.receive('bob')
    assert.equal((await waiting).text(Ping.Status), '2')
    rig.fake.shortestPing = 1
  })

  it('goes on being held while the upstream is down', async () => {
    const phone = rig.phone('P9', { user: 'carol' })
    await rig.fake.stop()
    const waiting = phone.ping(600, ['in'])
    await held()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(rig.gateway.underWay, 1)
    await rig.fake.start()
    rig.fake.receive('carol')
    clock.advance(limits.upstreamPingEveryMs.value)
    assert.equal((await waiting).text(Ping.Status), '2')
  })

  it('a phone that goes away is forgotten at once', async () => {
    const gone = new AbortController()
    const waiting = rig.phone('P10').ping(600, ['in'], gone.signal)
    await held()
    gone.abort()
    await assert.rejects(waiting)
    await until(() => rig.gateway.underWay === 0 && rig.gate.open === 0)
  })

  it('stopping answers 1, so that a restart makes nobody resync', async () => {
    const other = await startRig()
    const waiting = other.phone('P11').ping(600, ['in'])
    await until(() => other.gateway.underWay > 0)
    const stopped = other.gateway.stop()
    assert.equal((await waiting).text(Ping.Status), '1')
    await stopped
    await other.stop()
  })
})

describe('many held Pings', () => {
  it('19: 200 of them leave four workers free for Settings', async () => {
    const rig = await startRig()
    rig.fake.limitWorkers(4)
    rig.fake.shortestPing = 10
    const phones = Array.from({ length: 200 }, (_, index) =>
      rig.phone(`M${index}`, { user: `user${index}` }),
    )
    const waiting = phones.map((phone) => phone.ping(600, ['in']))
    await until(() => rig.gateway.underWay === 200)
    const busy = rig.phone('SETTINGS')
    await busy.provision()
    // Would wait for ever, were a worker held by each Ping: the clock of the rig stands still.
    for (let round = 0; round < 40; round += 1)
      assert.equal((await busy.settings()).text(Settings.Status), '1')
    rig.gate.say({ outcome: 'block' })
    for (const answer of await Promise.all(waiting)) assert.equal(answer.text(Ping.Status), '7')
    await rig.stop()
  })

  it('1000 end when they are withdrawn', async () => {
    const rig = await startRig()
    const phones = Array.from({ length: 1000 }, (_, index) =>
      rig.phone(`W${index}`, { user: `user${index}` }),
    )
    const waiting = phones.map((phone) => phone.post('Ping', pingBody(600, ['in'])))
    await until(() => rig.gateway.underWay === 1000)
    rig.gate.say({ outcome: 'quarantine' })
    const answers = await Promise.all(waiting)
    for (const answer of answers) assert.equal(answer.text(Ping.Status), '7')
    await rig.stop()
  })
})
