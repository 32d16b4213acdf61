import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { openStore, type Store } from '../../store/store.ts'
import { mailboxMigrations } from '../migrations.ts'
import * as records from './records.ts'

let store: Store
before(async () => {
  const given = { migrations: mailboxMigrations, clock: systemClock, log: silentLog }
  store = await openStore({ url: ':memory:', ...given })
})
after(() => store.stop())

let clients = 0
const newClient = (): records.CollectionId => ({
  partnership: `prt_${++clients}`,
  source: 'own',
  collection: 'in',
})
const told = (item: number, sent: number, manner = 0) => ({ item, sent, manner })

describe('what a client holds', () => {
  test('is what it was told, once it acknowledges that', async () => {
    const client = newClient()
    await store.transact(async (tx) => {
      await records.tellHeld(tx, client, [told(1, 1), told(2, 1)])
      await records.tellHeld(tx, client, [])
    })
    assert.deepEqual(
      (await records.findUnsettled(store.db, client)).map(({ item }) => item),
      [2, 1],
    )
    await store.transact((tx) => records.settleHeld(tx, client))
    assert.deepEqual(await records.findUnsettled(store.db, client), [])
    assert.deepEqual(await records.listHeld(store.db, client), [told(1, 1), told(2, 1)].map(held))

    // A change and a deletion; until they are acknowledged, both can be said again.
    await store.transact((tx) => records.tellHeld(tx, client, [told(1, 2), told(2, 0, 2)]))
    assert.deepEqual(await records.findUnsettled(store.db, client), [
      { item: 2, acknowledged: 1, sent: 0, manner: 2 },
      { item: 1, acknowledged: 1, sent: 2, manner: 0 },
    ])
    assert.equal(await records.heldVersion(store.db, client, 1), 2)
    await store.transact((tx) => records.settleHeld(tx, client))
    assert.deepEqual(await records.listHeld(store.db, client), [held(told(1, 2))])
    assert.equal(await records.heldVersion(store.db, client, 2), 0)
    await store.transact((tx) => records.clearHeld(tx, client))
    assert.deepEqual(await records.listHeld(store.db, client), [])
  })

  test('is nobody else’s, and not that of another collection', async () => {
    const [one, other] = [newClient(), newClient()]
    const elsewhere = { ...one, collection: 'sent' }
    await store.transact((tx) => records.tellHeld(tx, one, [told(1, 1)]))
    for (const each of [other, elsewhere]) {
      assert.deepEqual(await records.listHeld(store.db, each), [])
      await store.transact((tx) => records.clearHeld(tx, each))
    }
    assert.deepEqual(await records.listHeld(store.db, one), [held(told(1, 1))])
  })
})

describe('what is kept of a client', () => {
  test('the state of a collection, the newest', async () => {
    const client = newClient()
    assert.equal(await records.findSync(store.db, client), undefined)
    const state = { nonce: 'n', serial: 1, days: 0, since: 0, seen: -1, options: '' }
    for (const serial of [1, 2])
      await store.transact((tx) => records.saveSync(tx, client, { ...state, serial }))
    assert.deepEqual(await records.findSync(store.db, client), { ...state, serial: 2 })
    assert.equal(await records.findSync(store.db, { ...client, source: 'quarantine' }), undefined)
  })

  test('its last Ping and its last Sync, each by itself', async () => {
    const { partnership } = newClient()
    assert.deepEqual(await records.findClient(store.db, partnership, 'own'), { ping: '', sync: '' })
    await records.saveClient(store.db, partnership, 'own', { ping: 'p' })
    await records.saveClient(store.db, partnership, 'own', { sync: 's' })
    assert.deepEqual(await records.findClient(store.db, partnership, 'own'), {
      ping: 'p',
      sync: 's',
    })
  })

  test('what it sent: begun, then done, and forgotten in time', async () => {
    const { partnership } = newClient()
    const save = (clientId: string, done: boolean, at: number, before = 0) =>
      store.transact((tx) => records.saveSent(tx, { partnership, clientId, done, at }, before))
    assert.equal(await records.findSent(store.db, partnership, 'c'), undefined)
    await save('c', false, 1)
    assert.equal(await records.findSent(store.db, partnership, 'c'), 'begun')
    await save('c', true, 2)
    assert.equal(await records.findSent(store.db, partnership, 'c'), 'done')
    await save('d', true, 100, 50)
    assert.equal(await records.findSent(store.db, partnership, 'c'), undefined)
    assert.equal(await records.findSent(store.db, partnership, 'd'), 'done')
  })

  test('all of it goes with the client', async () => {
    const client = newClient()
    const { partnership } = client
    const state = { nonce: 'n', serial: 1, days: 0, since: 0, seen: -1, options: '' }
    await store.transact(async (tx) => {
      await records.saveSync(tx, client, state)
      await records.tellHeld(tx, client, [told(1, 1)])
      await records.saveClient(tx, partnership, 'own', { ping: 'p' })
      await records.saveSent(tx, { partnership, clientId: 'c', done: true, at: 1 }, 0)
      await records.saveNotice(tx, partnership, 7, { shownAt: 5, read: true })
    })
    assert.deepEqual(await records.findNotice(store.db, partnership, 7), { shownAt: 5, read: true })
    await store.transact((tx) => records.forgetClient(tx, partnership))
    assert.equal(await records.findSync(store.db, client), undefined)
    assert.deepEqual(await records.listHeld(store.db, client), [])
    assert.equal((await records.findClient(store.db, partnership, 'own')).ping, '')
    assert.equal(await records.findSent(store.db, partnership, 'c'), undefined)
    assert.equal(await records.findNotice(store.db, partnership, 7), undefined)
  })
})

const held = ({ item, sent }: { item: number; sent: number }) => ({ item, sent })
