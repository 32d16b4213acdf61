import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type JudgingRooms,
  openedPerTest,
  openJudgingRooms,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { createManualClock, minute } from '../base/clock.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import type { AutoblockThreshold } from './policy.ts'

const start = Date.UTC(2026, 2, 1)
const { endings, open } = openedPerTest()

const enforcement = { state: 'enforcing', scope: 'all' } as const
const threshold = (
  behavior: AutoblockThreshold['behavior'],
  rest: Partial<AutoblockThreshold> = {},
): AutoblockThreshold => ({
  behavior,
  incidenceLimit: 3,
  incidenceMinutes: 60,
  blockMinutes: 10,
  ...rest,
})

async function watched(rooms: JudgingRooms, ...autoblock: readonly AutoblockThreshold[]) {
  await rooms.access.change({ enforcement, autoblock }, 'test')
  const { id: user } = await rooms.user('alice')
  const { id: partnership } = await rooms.client(user)
  return asker(rooms, user, partnership)
}

/** What the client is told for a request. */
function asker(rooms: JudgingRooms, user: UserId, partnership: PartnershipId) {
  const ask = async (command = 'FolderSync', userAgent = 'Mail/1') => {
    const asked = { user, partnership, protocol: 'eas', command, userAgent } as const
    const admission = await rooms.gate.admit(asked)
    admission.release()
    return admission.decision
  }
  return Object.assign(ask, { partnership, user })
}

describe('F85 autoblock', () => {
  it('the request that reaches the limit is refused with what was measured, and the others once the time is over', async () => {
    const clock = createManualClock(start)
    const rooms = await open({ clock, noAlarms: true })
    const ask = await watched(rooms, threshold('RecentCommands'))
    assert.deepEqual([(await ask()).outcome, (await ask()).outcome], ['allow', 'allow'])
    const third = await ask()
    assert.equal(third.outcome, 'block')
    assert.equal(third.stateReason, 'recentCommands')
    assert.equal(third.recheckAt, start + 10 * minute)
    assert.deepEqual(third.reasons, [
      {
        code: 'recentCommands',
        policy: 'autoblock',
        measured: 'kept out until 2026-03-01T00:10:00.000Z',
        required: 'fewer than 3 within 60 minutes',
      },
    ])
    clock.advance(10 * minute - 1)
    assert.equal((await ask()).outcome, 'block')
    clock.advance(1)
    assert.equal((await ask()).outcome, 'allow', 'what it did meanwhile is not held against it')
  })

  it('each behaviour is counted apart: Sync, user agents, and faults of ours', async () => {
    for (const [behavior, stateReason, deeds] of [
      ['SyncCommands', 'syncCommands', ['Sync', 'Ping', 'Sync', 'Sync']],
      ['UserAgentsChanges', 'userAgentsChanges', ['a', 'b', 'b', 'a', 'b']],
      ['Watsons', 'watsons', ['fault', 'fault', 'fault', 'ask']],
    ] as const) {
      const rooms = await open()
      const ask = await watched(rooms, threshold(behavior))
      const told: string[] = []
      for (const deed of deeds) {
        if (deed === 'fault') await rooms.gate.fault(ask.partnership)
        const decision = await (deed.length === 1
          ? ask('Ping', deed)
          : ask(deed === 'fault' ? 'Ping' : deed))
        told.push(decision.stateReason)
      }
      assert.equal(told.at(-1), stateReason)
      assert.equal(told.indexOf(stateReason) >= 2, true, told.join())
    }
  })

  it('old incidents count no more, and a limit of 0 is off', async () => {
    const clock = createManualClock(start)
    const rooms = await open({ clock, noAlarms: true })
    const ask = await watched(
      rooms,
      threshold('RecentCommands'),
      threshold('SyncCommands', { incidenceLimit: 0 }),
    )
    for (let n = 0; n < 10; n++) {
      assert.equal((await ask('Sync')).outcome, 'allow')
      clock.advance(31 * minute)
    }
  })

  it('one client pays for itself only; a held connection ends; an administrator lets it in again', async () => {
    const rooms = await open()
    const ask = await watched(rooms, threshold('RecentCommands', { incidenceLimit: 2 }))
    const { id: other } = await rooms.client(ask.user)
    const calm = asker(rooms, ask.user, other)
    const held = await rooms.gate.admit({
      user: ask.user,
      partnership: ask.partnership,
      protocol: 'eas',
      command: 'Ping',
      userAgent: 'Mail/1',
    })
    assert.equal((await ask()).outcome, 'block')
    await until(() => held.withdrawn.aborted)
    assert.equal((await calm()).outcome, 'allow')
    await rooms.access.judgePersonally(ask.partnership, 'none', 'admin')
    assert.equal((await ask()).outcome, 'allow')
    const log = await rooms.access.log({ limit: 10, partnership: ask.partnership })
    assert.deepEqual(
      log.map(({ stateReason }) => stateReason),
      ['exchangeGlobalRule', 'recentCommands', 'exchangeGlobalRule'],
    )
  })

  it('a block outlives a restart, and ends with the partnership', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const before = await openJudgingRooms({ url })
    const ask = await watched(before, threshold('RecentCommands', { incidenceLimit: 1 }))
    assert.equal((await ask()).outcome, 'block')
    await before.stop()
    const after = await open({ url })
    const again = asker(after, ask.user, ask.partnership)
    assert.equal((await again()).stateReason, 'recentCommands')
    await after.access.change({ autoblock: [] }, 'test')
    await after.devices.forget(ask.partnership)
    const { id } = await after.client(ask.user, 'PHONE1')
    assert.equal((await asker(after, ask.user, id)()).outcome, 'allow')
  })

  it('what only the mail server sees is refused by name; off, it may be written', async () => {
    const { access } = await open()
    for (const behavior of [
      'OutOfBudgets',
      'EnableNotificationEmail',
      'CommandFrequency',
    ] as const) {
      await assert.rejects(access.change({ autoblock: [threshold(behavior)] }, 'admin'), {
        code: 'policy.invalid',
        detail: /autoblock.0.behavior: is seen by the mail server itself/,
      })
      await access.change({ autoblock: [threshold(behavior, { incidenceLimit: 0 })] }, 'admin')
    }
    const twice = [threshold('Watsons'), threshold('Watsons')]
    await assert.rejects(access.change({ autoblock: twice }, 'admin'), { code: 'policy.invalid' })
  })

  it('a site that observes says so, and lets pass', async () => {
    const rooms = await open()
    const ask = await watched(rooms, threshold('RecentCommands', { incidenceLimit: 1 }))
    await rooms.access.change({ enforcement: { state: 'observing', scope: 'all' } }, 'test')
    const { outcome, judged, stateReason } = await ask()
    assert.deepEqual([outcome, judged, stateReason], ['allow', 'block', 'recentCommands'])
  })
})
