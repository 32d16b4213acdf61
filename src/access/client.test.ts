import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openedPerTest, policyOf, until } from '../../test/fake/judging-rooms.ts'
import { createManualClock, hour } from '../base/clock.ts'
import { decide } from './decide.ts'
import { decisionTable } from './conditions/table.ts'
import type { Condition } from './conditions/condition.ts'
import { defaultAccessPolicies } from './policy.ts'

const { open } = openedPerTest()
const enforcement = { state: 'enforcing', scope: 'all' } as const
const start = Date.UTC(2026, 2, 1, 12)

/** Rooms that count how often the steps are asked. */
async function openCounting() {
  const clock = createManualClock(start)
  const asked = { times: 0 }
  const counted: Condition = {
    name: 'counted',
    judge() {
      asked.times += 1
      return undefined
    },
    because: () => '',
  }
  const steps = [{ for: 'everyone', condition: counted } as const, ...decisionTable.steps]
  const rooms = await open({ clock, table: { ...decisionTable, steps } })
  const exchangeOnline = { ...defaultAccessPolicies.exchangeOnline, enabled: true }
  await rooms.access.change({ enforcement, exchangeOnline }, 'test')
  await rooms.compliance.deploy(
    [policyOf({ passwordRequired: true }, { gracePeriodHours: 1 })],
    'test',
  )
  const { id } = await rooms.user('alice')
  const phone = await rooms.phone(id, { passwordRequired: false })
  const admit = async () => {
    const request = { protocol: 'eas', user: id, partnership: phone.partnership } as const
    const admission = await rooms.gate.admit(request)
    admission.release()
    return admission.decision
  }
  const { live, decideNow } = rooms.access.deciding
  const decideAnew = () => {
    const circumstances = live.snapshot.circumstances(phone.partnership) ?? assert.fail()
    return decide(circumstances, live.snapshot.policies, clock.now())
  }
  await until(async () => (await admit()).reasons.some(({ code }) => code === 'inGracePeriod'))
  return { clock, rooms, phone, asked, admit, decideAnew, now: () => decideNow(phone.partnership) }
}

describe('a decision', () => {
  it('is not made again while nothing changes, and is by the time at which it could differ', async () => {
    const { clock, asked, admit } = await openCounting()
    const first = await admit()
    const { times } = asked
    clock.advance(hour / 2)
    assert.equal(await admit(), first)
    assert.equal(asked.times, times)
    clock.advance(hour / 2)
    assert.equal((await admit()).stateReason, 'notCompliant')
    assert.ok(asked.times > times)
  })

  it('is made again where the clock was set back, which it was not made for', async () => {
    const { clock, asked, now } = await openCounting()
    now()
    const { times } = asked
    clock.advance(-1)
    now()
    assert.equal(asked.times, times + 1)
  })

  it('is made again after each change of what it rests on', async () => {
    const { rooms, phone, now, decideAnew } = await openCounting()
    const said = () => ({ ...now(), path: [] })
    const anew = () => ({ ...decideAnew(), path: [] })
    const { snapshot } = rooms.access.deciding.live
    const changes = [
      () => rooms.report(phone, { passwordRequired: true }),
      () => rooms.access.change({ enforcement: { state: 'observing', scope: 'all' } }, 'test'),
      () => rooms.access.change({ enforcement }, 'test'),
      () => rooms.access.judgePersonally(phone.partnership, 'block', 'test'),
      () => rooms.access.judgePersonally(phone.partnership, 'none', 'test'),
      () => void snapshot.setPolicyRefused(phone.partnership, true),
      () => void snapshot.setAddress(phone.partnership, '192.0.2.1'),
      () => rooms.devices.retire(phone.device),
      () => rooms.directory.changeUser(phone.user, { enabled: false }),
    ]
    let before = said()
    let differing = 0
    for (const change of changes) {
      await change()
      await rooms.access.deciding.live.caughtUp()
      assert.deepEqual(said(), anew())
      if (JSON.stringify(said()) !== JSON.stringify(before)) differing += 1
      before = said()
    }
    assert.ok(differing >= 6, `${differing} changed what is said`)
  })
})

it('who is the same stays the same object when the directory changes elsewhere', async () => {
  const { rooms, phone } = await openCounting()
  const { live } = rooms.access.deciding
  const user = () => live.snapshot.circumstances(phone.partnership)?.user
  const before = user()
  const { id } = await rooms.user('bob')
  const staff = await rooms.directory.addGroup('staff')
  await rooms.directory.changeMembers(staff.id, { add: [id] })
  await live.meetNewcomers()
  live.snapshot.setAddress(phone.partnership, '192.0.2.1')
  assert.equal(user(), before)
  await rooms.directory.changeMembers(staff.id, { add: [phone.user] })
  await live.caughtUp()
  assert.notEqual(user(), before)
  assert.ok(user()?.groups.has(staff.id))
})
