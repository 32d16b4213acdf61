import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { minute } from '../../src/base/clock.ts'
import type { PortalClient } from '../../src/graph/contract.ts'
import { confirmAll } from '../../src/demo/stage.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import { eventually } from './eventually.ts'
import {
  type Front,
  healthyPhone,
  mailsOf,
  openFront,
  organization,
  phonesPolicy,
  type PolicyDraft,
  setUp,
  subjects,
} from './front.ts'
import { type RealSogo, startSogo } from './sogo.ts'

const notYet = Symbol('not yet')

describe('EAS acceptance over SOGo: quarantine', () => {
  let sogo: RealSogo
  before(async () => {
    sogo = await startSogo()
  })
  after(() => sogo?.stop())

  const withMail = () => ({ smtp: { url: sogo.smtp, from: 'postern@corp.test' } })

  test('8: a quarantined phone works, sees one notice and nothing else, and SOGo never hears of it', async (t) => {
    const front = await openFront(t, sogo, withMail())
    await quarantineAll(front)
    await sogo.deliver('alice', 'Eight')
    const phone = front.house.phone('alice', 'Held8')
    assert.equal((await phone.options()).http, 200)
    assert.equal((await phone.folderSync()).status, 142)
    const { second } = await phone.provision({ ...healthyPhone, imei: '356938035643809' })
    assert.equal(second?.status, 1)
    assert.equal((await phone.sendDeviceInformation(healthyPhone)).status, 1)
    assert.equal((await phone.folderSync()).status, 1)
    await phone.syncAll(phone.inbox, { bodies: [{ type: 1 }] })
    const [notice, more] = [...phone.mails().values()]
    assert.ok(notice && !more)
    const year = String(new Date().getUTCFullYear())
    for (const [label, value] of [
      ['Model', 'iPhone15C4'],
      ['Type', 'iPhone'],
      ['Device ID', 'Held8'],
      ['System', 'iOS 17.4 21E219'],
      ['Mail app', 'Apple-iPhone15C4/2201.100'],
      ['IMEI', '356938035643809'],
      ['EAS version', '14.1'],
      ['Access', 'held back'],
      ['Reason', 'exchangeGlobalRule'],
      ['Sent at', year],
      ['Sent to', 'alice@corp.test'],
    ] as const) {
      const line = notice.body?.data.split(/\r?\n/).find((each) => each.startsWith(label))
      assert.ok(line?.includes(value), `${label}: ${line}`)
    }
    assert.match(notice.body?.data ?? '', new RegExp(`${front.house.url}/portal/\\S`))
    for (const folder of phone.folders.keys()) {
      if (folder === phone.inbox) continue
      await phone.syncAll(folder)
      assert.equal(phone.mails(folder).size, 0)
    }
    const again = await phone.sync()
    assert.ok(again.http === 200 && (again.collection?.changes ?? []).length === 0)
    assert.equal(phone.mails().size, 1)

    const held = phone.ping({ heartbeatSeconds: 60, folders: [phone.inbox] })
    assert.equal(await Promise.race([held, pause(500, notYet)]), notYet)
    assert.deepEqual(await front.reached('Held8'), [])
    assert.equal((await front.row('Held8'))?.exchangeAccessState, 'quarantined')
    await front.judge('Held8', 'block')
    assert.equal((await held).status, 7)
  })

  test('8: whatever a quarantined phone asks of real mail is refused, with 130 or 403', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    await sogo.deliver('alice', 'Eight, real')
    const allowed = front.house.phone('alice', 'Allowed8')
    await setUp(allowed)
    await front.judge('Allowed8', 'allow')
    await quarantineAll(front)
    const [serverId = ''] = allowed.mails().keys()
    const real = { serverId, from: allowed.inbox, to: allowed.folder(4) }
    assert.ok(serverId)
    for (const version of ['14.1', '12.1'] as const) {
      const id = `Asks8x${version.replace('.', '')}`
      const phone = front.house.phone('alice', id, { version })
      await setUp(phone)
      const mime = 'To: carol@corp.test\r\nSubject: Out of quarantine\r\n\r\nno'
      const source = { folderId: real.from, itemId: serverId }
      const statuses = [
        await phone.sendMail(mime),
        await phone.smart('SmartForward', source, mime),
        await phone.smart('SmartReply', source, mime),
        await phone.moveItems([real]),
        (await phone.search('Mailbox', 'Eight')).seen,
        (await phone.search('GAL', 'bob')).seen,
      ].map(({ http, status }) => (http === 200 ? status : http))
      const refused = version === '14.1' ? 130 : 403
      assert.deepEqual(
        statuses,
        statuses.map(() => refused),
      )
      const { seen, status, mail } = await phone.fetch(real.from, serverId)
      assert.ok(seen.http === 403 || seen.status === 130 || (status !== 1 && status !== undefined))
      assert.equal(mail, undefined)
      // Not its folder: it is sent to FolderSync, where it sees those that it has.
      assert.equal((await phone.sync(real.from, { syncKey: '0' })).status, 12)
      assert.deepEqual(await front.reached(id), [])
    }
    assert.ok(!(await mailsOf(sogo, 'carol')).some((mail) => mail.subject.startsWith('Out of')))
    await setUp(allowed)
    assert.ok(allowed.mails().has(serverId))
  })

  test('8: one mail to the real mailbox and one to the administrators; connecting again sends none', async (t) => {
    const front = await openFront(t, sogo, withMail())
    await quarantineAll(front, { adminMailRecipients: ['carol@corp.test'] })
    const phone = front.house.phone('bob', 'Mailed8')
    await setUp(phone)
    const told = async (user: string) =>
      (await mailsOf(sogo, user)).filter(({ text }) => text.includes('Mailed8'))
    await eventually(async () => (await told('bob')).length === 1, 'a mail to the user')
    await eventually(async () => (await told('carol')).length === 1, 'a mail to the administrator')
    const [mail] = await told('bob')
    assert.deepEqual([mail?.from, mail?.to], ['postern@corp.test', 'bob@corp.test'])
    assert.equal(mail?.subject, subjects(phone)[0])
    assert.match(mail?.text ?? '', new RegExp(`${front.house.url}/portal/\\S`))
    const [report] = await told('carol')
    assert.doesNotMatch(report?.text ?? '', /\/portal\/\S/)
    for (let round = 0; round < 5; round++) await setUp(phone)
    await setUp(front.house.phone('bob', 'mailed8')) // the same phone, as some spell it
    await pause(500)
    assert.deepEqual([(await told('bob')).length, (await told('carol')).length], [1, 1])
  })

  test('9: the phone becomes compliant: its Ping ends, our keys go, real mail comes once', async (t) => {
    const front = await openFront(t, sogo)
    await front.apply(...phonesPolicy())
    await front.enforce()
    for (const subject of ['Nine, one', 'Nine, two']) await sogo.deliver('bob', subject)
    const phone = front.house.phone('bob', 'Freed9')
    await setUp(phone)
    assert.equal(phone.mails().size, 1)
    const gateInbox = phone.inbox
    const gateKey = phone.boxes.get(gateInbox)?.key ?? ''
    const held = phone.ping({ heartbeatSeconds: 600, folders: [gateInbox] })
    await pause(100)
    const released = performance.now()
    await confirmAll(await front.house.portal('bob'))
    assert.equal((await held).status, 7)
    assert.ok(performance.now() - released < 1000)

    assert.equal((await phone.sync(gateInbox, { syncKey: gateKey })).collection?.status, 3)
    assert.equal((await phone.folderSync()).status, 9)
    assert.equal((await phone.folderSync('0')).status, 1)
    assert.notEqual(phone.inbox, gateInbox)
    assert.equal((await phone.sync(phone.inbox, { syncKey: gateKey })).collection?.status, 3)
    const commands = (await front.reached('Freed9')).map(({ command }) => command)
    assert.deepEqual(commands, ['FolderSync'])
    await phone.syncAll()
    assert.deepEqual(times(phone, /^Nine/), { 'Nine, one': 1, 'Nine, two': 1 })
    assert.ok(!subjects(phone).some((subject) => subject.startsWith('Your mail is waiting')))
  })

  test('10: the phone falls out of compliance: held requests end, real keys stay here; back without loss', async (t) => {
    const front = await openFront(t, sogo)
    await front.apply(...phonesPolicy('17.0'))
    await front.enforce()
    for (const subject of ['Ten, one', 'Ten, two']) await sogo.deliver('carol', subject)
    const phone = await compliantPhone(front, 'carol', 'Falls10')
    const [realInbox, realFolderKey] = [phone.inbox, phone.folderKey]
    const realKey = phone.boxes.get(realInbox)?.key ?? ''
    const ping = phone.ping({ heartbeatSeconds: 600, folders: [realInbox] })
    const waiting = phone.sync(realInbox, { heartbeatSeconds: 600 })
    await pause(300)
    const tightened = performance.now()
    await front.apply(...phonesPolicy('18.0'))
    assert.equal((await ping).status, 7)
    assert.equal((await waiting).status, 12)
    assert.ok(performance.now() - tightened < 1000)

    const before = (await front.reached('Falls10')).length
    assert.equal((await phone.sync(realInbox, { syncKey: realKey })).collection?.status, 3)
    assert.equal((await phone.folderSync(realFolderKey)).status, 9)
    await setUp(phone)
    assert.deepEqual(subjects(phone), ['Your mail is waiting: this device needs attention'])
    assert.equal((await front.row('Falls10', 'carol'))?.complianceState, 'noncompliant')
    assert.equal((await front.reached('Falls10')).length, before)

    await sogo.deliver('carol', 'Ten, meanwhile')
    await phone.sendDeviceInformation({ model: 'iPhone15C4', os: 'iOS 18.1 22B83' })
    await setUp(phone)
    assert.deepEqual(times(phone, /^Ten/), { 'Ten, one': 1, 'Ten, two': 1, 'Ten, meanwhile': 1 })
    assert.equal(phone.inbox, realInbox)
  })

  test('12: personal block > personal allow > rule block > quarantine > allow > default', async (t) => {
    const front = await openFront(t, sogo)
    const rule = (name: string, queryString: string, accessLevel: Level): PolicyDraft => ({
      kind: 'deviceAccessRule',
      name,
      characteristic: name.startsWith('type') ? 'DeviceType' : 'UserAgent',
      queryString,
      accessLevel,
    })
    await front.apply(
      organization({ defaultAccessLevel: 'block' }),
      rule('type-block', 'Banned', 'block'),
      rule('type-quarantine', 'Odd', 'quarantine'),
      rule('type-allow', 'Good', 'allow'),
      rule('agent-quarantine', 'Slow/1', 'quarantine'),
      rule('agent-allow', 'Fast/1', 'allow'),
    )
    await front.enforce()
    const states: Record<string, string | undefined> = {}
    for (const deviceType of ['Banned', 'Odd', 'Good', 'Other'])
      for (const userAgent of ['Slow/1', 'Fast/1', 'None/1']) {
        const id = `Order12${deviceType}${userAgent.slice(0, 4)}`
        await front.house.phone('alice', id, { deviceType, userAgent }).folderSync()
        states[id.slice(7)] = (await front.row(id))?.exchangeAccessState
      }
    assert.deepEqual(states, orderOfRules)
    await front.judge('Order12BannedNone', 'allow')
    assert.equal((await front.row('Order12BannedNone'))?.exchangeAccessState, 'allowed')
    await front.judge('Order12BannedNone', 'block')
    assert.equal((await front.row('Order12BannedNone'))?.exchangeAccessState, 'blocked')
    await front.judge('Order12GoodFast', 'block')
    assert.equal((await front.row('Order12GoodFast'))?.exchangeAccessState, 'blocked')

    // A changed rule reaches quarantined and blocked clients without a request of theirs.
    await front.apply(rule('type-allow', 'Odd', 'allow'), rule('type-quarantine', 'Other', 'allow'))
    for (const id of ['Order12OddSlow', 'Order12OddNone', 'Order12OtherNone', 'Order12OtherSlow'])
      await eventually(async () => (await front.row(id))?.exchangeAccessState === 'allowed', id)
    assert.equal((await front.row('Order12GoodNone'))?.exchangeAccessState, 'blocked')
  })

  test('13: while rules ask for the system, a client that has not told it waits; at most 14 minutes', async (t) => {
    const clock = createMovedClock()
    const front = await openFront(t, sogo, {}, { clock })
    await front.apply({
      kind: 'deviceAccessRule',
      name: 'Too old',
      characteristic: 'DeviceOS',
      queryString: 'Android 4.4',
      accessLevel: 'block',
    })
    await front.enforce()
    await sogo.deliver('alice', 'Thirteen')
    const state = async (id: string) => (await front.row(id))?.exchangeAccessState
    const silent = (id: string) => front.house.phone('alice', id, { version: '14.0' })
    const [old, good, mute] = [silent('Old13'), silent('Good13'), silent('Mute13')]
    for (const phone of [old, good, mute]) {
      await setUp(phone)
      assert.equal(await state(phone.deviceId), 'deviceDiscovery')
      assert.deepEqual(subjects(phone), ['Your mail comes in a moment'])
      assert.deepEqual(await front.reached(phone.deviceId), [])
    }
    await old.sendDeviceInformation({ model: 'Nexus 5', os: 'Android 4.4' })
    assert.equal((await old.folderSync()).status, 129)
    assert.equal(await state('Old13'), 'blocked')
    await good.sendDeviceInformation({ model: 'Pixel 9', os: 'Android 16' })
    await setUp(good)
    assert.ok(subjects(good).includes('Thirteen'))

    // 14.1 tells it with Provision.
    const newer = front.house.phone('alice', 'Newer13')
    await newer.folderSync()
    assert.equal(await state('Newer13'), 'deviceDiscovery')
    await newer.provision({ model: 'Nexus 5', os: 'Android 4.4' })
    assert.equal((await newer.folderSync()).status, 129)

    const held = mute.ping({ heartbeatSeconds: 3000, folders: [mute.inbox] })
    await pause(100)
    clock.move(13 * minute)
    assert.equal(await Promise.race([held, pause(300, notYet)]), notYet)
    assert.equal(await state('Mute13'), 'deviceDiscovery')
    clock.move(minute)
    assert.equal((await held).status, 7)
    await eventually(async () => (await state('Mute13')) === 'allowed')
    await setUp(mute)
    assert.ok(subjects(mute).includes('Thirteen'))
    assert.equal(await state('Old13'), 'blocked')
  })
})

