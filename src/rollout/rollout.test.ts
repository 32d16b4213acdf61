import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  openedPerTest,
  type JudgingRooms,
  storeFile,
  until,
} from '../../test/fake/judging-rooms.ts'
import { createMovedClock, type MovedClock } from '../../test/fake/moved-clock.ts'
import { Lockout } from '../access/lockout.ts'
import { defaultAccessPolicies } from '../access/policy.ts'
import type { PartnershipId } from '../devices/devices.ts'
import { day, hour, minute } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { silentLog } from '../base/log.ts'
import type { GroupId, UserId } from '../directory/directory.ts'
import type { RolloutDraft } from './kept.ts'
import { createRollouts, type Rollouts, type RolloutsGiven } from './rollout.ts'

// The rooms really run here, so this also holds src/rollout/acting.ts, src/rollout/waving.ts, src/rollout/watching.ts,
// src/rollout/outlook.ts, src/rollout/keeping.ts, src/rollout/kept.ts, src/rollout/draft.ts, src/rollout/letter.ts and
// src/rollout/records.ts.

// A Monday, an hour before the waves.
const start = Date.UTC(2026, 10, 23, 8)
const { open, endings } = openedPerTest()

/** Jumps there from the real time. */
function clockAt(at: number): MovedClock {
  const clock = createMovedClock()
  clock.move(at - clock.now())
  return clock
}

type Letter = Parameters<RolloutsGiven['post']>[1]

interface Stage {
  readonly rooms: JudgingRooms
  readonly clock: MovedClock
  readonly rollouts: Rollouts
  readonly letters: Letter[]
  readonly target: GroupId
  user(name: string): UserId
  draft(rest?: Partial<RolloutDraft>): RolloutDraft
  /** Names of the users in the target. */
  moved(): Promise<string>
  /** Until so many are in it. */
  movedBy(count: number): Promise<string>
  /** An administrator blocks the phone of this user. */
  block(name: string): Promise<void>
  /** To the same hour of the next day. */
  nextDay(days?: number): void
}

/** Users with a phone each, let in so far, of which those in `refused` are of a kind that is blocked in the target. */
async function crowd(rooms: JudgingRooms, names: string, refused: string) {
  const { directory, devices, access, gate } = rooms
  const [target, pool] = [await directory.addGroup('Pilot'), await directory.addGroup('Staff')]
  const { organization } = defaultAccessPolicies
  const brick = {
    characteristic: 'DeviceType',
    queryString: 'Brick',
    accessLevel: 'block',
  } as const
  await access.change(
    {
      enforcement: { state: 'enforcing', scope: [target.id] },
      organization: { ...organization, adminMailRecipients: ['it@example.org'] },
      deviceAccessRules: [{ name: 'no bricks', ...brick }],
    },
    'test',
  )
  const phones = new Map<string, { readonly user: UserId; readonly partnership: PartnershipId }>()
  for (const name of names.split(' ')) {
    const { id: user } = await rooms.user(name)
    const deviceType = refused.split(' ').includes(name) ? 'Brick' : 'iPhone'
    const rest = { userAgent: '', protocolVersion: '16.1' }
    const identity = { deviceId: `${name}1`, deviceType, ...rest }
    const { id: partnership } = await devices.partner(user, identity)
    await gate.admit({ user, partnership, protocol: 'eas' })
    phones.set(name, { user, partnership })
  }
  const members = [...phones.values()].map(({ user }) => user)
  await directory.changeMembers(pool.id, { add: members })
  return {
    target: target.id,
    pool: pool.id,
    of: (name: string) => phones.get(name) ?? assert.fail(),
  }
}

