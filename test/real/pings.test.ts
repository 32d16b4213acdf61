import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { EasClient } from '../../src/phone/phone.ts'
import { eventually } from './eventually.ts'
import { type Front, healthyPhone, openFront, setUp, subjects } from './front.ts'
import { type RealSogo, startSogo } from './sogo.ts'

const notYet = Symbol('not yet')

describe('EAS acceptance over SOGo: held requests', () => {
  let sogo: RealSogo
  before(async () => {
    sogo = await startSogo({ workers: 4 })
  })
  after(() => sogo?.stop())

  test('19: a heartbeat out of bounds hears the bound; an empty Ping takes the parameters of the last', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const phone = front.house.phone('alice', 'Bounds19')
    await setUp(phone)
    const folders = [phone.inbox]
    assert.equal((await phone.ping()).status, 3, 'an empty first Ping')
    assert.equal((await phone.ping({ heartbeatSeconds: 60 })).status, 3, 'no folders yet')
    for (const [asked, bound] of [
      [5, 60],
      [59, 60],
      [3541, 3540],
      [4000, 3540],
    ] as const) {
      const { status, heartbeatSeconds } = await phone.ping({ heartbeatSeconds: asked, folders })
      assert.deepEqual([status, heartbeatSeconds], [5, bound], `${asked} s`)
    }
    assert.equal((await phone.ping()).status, 3, 'what was refused is not kept')

    const asks = [{ heartbeatSeconds: 60, folders }, undefined, { heartbeatSeconds: 120 }] as const
    for (const [at, ask] of asks.entries()) {
      const held = phone.ping(ask)
      await isHeld(held)
      await sogo.deliver('alice', `Nineteen, ${at}`)
      const { status, folders: told } = await held
      assert.deepEqual([status, told], [2, folders])
      await setUp(phone)
      assert.ok(subjects(phone).includes(`Nineteen, ${at}`))
    }
    const commands = (await front.reached('Bounds19')).map(({ command }) => command)
    assert.ok(commands.filter((command) => command === 'Ping').length <= 1, String(commands))
  })

  test('19: new mail ends a held Ping within three seconds, with its folder', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const phone = front.house.phone('bob', 'Noticed19')
    await setUp(phone)
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const held = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
      await isHeld(held)
      await sogo.deliver('bob', `Noticed, ${round}`)
      const delivered = performance.now()
      const { status, folders } = await held
      times.push(performance.now() - delivered)
      assert.deepEqual([status, folders], [2, [phone.inbox]])
      await setUp(phone)
      assert.ok(subjects(phone).includes(`Noticed, ${round}`))
    }
    t.diagnostic(`mail noticed after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    assert.ok(Math.max(...times) < 3000)
  })

  test('19: a newer Ping of the same device ends the older; other devices keep theirs', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const phone = front.house.phone('alice', 'Newer19')
    const other = front.house.phone('alice', 'Other19')
    for (const each of [phone, other]) await setUp(each)
    const ask = { heartbeatSeconds: 600, folders: [phone.inbox] }
    const [older, others] = [phone.ping(ask), other.ping(ask)]
    await isHeld(older)
    const newer = phone.ping(ask)
    assert.equal((await older).status, 1)
    await isHeld(newer)
    await isHeld(others)
    await sogo.deliver('alice', 'Newer')
    assert.deepEqual([(await newer).status, (await others).status], [2, 2])
  })

  test('20: Wait and HeartbeatInterval at once are 4; out of bounds is 14 with the bound; SOGo hears of neither', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const phone = front.house.phone('carol', 'Waits20')
    await setUp(phone)
    const before = (await front.reached('Waits20')).length
    const both = await phone.sync(phone.inbox, { wait: 5, heartbeatSeconds: 300 })
    assert.equal(both.status, 4)
    for (const [asked, limit] of [
      [{ wait: 60 }, 59],
      [{ wait: 0 }, 1],
      [{ heartbeatSeconds: 4000 }, 3540],
      [{ heartbeatSeconds: 5 }, 60],
    ] as const) {
      const seen = await phone.sync(phone.inbox, asked)
      assert.deepEqual([seen.status, seen.limit], [14, limit])
    }
    assert.equal((await front.reached('Waits20')).length, before)
    // One within the bounds is SOGo's: whether it waits is its own matter, and it answers at once where nothing was new before.
    const waiting = phone.sync(phone.inbox, { wait: 59 })
    await sogo.deliver('carol', 'Twenty')
    assert.equal((await waiting).http, 200)
    assert.equal((await front.reached('Waits20')).length, before + 1)
    await setUp(phone)
    assert.ok(subjects(phone).includes('Twenty'))
  })

  test('19: two hundred idle Pings hold no worker of SOGo, and Settings stays quick', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    const pings = await idlePings(front, 200)
    // What SOGo was asked in between comes to rest; from then on it is left alone.
    await eventually(async () => (await sogo.connections()) === 0, 'SOGo at rest', 20_000)
    const before = (await sogo.requests()).length
    for (let look = 0; look < 20; look++) {
      assert.equal(await sogo.connections(), 0)
      await pause(50)
    }
    assert.equal((await sogo.requests()).length, before)
    assert.equal(pings.held(), 200)

    const asker = front.house.phone('carol', 'Settings19')
    await setUp(asker)
    const times: number[] = []
    for (let round = 0; round < 60; round++) {
      const asked = performance.now()
      assert.equal((await asker.sendDeviceInformation(healthyPhone)).status, 1)
      times.push(performance.now() - asked)
    }
    times.sort((a, b) => a - b)
    const [p50 = 0, p95 = 0] = [times[30], times[57]]
    t.diagnostic(
      `Settings beside 200 held Pings: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    )
    assert.equal(pings.held(), 200)

    // They are held for real: mail for one of the two users ends that user's hundred, and no other.
    await sogo.deliver('alice', 'For a hundred phones')
    await eventually(() => pings.held() === 100, 'the end of a hundred Pings')
  })
})

/** Rejects when it has ended within a moment. */
async function isHeld(request: Promise<unknown>): Promise<void> {
  assert.equal(await Promise.race([request, pause(200, notYet)]), notYet)
}

/** Many phones of two users, each with a Sync behind it and a Ping held. */
async function idlePings(front: Front, count: number): Promise<{ held(): number }> {
  let held = 0
  const rest: EasClient[] = []
  const inboxes = new Map<EasClient, string>()
  const hold = (phone: EasClient, inbox: string) => {
    held += 1
    const gone = () => void (held -= 1)
    phone.ping({ heartbeatSeconds: 3000, folders: [inbox] }).then(gone, gone)
  }
  for (const user of ['alice', 'bob']) {
    const first = front.house.phone(user, `Idle19${user}0`)
    await setUp(first)
    hold(first, first.inbox)
    for (let at = 1; at < count / 2; at++) {
      const phone = front.house.phone(user, `Idle19${user}${at}`)
      inboxes.set(phone, first.inbox)
      rest.push(phone)
    }
  }
  const work = async () => {
    for (let phone = rest.pop(); phone; phone = rest.pop()) {
      const inbox = inboxes.get(phone) ?? ''
      await phone.provision(healthyPhone)
      assert.equal((await phone.folderSync()).status, 1)
      assert.equal((await phone.sync(inbox)).collection?.status, 1)
      hold(phone, inbox)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return { held: () => held }
}