type Level = 'allow' | 'block' | 'quarantine'

/** By device type, then by user agent: of two rules the stricter one counts. */
const orderOfRules = {
  BannedSlow: 'blocked',
  BannedFast: 'blocked',
  BannedNone: 'blocked',
  OddSlow: 'quarantined',
  OddFast: 'quarantined',
  OddNone: 'quarantined',
  GoodSlow: 'quarantined',
  GoodFast: 'allowed',
  GoodNone: 'allowed',
  OtherSlow: 'quarantined',
  OtherFast: 'allowed',
  OtherNone: 'blocked',
}

async function quarantineAll(
  front: Front,
  more: Parameters<typeof organization>[0] = {},
): Promise<void> {
  await front.apply(organization({ defaultAccessLevel: 'quarantine', ...more }))
  await front.enforce()
}

/** A phone that went through notice and portal, with real mail on it. */
async function compliantPhone(front: Front, user: string, deviceId: string): Promise<EasClient> {
  const phone = front.house.phone(user, deviceId)
  await setUp(phone)
  const clients: readonly PortalClient[] = await confirmAll(await front.house.portal(user))
  assert.ok(clients.some((client) => client.compliance === 'done'))
  await setUp(phone)
  return phone
}

/** How often the phone holds each message of these subjects. */
function times(phone: EasClient, wanted: RegExp): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const subject of subjects(phone))
    if (wanted.test(subject)) counted[subject] = (counted[subject] ?? 0) + 1
  return counted
}
