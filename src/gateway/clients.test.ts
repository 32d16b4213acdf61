import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { openStore } from '../store/store.ts'
import { createClients } from './clients.ts'
import { gatewayMigrations } from './migrations.ts'
import { unknownClient } from './records.ts'

const openTestStore = () =>
  openStore({ url: ':memory:', migrations: gatewayMigrations, clock: systemClock, log: silentLog })

describe('clients', () => {
  it('a stranger has no key; what is changed stays, also for another node', async () => {
    const store = await openTestStore()
    const clients = createClients(store)
    assert.deepEqual(await clients.state('prt_a'), unknownClient)
    await clients.change('prt_a', (state) => ({ ...state, policyKey: 2 ** 31 - 2, inbox: 'in' }))
    assert.equal((await clients.state('prt_a')).policyKey, 2 ** 31 - 2)
    const other = createClients(store)
    assert.equal((await other.state('prt_a')).inbox, 'in')
    await other.change('prt_a', (state) => ({ ...state, policyKey: 7 }))
    assert.equal((await clients.state('prt_a')).policyKey, 2 ** 31 - 2, 'remembered')
    assert.equal((await clients.state('prt_a', 'fresh')).policyKey, 7)
    await clients.forget('prt_a')
    assert.deepEqual(await clients.state('prt_a'), unknownClient)
    await store.stop()
  })

  it('two changes at once both count', async () => {
    const store = await openTestStore()
    const clients = createClients(store)
    await Promise.all([
      clients.change('prt_a', (state) => ({ ...state, policyKey: 1 })),
      clients.change('prt_a', (state) => ({ ...state, inbox: 'in' })),
    ])
    const state = await clients.state('prt_a', 'fresh')
    assert.equal(state.policyKey, 1)
    assert.equal(state.inbox, 'in')
    await store.stop()
  })
})
