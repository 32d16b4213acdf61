import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { failsWith } from '../../test/worlds/devices.ts'
import type { PolicySet } from '../conditional/conditional.ts'
import { readPolicy } from '../conditional/read-policy.ts'
import { findHoles, type HolesAsked } from './holes.ts'
import { createHolesThread } from './holes-thread.ts'

// This also holds src/graph/holes.ts and src/graph/holes-worker.ts.

const holes = createHolesThread()
after(() => holes.stop())

const policyFor = (group: string, control: string) =>
  readPolicy({
    displayName: `${control} for ${group}`,
    state: 'enabled',
    conditions: {
      users: { includeGroups: [group] },
      applications: { includeApplications: ['All'] },
      clientAppTypes: ['all'],
    },
    grantControls: { operator: 'OR', builtInControls: [control] },
  }).policy

const asked = (policies: PolicySet['policies']): HolesAsked => ({
  set: { policies },
  names: new Map([['g1', 'Staff']]),
  now: Date.UTC(2026, 2, 1),
})
const staff = asked([policyFor('g1', 'compliantDevice'), policyFor('g2', 'mfa')])

it('finds beside the deciding thread what it would find itself, however many ask at once', async () => {
  let turns = 0
  let found = false
  const both = Promise.all([holes.find(staff), holes.find(asked([]))]).finally(() => {
    found = true
  })
  while (!found) {
    await turn()
    turns += 1
  }
  assert.deepEqual(await both, [findHoles(staff), findHoles(asked([]))])
  assert.ok(turns > 10, `${turns} turns`)
})

it('a search that fails, or is ended, takes nobody with it', async () => {
  const broken = asked([{ ...policyFor('g1', 'mfa'), conditions: undefined } as never]) // no policy has none
  await assert.rejects(holes.find(broken), failsWith('internal'))
  const ended = holes.find(staff)
  const refused = assert.rejects(ended, failsWith('internal'))
  await turn()
  await holes.stop()
  await refused
  assert.deepEqual(await holes.find(staff), findHoles(staff))
})