/** Enforced are those in the target. */
async function stage(
  names: string,
  refused = '',
  given: (rooms: JudgingRooms) => Partial<RolloutsGiven> = () => ({}),
): Promise<Stage> {
  const clock = clockAt(start)
  const rooms = await open({ clock })
  const { directory, access } = rooms
  const { target, pool, of } = await crowd(rooms, names, refused)
  const letters: Letter[] = []
  const rollouts = await createRollouts({
    ...rooms,
    log: silentLog,
    post: async (_tx, letter) => void letters.push(letter),
    ...given(rooms),
  })
  endings.push(() => rollouts.stop())
  const moved = async () => {
    const { groups } = await directory.everybody()
    const members = new Set<string>(groups.find(({ id }) => id === target)?.members)
    return names
      .split(' ')
      .filter((name) => members.has(of(name).user))
      .join(' ')
  }
  return {
    rooms,
    clock,
    rollouts,
    letters,
    target,
    user: (name) => of(name).user,
    draft: (rest = {}) => ({
      target,
      pool,
      sizes: [2],
      calendar: { minuteOfDay: 9 * 60, zone: 'UTC', weekdaysOnly: false },
      observeMs: day,
      mostPercent: 40,
      ...rest,
    }),
    moved,
    async movedBy(count) {
      await until(async () => (await moved()).split(' ').filter(Boolean).length === count)
      return moved()
    },
    block: (name) => access.judgePersonally(of(name).partnership, 'block', 'root'),
    nextDay: (days = 1) => clock.move(days * day),
  }
}

const coded = (code: string) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === code

const stateOf = async ({ rollouts }: Stage) => (await rollouts.find('pilot')).rollout.state

