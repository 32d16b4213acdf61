import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { hour, minute } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import type { LogRow } from '../../src/graph/contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import type { World } from '../../src/postern.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import { type RealPostgres, startPostgres } from '../real/postgres.ts'
import { enrollAgent } from './agent.ts'
import { newPlace, startChild } from './child.ts'
import {
  confirm,
  deskOf,
  eventually,
  hold,
  iPhone,
  onlyMail,
  openSite,
  phonesPolicy,
  settle,
  type Site,
  soon,
  subjects,
} from './site.ts'
import { phoneAt, signInAt } from './visitor.ts'

const password = 'correct horse battery'
const cut = [7, 12]

describe('two nodes over one PostgreSQL', () => {
  let postgres: RealPostgres
  before(async () => {
    postgres = await startPostgres()
  })
  after(() => postgres.stop())

  test('what is said on one node ends within a second what is held on the other', async (t) => {
    const [one, two] = await openNodes(t, await postgres.createDatabase())
    await newUser(one, 'alice')
    await one.apply(...phonesPolicy('17.0'))
    await one.enforce()
    const phone = phoneAt(two.house, { user: 'alice', password, deviceId: 'ALICE1' })
    await settle(phone)
    await confirm(one.house, 'alice', 'ALICE1')
    const times: number[] = []
    const ends = async (deed: () => Promise<unknown>) => {
      await settle(phone)
      assert.deepEqual(subjects(phone), ['Figures'])
      const held = await hold(phone)
      const since = performance.now()
      await Promise.all([deed(), held.ended().then((statuses) => assert.deepEqual(statuses, cut))])
      times.push(performance.now() - since)
    }
    await ends(() => one.act('ALICE1', 'blockAccess'))
    assert.equal((await phone.folderSync()).status, 129)
    await one.act('ALICE1', 'resetAccess')
    await ends(() => one.apply(...phonesPolicy('18.0')))
    await settle(phone)
    assert.ok(onlyMail(phone).text.includes('18.0'))
    await one.apply(...phonesPolicy('17.0'))
    // A certificate of one node is one on both: our CA is the site's, not the node's.
    const person = await signInAt(async () => two.house, 'alice', password)
    const device = (await one.row('ALICE1')).azureADDeviceId ?? ''
    const agent = await enrollAgent(two.house, person, device)
    const report = async (osVersion: string) => {
      const { status } = await agent.handIn(one.house, await agent.sign({ osVersion }))
      assert.equal(status, 204)
    }
    await ends(() => report('16.0'))
    await report('17.5')
    // It is judged after it was taken.
    for (const node of [one, two]) {
      let state = ''
      while (state !== 'allowed') state = (await node.row('ALICE1')).exchangeAccessState
    }
    await ends(() => setEnabled(one, 'alice', false))
    assert.equal((await phone.folderSync()).http, 401)
    await setEnabled(one, 'alice', true)
    await ends(() => one.act('ALICE1', 'retire'))
    const slowest = Math.max(...times)
    console.log(`  across nodes: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    assert.ok(slowest < 1000)
  })

  test('when grace ends, each device is decided once and each user told once, whichever node does it', async (t) => {
    const clock = createMovedClock()
    const sites = await openNodes(t, await postgres.createDatabase(), { clock })
    const [one] = sites
    const users = Array.from({ length: 6 }, (_, n) => `user${n}`)
    for (const user of users) await newUser(one, user)
    const [compliance, online] = phonesPolicy('17.0')
    assert.ok(compliance?.kind === 'compliancePolicy' && online)
    await one.apply({ ...compliance, gracePeriodHours: 2 }, online)
    await one.enforce()
    const phones = await Promise.all(users.map((user, n) => graced(sites[n % 2] ?? one, user)))
    const held = await Promise.all(phones.map(hold))
    const told = () => one.post.mails.filter(({ text }) => text.includes('16.0'))
    clock.move(2 * hour + minute)
    for (const each of held) await soon(each.ping, 'held past the end of grace')
    for (const phone of phones) {
      // A node that has heard nothing since the jump refuses for a moment.
      await eventually(async () => (await phone.folderSync()).http === 200, 'behind no more')
      await settle(phone)
      assert.ok(onlyMail(phone).text.includes('16.0'))
    }
    await eventually(() => told().length >= users.length, 'all are told')
    await pause(500)
    assert.deepEqual(
      told()
        .map(({ to }) => to)
        .toSorted(),
      users.map((user) => `${user}@example.org`),
    )
    const { value } = await one.house.administrator.call<{ value: LogRow[] }>(
      'GET',
      '/postern/log?$top=1000',
    )
    for (const { deviceId } of phones) {
      const quarantined = value.filter(
        (row) =>
          row.device === deviceId && row.stateReason === 'notCompliant' && row.was === 'allow',
      )
      assert.equal(quarantined.length, 1, deviceId)
    }
  })

  test('a node that hears no news refuses rather than admits, and comes back by itself', async (t) => {
    const url = await postgres.createDatabase()
    // Said again and again, of a database that is meant to be broken.
    const [one, two] = await openNodes(t, url, { log: silentLog })
    await newUser(one, 'alice')
    await one.enforce()
    const phone = phoneAt(two.house, { user: 'alice', password, deviceId: 'ALICE1' })
    await settle(phone)
    const held = await hold(phone)
    // Nothing can be read of the journal from now on, while everything else of the database goes on.
    await sql(url, 'alter table journal rename to hidden')
    const since = performance.now()
    await soon(Promise.all([held.ping, held.sync]), 'held without news', 12_000)
    const ms = performance.now() - since
    console.log(`  held without news for ${ms.toFixed(0)} ms`)
    assert.ok(ms > 3000 && ms < 8000, `${ms} ms`)
    const refused = await phone.folderSync()
    assert.deepEqual(
      [refused.http, refused.headers['retry-after'], refused.status],
      [503, '30', 111],
    )
    await sql(url, 'alter table hidden rename to journal')
    await eventually(async () => (await phone.folderSync()).status === 1, 'it comes back', 10_000)
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'])
  })

  test('a node that is killed in the middle of its duties is replaced', async (t) => {
    const { site, first, phone } = await openPair(t, await postgres.createDatabase())
    const held = await hold(phone)
    await first.end('SIGKILL')
    const since = performance.now()
    assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
    assert.deepEqual(await held.ended(), cut)
    console.log(
      `  judged ${(performance.now() - since).toFixed(0)} ms after the other node was killed`,
    )
    await settle(phone)
    assert.ok(onlyMail(phone).text.includes('16.0'))
    assert.equal((await site.row('ALICE1')).exchangeAccessStateReason, 'notCompliant')
  })

  test('a node that froze is replaced too, and admits nobody on what it knew when it thaws', async (t) => {
    const { site, first, phone, bob } = await openPair(t, await postgres.createDatabase())
    const stale = await hold(bob)
    const held = await hold(phone)
    process.kill(first.pid, 'SIGSTOP')
    const since = performance.now()
    await site.act('BOB1', 'blockAccess')
    assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
    await soon(Promise.all([held.ping, held.sync]), 'the rights of the frozen node', 25_000)
    console.log(`  judged ${(performance.now() - since).toFixed(0)} ms after the other node froze`)
    const asked = bob.folderSync()
    await pause(Math.max(0, 6000 - (performance.now() - since)))
    process.kill(first.pid, 'SIGCONT')
    // Asked before it could hear of anything: it knows that it does not know.
    const { http, status } = await soon(asked, 'no answer after the thaw')
    assert.ok(status === 129 || http === 503, `${http} ${status}`)
    assert.deepEqual(await stale.ended(), cut)
    await eventually(async () => (await bob.folderSync()).status === 129, 'it catches up', 10_000)
    await settle(phone)
    assert.ok(onlyMail(phone).text.includes('16.0'))
  })
})

/** Two Posterns in this process. Notices of both go to the first one's mail server. */
async function openNodes(t: TestContext, store: string, world: World = {}): Promise<[Site, Site]> {
  const secrets = { upstream: undefined, smtp: undefined, keys: new Secret('of both nodes') }
  const one = await openSite(t, { store, secrets }, world)
  const smtp = { url: one.post.url, from: 'postern@example.org' }
  return [one, await openSite(t, { store, secrets, smtp }, world)]
}

async function newUser({ house }: Pick<Site, 'house'>, user: string): Promise<void> {
  await house.addUser(user, password)
  await house.deliver(user, 'Figures')
}

const setEnabled = ({ house }: Site, user: string, accountEnabled: boolean) =>
  house.administrator.call('PATCH', `/users/${user}`, { accountEnabled })

/** A known phone of this user, in its grace period. */
async function graced({ house, row }: Site, user: string): Promise<EasClient> {
  const phone = phoneAt(house, { user, password, deviceId: user.toUpperCase() })
  await settle(phone)
  const person = await signInAt(async () => house, user, password)
  const { value } = await person.call<{ value: { id: string }[] }>('GET', '/me/clients')
  for (const { id } of value) await person.call('POST', `/me/clients/${id}/confirm`, {})
  assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
  await eventually(
    async () => (await row(phone.deviceId)).complianceState === 'inGracePeriod',
    `${user} is in grace`,
    20_000,
  )
  await settle(phone)
  assert.deepEqual(subjects(phone), ['Figures'])
  return phone
}

/** The first node in a process of its own, with all duties, and Bob's phone; the second here, with Alice's phone. */
async function openPair(t: TestContext, store: string) {
  const environment = { POSTERN_STORE: store, POSTERN_KEYS_SECRET: 'of both nodes' }
  const first = await startChild(t, await newPlace(t, environment))
  const secrets = { upstream: undefined, smtp: undefined, keys: new Secret('of both nodes') }
  const site = await openSite(t, { store, secrets })
  for (const user of ['alice', 'bob']) await newUser(site, user)
  await site.group('Board', 'bob')
  await deskOf(first.administrator).apply(...phonesPolicy('17.0', { exempt: ['Board'] }))
  await site.enforce()
  const phone = phoneAt(site.house, { user: 'alice', password, deviceId: 'ALICE1' })
  await settle(phone)
  await confirm(site.house, 'alice', 'ALICE1')
  await settle(phone)
  const bob = phoneAt(first, { user: 'bob', password, deviceId: 'BOB1' })
  await settle(bob)
  return { first, site, phone, bob }
}

/** Runs SQL past all nodes. */
async function sql(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
