import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createManualClock, second } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import { refusal } from './decide.ts'
import type { Decision, Outcome } from './decision.ts'
import { HeldAdmissions } from './held.ts'
import { Reviews } from './reviews.ts'

const decisionOf = (outcome: Outcome, rest: Partial<Decision> = {}): Decision => ({
  outcome,
  judged: outcome,
  enforced: true,
  state: outcome === 'allow' ? 'allowed' : 'blocked',
  stateReason: 'exchangeGlobalRule',
  reasons: [],
  path: [],
  ...rest,
})

function setUp() {
  const clock = createManualClock(0)
  const world = { decision: decisionOf('allow'), behind: false, turns: 0 }
  const held = new HeldAdmissions({
    clock,
    log: silentLog,
    decideNow: () => world.decision,
    isBehind: () => world.behind,
    reviews: new Reviews(),
    async pause() {
      world.turns += 1
    },
  })
  return { clock, world, held }
}

describe('held admissions', () => {
  it('that allow end when the outcome or the enforcement differs, and not when only the reason does', () => {
    const { world, held } = setUp()
    const admission = held.hold('prt_1', world.decision)
    world.decision = decisionOf('allow', { stateReason: 'compliant' })
    held.review(['prt_1'])
    assert.equal(admission.withdrawn.aborted, false)
    world.decision = decisionOf('allow', { enforced: false })
    held.review(['prt_1'])
    assert.equal(admission.withdrawn.aborted, true)
    const next = held.hold('prt_1', world.decision)
    world.decision = decisionOf('quarantine')
    held.review(['prt_2'])
    assert.equal(next.withdrawn.aborted, false)
    held.review(['prt_1'])
    assert.equal(next.withdrawn.aborted, true)
  })

  it('tell those who ask for the signal late, and end one of two alone', () => {
    const { world, held } = setUp()
    const [ping, sync] = [held.hold('prt_1', world.decision), held.hold('prt_1', world.decision)]
    sync.release()
    sync.release()
    world.decision = decisionOf('block')
    held.review(['prt_1'])
    assert.deepEqual([ping.withdrawn.aborted, sync.withdrawn.aborted], [true, false])
    assert.equal(ping.withdrawn, ping.withdrawn)
  })

  it('that withhold end when the reason differs, since the client is told it', () => {
    const { world, held } = setUp()
    const tooOld = (required: string) =>
      decisionOf('quarantine', {
        stateReason: 'notCompliant',
        reasons: [{ code: 'osMinimumVersion', measured: '17.4', required }],
      })
    const admission = held.hold('prt_1', tooOld('18.0'))
    world.decision = { ...tooOld('18.0'), recheckAt: 5, path: ['another'] }
    held.review(['prt_1'])
    assert.equal(admission.withdrawn.aborted, false)
    world.decision = tooOld('19.0')
    held.review(['prt_1'])
    assert.equal(admission.withdrawn.aborted, true)
  })

  it('tell their ear once, at once when it is late, and not after the release', () => {
    const { world, held } = setUp()
    let heard = 0
    const ear = { withdrawn: () => void (heard += 1) }
    const [told, released] = [
      held.hold('prt_1', world.decision),
      held.hold('prt_1', world.decision),
    ]
    told.heed(ear)
    released.heed(ear)
    released.release()
    const deaf = held.hold('prt_1', world.decision)
    deaf.heed({
      withdrawn() {
        throw new Error('planted')
      },
    })
    const last = held.hold('prt_1', world.decision)
    last.heed(ear)
    world.decision = decisionOf('block')
    held.review(['prt_1'])
    assert.equal(heard, 2)
    told.heed(ear)
    assert.equal(heard, 3)
  })

  it('of one partnership may rest on different decisions', () => {
    const { world, held } = setUp()
    const allowed = held.hold('prt_1', decisionOf('allow'))
    const blocked = held.hold('prt_1', decisionOf('block'))
    held.review(['prt_1'])
    assert.deepEqual([allowed.withdrawn.aborted, blocked.withdrawn.aborted], [false, true])
    world.decision = decisionOf('block')
    held.review(['prt_1'])
    assert.equal(allowed.withdrawn.aborted, true)
  })

  it('end at the moment that the decision named, without any news', () => {
    const { clock, world, held } = setUp()
    const admission = held.hold('prt_1', decisionOf('allow', { recheckAt: 90_000 }))
    clock.advance(89_999)
    world.decision = decisionOf('block')
    assert.equal(admission.withdrawn.aborted, false)
    clock.advance(1)
    assert.equal(admission.withdrawn.aborted, true)
  })

  it('all end once the node has heard nothing for too long', () => {
    const { clock, world, held } = setUp()
    const admissions = ['prt_1', 'prt_2'].map((id) =>
      held.hold(id as PartnershipId, world.decision),
    )
    clock.advance(10 * second)
    assert.equal(admissions[0]?.withdrawn.aborted, false)
    world.behind = true
    clock.advance(second)
    for (const { withdrawn } of admissions) assert.equal(withdrawn.aborted, true)
    // A refusal that is held all the same stays: it is one already.
    world.behind = false
    const refused = held.hold('prt_3', refusal('behind'))
    world.behind = true
    clock.advance(second)
    assert.equal(refused.withdrawn.aborted, false)
  })

  it('many end in slices, and those that were released do not', async () => {
    const { world, held } = setUp()
    const ids = Array.from({ length: 1000 }, (_, n): PartnershipId => `prt_${n}`)
    const admissions = ids.map((id) => held.hold(id, world.decision))
    for (const admission of admissions.slice(500)) admission.release()
    world.decision = decisionOf('block')
    held.review(ids)
    const ended = () => admissions.filter(({ withdrawn }) => withdrawn.aborted).length
    assert.equal(ended(), 100)
    while (ended() < 500) await Promise.resolve()
    assert.equal(world.turns, 4)
    assert.ok(admissions.slice(500).every(({ withdrawn }) => !withdrawn.aborted))
  })
})