describe('F89 a rollout', () => {
  it('moves some a day, the harmless first, tells before who they are, and is done', async () => {
    const one = await stage('ann bob carl dora emil', 'ann')
    const { rollouts, clock } = one
    const hear = await one.rooms.hear('rollout.changed')
    const { rollout } = await rollouts.start(one.draft({ mostPercent: 100 }), 'root')
    assert.equal(rollout.nextAt, start + hour)
    const { next, foreseen, all } = await rollouts.outlook(rollout.id)
    assert.deepEqual(
      next.map(({ name }) => name),
      ['bob', 'carl'],
    )
    assert.deepEqual(
      foreseen.map(({ users, refused, at }) => [users, refused, at - start]),
      [
        [2, 0, hour],
        [2, 0, hour + day],
        [1, 1, hour + 2 * day],
      ],
    )
    const [blocked] = all.replay.newlyBlocked
    assert.deepEqual(
      [blocked?.user, blocked?.after.reasons[0]?.policy],
      [one.user('ann'), 'no bricks(DeviceType)'],
    )
    clock.move(59 * minute)
    assert.equal(await one.moved(), '')
    clock.move(minute)
    assert.equal(await one.movedBy(2), 'bob carl')
    one.nextDay()
    assert.equal(await one.movedBy(4), 'bob carl dora emil')
    assert.equal(await stateOf(one), 'running')
    one.nextDay()
    await one.movedBy(5)
    assert.equal(await stateOf(one), 'done')
    one.nextDay(3)
    const news = (await hear()).map(({ body }) => body as { what: string; users?: number })
    assert.deepEqual(
      news.map(({ what, users }) => [what, users]),
      [
        ['started', undefined],
        ['wave', 2],
        ['wave', 2],
        ['wave', 1],
      ],
    )
  })

  it('pauses when too many who reached mail are refused, tells administrators, and goes on when told', async () => {
    const one = await stage('ann bob carl dora emil')
    const { rollouts, clock, letters } = one
    const { rollout } = await rollouts.start(one.draft(), 'root')
    clock.move(hour)
    await one.movedBy(2)
    await one.block('ann')
    await until(async () => (await stateOf(one)) === 'paused')
    const paused = await rollouts.find(rollout.id)
    assert.deepEqual(paused.rollout.pause, { code: 'refusals', refused: 1, observed: 2 })
    assert.deepEqual(
      letters.map(({ to, about }) => [to, about]),
      [['it@example.org', rollout.id]],
    )
    assert.match(JSON.stringify(letters[0]), /Pilot has paused.*Of 2 users.*1 were refused/)
    one.nextDay(3)
    await assert.rejects(rollouts.act(rollout.id, 'next', 'root'), coded('rollout.settled'))
    assert.equal(await one.moved(), 'ann bob')
    const { rollout: resumed } = await rollouts.act(rollout.id, 'resume', 'root')
    assert.equal(resumed.nextAt, start + 4 * day + hour)
    one.nextDay()
    // The refusal was accepted: it does not pause a second time.
    assert.equal(await one.movedBy(4), 'ann bob carl dora')
    one.nextDay()
    await one.movedBy(5)
    assert.equal(letters.length, 1)
  })

  it('F89 tells administrators once that after the last wave too many are refused, and takes it back at their word', async () => {
    const one = await stage('ann bob')
    const { rollouts, clock, letters } = one
    const { rollout } = await rollouts.start(one.draft(), 'root')
    clock.move(hour)
    await one.movedBy(2)
    assert.equal(await stateOf(one), 'done')
    await one.block('ann')
    await until(async () => letters.length > 0)
    assert.match(JSON.stringify(letters[0]), /is done, and too many.*Of 2 users.*rollout back/)
    const done = (await rollouts.find(rollout.id)).rollout
    const pause = { code: 'refusals', refused: 1, observed: 2 }
    assert.deepEqual([done.state, done.pause, done.nextAt], ['done', pause, undefined])
    await one.block('bob')
    await until(async () =>
      (await rollouts.find(rollout.id)).members.every(({ refusedAt }) => refusedAt !== undefined),
    )
    assert.equal(letters.length, 1)
    const { rollout: back } = await rollouts.act(rollout.id, 'back', 'root')
    assert.deepEqual([await one.moved(), back.state, back.pause?.code], ['', 'paused', 'back'])
  })

  it('tells the history what becomes of it and of its group, and who had it so', async () => {
    const one = await stage('ann bob carl')
    const { rollouts, clock, rooms } = one
    const from = (await rooms.history.head())?.seq ?? 0
    const { rollout } = await rollouts.start(one.draft(), 'root')
    clock.move(hour)
    await one.movedBy(2)
    await rollouts.act(rollout.id, 'back', 'ann')
    await rollouts.act(rollout.id, 'resume', 'ann')
    await rollouts.act(rollout.id, 'next', 'bob')
    await one.movedBy(2)
    await one.block('ann')
    await until(async () => (await stateOf(one)) === 'paused')
    await rollouts.act(rollout.id, 'stop', 'bob')
    const told = await rooms.history.list({ order: 'oldest', after: from, limit: 100 })
    const entries = told
      .map(({ entry }) => entry)
      .filter(({ kind }) => kind === 'rollout' || kind === 'group')
    assert.deepEqual(
      entries.map(({ actor, change, kind, name, difference }) =>
        [actor, change, kind, name, difference.map(({ path }) => path.slice(2))].join(' '),
      ),
      [
        'root created rollout Pilot calendar,mostPercent,observeMs,pool,sizes,state,target',
        'root changed group Pilot members[*]',
        'root changed rollout Pilot waves[*]',
        'ann changed group Pilot members[*]',
        'ann changed rollout Pilot pause,state,waves[*]',
        'ann changed rollout Pilot pause,state',
        'bob changed group Pilot members[*]',
        'bob changed rollout Pilot waves[*]',
        'rollout changed rollout Pilot pause,state',
        'bob changed rollout Pilot pause,state',
      ],
    )
    const [, group, wave] = entries
    assert.equal(group?.correlation, wave?.correlation)
    assert.deepEqual(wave?.difference, [{ path: '$.waves[*]', after: [{ number: 1, users: 2 }] }])
    assert.equal((await rooms.history.verify()).faultCount, 0)
  })

  it('does not count who is refused when the time of observation is over', async () => {
    const one = await stage('ann bob')
    const { rollouts, clock } = one
    const draft = one.draft({ sizes: [1], observeMs: hour, mostPercent: 0 })
    const { rollout } = await rollouts.start(draft, 'root')
    clock.move(hour)
    await one.movedBy(1)
    clock.move(2 * hour)
    await one.block('ann')
    clock.move(day)
    await one.movedBy(2)
    const { members } = await rollouts.find(rollout.id)
    assert.ok(members.every(({ refusedAt }) => refusedAt === undefined))
  })

  it('pauses before a wave that would lock out an emergency account, until that is confirmed', async () => {
    const one = await stage('ann bob', 'bob')
    const { rollouts, rooms, clock, letters } = one
    const bob = one.user('bob')
    const lockout = { ...defaultAccessPolicies.lockout, breakGlassUsers: [bob] }
    await rooms.access.change({ lockout }, 'root')
    const { rollout } = await rollouts.start(one.draft({ sizes: [1], mostPercent: 100 }), 'root')
    clock.move(hour)
    await one.movedBy(1)
    one.nextDay()
    await until(async () => (await stateOf(one)) === 'paused')
    assert.equal(await one.moved(), 'ann')
    const { pause } = (await rollouts.find(rollout.id)).rollout
    assert.ok(pause?.code === 'lockout')
    assert.match(pause.detail, /emergencies from mail \(bob\)/)
    assert.match(JSON.stringify(letters), /The next wave was not made.*bob/)
    for (const confirm of [undefined, 'lockout-other'])
      await assert.rejects(rollouts.act(rollout.id, 'resume', 'root', confirm), Lockout)
    await rollouts.act(rollout.id, 'resume', 'root', pause.confirm)
    await assert.rejects(rollouts.act(rollout.id, 'next', 'root'), Lockout)
    one.nextDay()
    assert.equal(await one.movedBy(2), 'ann bob')
    assert.equal(await stateOf(one), 'done')
  })

  it('law of one a day: after days of silence one wave is made, and none on a day that had one', async () => {
    const one = await stage('ann bob carl dora emil fred')
    const { rollouts, clock } = one
    const { rollout } = await rollouts.start(one.draft({ sizes: [1] }), 'root')
    one.nextDay(4)
    assert.equal(await one.movedBy(1), 'ann')
    // It is 08:00; this day's 09:00 is not a second one.
    clock.move(2 * hour)
    assert.equal((await rollouts.find(rollout.id)).rollout.nextAt, start + 5 * day + hour)
    assert.equal(await one.moved(), 'ann')
    const { rollout: pulled } = await rollouts.act(rollout.id, 'next', 'root')
    assert.equal(await one.moved(), 'ann bob')
    assert.equal(pulled.nextAt, start + 5 * day + hour)
  })

  it('makes no wave on a Saturday that it missed on a Friday', async () => {
    const one = await stage('ann bob')
    const calendar = { minuteOfDay: 9 * 60, zone: 'UTC', weekdaysOnly: true }
    one.clock.move(4 * day)
    const { rollout } = await one.rollouts.start(one.draft({ calendar }), 'root')
    one.nextDay()
    const monday = start + 7 * day + hour
    await until(async () => (await one.rollouts.find(rollout.id)).rollout.nextAt === monday)
    assert.equal(await one.moved(), '')
    one.nextDay(2)
    one.clock.move(hour)
    assert.equal(await one.movedBy(2), 'ann bob')
  })

  it('takes the last wave back, and moves the same users again when it goes on', async () => {
    const one = await stage('ann bob carl')
    const { rollouts, clock, rooms } = one
    const { rollout } = await rollouts.start(one.draft(), 'root')
    await assert.rejects(rollouts.act(rollout.id, 'back', 'root'), coded('rollout.settled'))
    clock.move(hour)
    await one.movedBy(2)
    const carl = one.user('carl')
    await rooms.directory.changeMembers(one.target, { add: [carl] })
    const { rollout: back } = await rollouts.act(rollout.id, 'back', 'root')
    // Whom it did not move it does not take back.
    assert.deepEqual([await one.moved(), back.state, back.pause?.code], ['carl', 'paused', 'back'])
    one.nextDay(2)
    assert.equal(await one.moved(), 'carl')
    await rollouts.act(rollout.id, 'resume', 'root')
    one.nextDay()
    assert.equal(await one.movedBy(3), 'ann bob carl')
    const { rollout: stopped } = await rollouts.act(rollout.id, 'back', 'root')
    assert.equal(stopped.state, 'paused')
    await rollouts.act(rollout.id, 'stop', 'root')
    await assert.rejects(rollouts.act(rollout.id, 'resume', 'root'), coded('rollout.settled'))
  })

  it('is all or nothing: what fails between alarm and commit leaves nothing, and is made once after', async () => {
    let failures = 2
    const one = await stage('ann bob carl', '', ({ directory }) => ({
      directory: {
        ...directory,
        async changeMembers(...change) {
          await directory.changeMembers(...change)
          if (failures-- > 0) throw new Error('planted')
        },
      },
    }))
    const { rollout } = await one.rollouts.start(one.draft(), 'root')
    one.clock.move(hour)
    await until(() => failures === 1)
    assert.equal(await one.moved(), '')
    assert.equal((await one.rollouts.find(rollout.id)).members.length, 0)
    await until(async () => {
      one.clock.move(minute)
      return (await one.moved()) === 'ann bob'
    })
    const { waves, members } = await one.rollouts.find(rollout.id)
    assert.deepEqual([waves.length, members.length], [1, 2])
  })

  it('refuses what cannot be, by name', async () => {
    const one = await stage('ann bob')
    const { rollouts } = one
    const calendar = one.draft().calendar
    const wrong: [Partial<RolloutDraft>, RegExp][] = [
      [{ pool: one.target }, /out of itself/],
      [{ sizes: [] }, /from 1 to 100 sizes/],
      [{ sizes: [0] }, /0 is no number/],
      [{ sizes: ['300%'] }, /300% is no/],
      [{ calendar: { ...calendar, zone: 'Mars/Base' } }, /Mars\/Base/],
      [{ calendar: { ...calendar, minuteOfDay: 1440 } }, /23:59/],
      [{ observeMs: 0 }, /too short/],
      [{ mostPercent: 101 }, /100 percent/],
    ]
    for (const [rest, detail] of wrong)
      await assert.rejects(
        rollouts.start(one.draft(rest), 'root'),
        (thrown) => coded('rollout.invalid')(thrown) && detail.test(String(thrown)),
      )
    await assert.rejects(rollouts.find('nobody'), coded('not.found'))
    const { rollout } = await rollouts.start(one.draft(), 'root')
    await assert.rejects(rollouts.start(one.draft(), 'root'), coded('rollout.settled'))
    await rollouts.act(rollout.id, 'stop', 'root')
    await rollouts.start(one.draft({ pool: 'all', sizes: ['rest'] }), 'root')
    one.clock.move(hour)
    await one.movedBy(2)
    await assert.rejects(
      rollouts.start(one.draft(), 'root'),
      (thrown) => coded('rollout.invalid')(thrown) && /already/.test(String(thrown)),
    )
  })
})

