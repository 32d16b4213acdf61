import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day, hour, minute } from '../../src/base/clock.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import { enrollAgent } from './agent.ts'
import {
  eventually,
  hold,
  iPhone,
  knownPhone,
  onlyMail,
  openSite,
  type PolicyDraft,
  settle,
  soon,
  subjects,
} from './site.ts'

const freshness: readonly PolicyDraft[] = [
  {
    kind: 'compliancePolicy',
    name: 'Phones',
    platform: 'iOS',
    settings: { osMinimumVersion: '17.0', maximumReportAgeHours: 24 },
  },
  { kind: 'exchangeOnline', enabled: true },
]

test('a clock that jumps ahead: what runs out has run out at once, for what is held and for what comes', async (t) => {
  const clock = createMovedClock()
  const site = await openSite(t, {}, { clock })
  const { house } = site
  for (const user of ['alice', 'bob']) {
    await house.addUser(user)
    await house.deliver(user, 'Figures')
  }
  await site.apply(...freshness)
  await site.enforce()
  const alice = await knownPhone(site, 'alice', 'ALICE1')
  const bob = await knownPhone(site, 'bob', 'BOB1')
  const person = await house.portal('alice')
  const held = await hold(alice)
  clock.move(25 * hour)
  const [ping, sync] = await held.ended()
  // Either is true: their time is over, and they no longer hold.
  assert.ok(ping === 7 || ping === 1, `Ping ${ping}`)
  assert.ok(sync === 12 || sync === 1, `Sync ${sync}`)
  await assert.rejects(person.call('GET', '/me/clients'), /401/)
  for (const phone of [alice, bob]) {
    await settle(phone)
    assert.notDeepEqual(subjects(phone), ['Figures'])
    onlyMail(phone)
  }
  const waiting = await hold(alice)
  assert.equal((await alice.sendDeviceInformation(iPhone('17.5'))).status, 1)
  assert.deepEqual(await waiting.ended(), [7, 12])
  await settle(alice)
  assert.deepEqual(subjects(alice), ['Figures'])
})

test('a clock that jumps back: nobody is locked out, and nobody is let in who was not', async (t) => {
  const clock = createMovedClock()
  const site = await openSite(t, {}, { clock })
  const { house } = site
  for (const user of ['alice', 'bob']) {
    await house.addUser(user)
    await house.deliver(user, 'Figures')
  }
  await site.apply(...freshness)
  await site.enforce()
  const alice = await knownPhone(site, 'alice', 'ALICE1')
  const bob = house.phone('bob', 'BOB1')
  await settle(bob)
  const [held, kept] = [await hold(alice), await hold(bob)]
  clock.move(-3 * day)
  await settle(house.phone('bob', 'BOB2'))
  assert.equal(held.over + kept.over, 0)
  // A report of today is one of the future now; it counts as of this moment.
  const device = (await site.row('ALICE1')).azureADDeviceId ?? ''
  const person = await house.portal('alice')
  const agent = await enrollAgent(house, person, device)
  const signed = await agent.sign({ osVersion: '16.0' }, clock.now() / 1000)
  assert.equal((await agent.handIn(house, signed)).status, 204)
  assert.deepEqual(await held.ended(), [7, 12])
  await settle(alice)
  assert.ok(onlyMail(alice).text.includes('16.0'))
  const better = await agent.sign({ osVersion: '17.5' }, clock.now() / 1000 + 1)
  assert.equal((await agent.handIn(house, better)).status, 204)
  await settle(alice)
  assert.deepEqual(subjects(alice), ['Figures'])
  await site.act('BOB1', 'blockAccess')
  assert.deepEqual(await kept.ended(), [7, 12])
  assert.equal((await bob.folderSync()).status, 129)
})

test('a grace period ends at its moment, whatever the clock did in between', async (t) => {
  const clock = createMovedClock()
  const site = await openSite(t, {}, { clock })
  const { house } = site
  await house.addUser('alice')
  await house.deliver('alice', 'Figures')
  const [first, online] = freshness
  assert.ok(first?.kind === 'compliancePolicy' && online)
  const settings = { osMinimumVersion: '17.0' }
  await site.apply({ ...first, settings, gracePeriodHours: 2 }, online)
  await site.enforce()
  const phone = await knownPhone(site, 'alice', 'ALICE1')
  assert.equal((await phone.sendDeviceInformation(iPhone('16.0'))).status, 1)
  await eventually(
    async () => (await site.row('ALICE1')).complianceState === 'inGracePeriod',
    'the grace period begins',
  )
  await settle(phone)
  assert.deepEqual(subjects(phone), ['Figures'])
  clock.move(-hour)
  await settle(phone)
  assert.deepEqual(subjects(phone), ['Figures'])
  const held = await hold(phone)
  clock.move(3 * hour - minute)
  await soon(held.ping, 'a Ping is held past its heartbeat')
  await settle(phone)
  assert.deepEqual(subjects(phone), ['Figures'])
  const last = await hold(phone)
  clock.move(2 * minute)
  assert.deepEqual(await last.ended(), [7, 12])
  await settle(phone)
  assert.ok(onlyMail(phone).text.includes('16.0'))
})
