import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  hold,
  knownPhone,
  onlyMail,
  openSite,
  phonesPolicy,
  settle,
  soon,
  subjects,
  confirm,
} from './site.ts'

/** Ping 7 and Sync 12: look at your folders, something is different. */
const cut = [7, 12]

describe('an administrator’s word', () => {
  test('approval: a healthy phone waits for it, is told so, and gets its mail by it', async (t) => {
    const site = await openSite(t)
    const { house } = site
    await house.addUser('alice')
    await house.deliver('alice', 'Figures')
    await site.apply(...phonesPolicy('17.0', { requireApproval: true }))
    await site.enforce()
    const phone = house.phone('alice', 'ALICE1')
    await settle(phone)
    const unknown = onlyMail(phone)
    const waiting = await hold(phone)
    await confirm(house, 'alice', 'ALICE1')
    // Still no mail; but what it is told is something else, so it must look.
    assert.deepEqual(await waiting.ended(), cut)
    await settle(phone)
    assert.notEqual(onlyMail(phone).subject, unknown.subject)
    assert.equal((await site.row('ALICE1')).exchangeAccessStateReason, 'approvalPending')
    const person = await house.portal('alice')
    const { value } = await person.call<{ value: object[] }>('GET', '/me/clients')
    assert.partialDeepStrictEqual(value, [{ compliance: 'done', activation: 'waiting' }])
    const pending = await hold(phone)
    await site.act('ALICE1', 'allowAccess')
    assert.deepEqual(await pending.ended(), cut)
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'])
    // Taken back, it waits again.
    const held = await hold(phone)
    await site.act('ALICE1', 'resetAccess')
    assert.deepEqual(await held.ended(), cut)
  })

  test('block: a stolen phone is cut off though it is healthy, and refused in the words of its version', async (t) => {
    const site = await openSite(t)
    const { house } = site
    await house.addUser('alice')
    await house.deliver('alice', 'Figures')
    await site.apply(...phonesPolicy('17.0'))
    await site.enforce()
    const stolen = await knownPhone(site, 'alice', 'STOLEN')
    const old = await knownPhone(site, 'alice', 'OLD', { version: '12.1' })
    const other = await knownPhone(site, 'alice', 'OTHER')
    const held = [await hold(stolen), await hold(old)]
    const kept = await hold(other)
    for (const phone of [stolen, old]) await site.act(phone.deviceId, 'blockAccess')
    assert.deepEqual(await Promise.all(held.map((one) => one.ended())), [cut, cut])
    assert.deepEqual(
      [(await stolen.folderSync()).http, (await stolen.folderSync()).status],
      [200, 129],
    )
    assert.equal((await old.folderSync()).http, 403)
    assert.equal(kept.over, 0)
    await site.act('STOLEN', 'resetAccess')
    await settle(stolen)
    assert.deepEqual(subjects(stolen), ['Figures'])
    // Never an approval past health: the same word on a phone that nobody knows opens nothing.
    const unknown = house.phone('alice', 'UNKNOWN')
    await settle(unknown)
    await site.act('UNKNOWN', 'allowAccess')
    await settle(unknown)
    assert.notDeepEqual(subjects(unknown), ['Figures'])
    assert.equal(kept.over, 0)
    await house.deliver('alice', 'More')
    assert.deepEqual(await kept.ended(), [2, 1])
  })

  test('without the policy, personal lists stand before device rules and the default level', async (t) => {
    const site = await openSite(t)
    const { house } = site
    await house.addUser('alice')
    await house.deliver('alice', 'Figures')
    await site.apply({ kind: 'organization', defaultAccessLevel: 'quarantine' })
    await site.enforce()
    const phone = house.phone('alice', 'ALICE1')
    await settle(phone)
    onlyMail(phone)
    assert.equal((await site.row('ALICE1')).exchangeAccessStateReason, 'exchangeGlobalRule')
    const waiting = await hold(phone)
    await site.act('ALICE1', 'allowAccess')
    assert.deepEqual(await waiting.ended(), cut)
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'])
    const held = await hold(phone)
    await site.act('ALICE1', 'blockAccess')
    assert.deepEqual(await held.ended(), cut)
    assert.equal((await phone.folderSync()).status, 129)
    assert.equal((await site.row('ALICE1')).exchangeAccessStateReason, 'exchangeIndividualRule')
  })

  test('an exempt group reads on without enrollment; whoever leaves it is held to the policy at once', async (t) => {
    const site = await openSite(t)
    const { house } = site
    for (const user of ['alice', 'bob']) {
      await house.addUser(user)
      await house.deliver(user, 'Figures')
    }
    await site.group('Board', 'alice')
    // A group in the group counts too.
    await site.group('Inner', 'bob')
    await house.administrator.call('POST', '/groups/Board/members', { add: ['Inner'] })
    await site.apply(...phonesPolicy('17.0', { exempt: ['Board'] }))
    await site.enforce()
    const alice = house.phone('alice', 'ALICE1')
    const bob = house.phone('bob', 'BOB1')
    for (const phone of [alice, bob]) {
      await settle(phone)
      assert.deepEqual(subjects(phone), ['Figures'])
    }
    const [held, kept] = [await hold(alice), await hold(bob)]
    await site.leave('Board', 'alice')
    assert.deepEqual(await held.ended(), cut)
    await settle(alice)
    assert.notDeepEqual(subjects(alice), ['Figures'])
    assert.equal(kept.over, 0)
    await site.leave('Board', 'Inner')
    assert.deepEqual(await kept.ended(), cut)
  })

  for (const state of ['observing', 'enforcing'])
    test(`a user who is disabled while holding, ${state}, is out at once and back when enabled`, async (t) => {
      const site = await openSite(t)
      const { house } = site
      for (const user of ['alice', 'bob']) await house.addUser(user)
      await house.deliver('alice', 'Figures')
      if (state === 'enforcing') await site.enforce()
      const alice = house.phone('alice', 'ALICE1')
      const bob = house.phone('bob', 'BOB1')
      await settle(alice)
      await settle(bob)
      const [held, kept] = [await hold(alice), await hold(bob)]
      const person = await house.portal('alice')
      const account = { accountEnabled: false }
      await house.administrator.call('PATCH', '/users/alice', account)
      const statuses = await soon(Promise.all([held.ping, held.sync]), 'a disabled user is held')
      assert.deepEqual(statuses, cut)
      assert.equal((await alice.folderSync()).http, 401)
      await assert.rejects(person.call('GET', '/me/clients'), /401/)
      assert.equal(kept.over, 0)
      await house.administrator.call('PATCH', '/users/alice', { accountEnabled: true })
      await settle(alice)
      assert.deepEqual(subjects(alice), ['Figures'])
    })
})