describe('two nodes', () => {
  it('make each wave once, whoever rings', async () => {
    const file = storeFile()
    endings.push(file.remove)
    const clock = clockAt(start)
    const nodes = [await open({ url: file.url, clock }), await open({ url: file.url, clock })]
    const [one] = nodes
    assert.ok(one)
    const target = await one.directory.addGroup('Pilot')
    const names = ['ann', 'bob', 'carl', 'dora', 'emil']
    for (const name of names) await one.user(name)
    const all: Rollouts[] = []
    for (const node of nodes) {
      const rollouts = await createRollouts({ ...node, log: silentLog, post: async () => {} })
      endings.push(() => rollouts.stop())
      all.push(rollouts)
    }
    const [first] = all
    assert.ok(first)
    const { rollout } = await first.start(
      {
        target: target.id,
        pool: 'all',
        sizes: [1],
        calendar: { minuteOfDay: 9 * 60, zone: 'UTC', weekdaysOnly: false },
        observeMs: day,
        mostPercent: 10,
      },
      'root',
    )
    clock.move(hour)
    for (let made = 1; made <= names.length; made++) {
      await until(async () => {
        // A claim of a node may wait for its lease.
        clock.move(minute)
        return (await first.find(rollout.id)).waves.length === made
      })
      clock.move(day - 5 * minute)
      clock.move(5 * minute)
    }
    const { waves, members } = await first.find(rollout.id)
    assert.deepEqual([waves.length, members.length], [5, 5])
  })
})
