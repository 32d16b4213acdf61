import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { day, hour, minute } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import type { GroupRow } from '../../src/graph/contract.ts'
import type { RolloutBody, RolloutDetail, RolloutRow } from '../../src/graph/rollout-contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import { type House, startHouse } from '../house.ts'
import { createMovedClock } from '../fake/moved-clock.ts'
import { type RealPostgres, startPostgres } from '../real/postgres.ts'
import { newPlace, type Place, startChild } from './child.ts'
import { openShell, type Shell } from './shell.ts'
import {
  eventually,
  iPhone,
  knownPhone,
  onlyMail,
  openSite,
  phonesPolicy,
  settle,
  type Site,
  subjects,
} from './site.ts'

// A pilot group grows day by day. This also holds src/graph/routes/rollouts.ts, src/graph/rollout-contract.ts and
// src/cli/rollout.ts.

const rollouts = '/postern/rollouts'

/** The hour that is this much ahead, in UTC. */
const hourAt = (moment: number) => new Date(moment).toISOString().slice(11, 16)

async function membersOf({ house }: Pick<Site, 'house'>, group: string): Promise<string> {
  const { value } = await house.administrator.call<{ value: GroupRow[] }>('GET', '/groups')
  const found = value.find(({ displayName }) => displayName === group)
  return (found?.members ?? [])
    .map(({ name }) => name)
    .toSorted()
    .join(' ')
}

/** Staff with phones that meet the policy, but for a stranger; enforced is the pilot, which is empty. */
async function openPilot(t: TestContext) {
  const clock = createMovedClock()
  const shell = await openShell(t, { clock })
  const { house } = shell
  const users = ['ann', 'bob', 'carl', 'dora', 'emil', 'fred']
  for (const user of users) {
    await house.addUser(user)
    await house.deliver(user, 'Figures')
  }
  await shell.group('Staff', ...users)
  await house.administrator.call('POST', '/groups', { displayName: 'Pilot' })
  await shell.apply(...phonesPolicy('17.0'), {
    kind: 'organization',
    adminMailRecipients: ['it@example.org'],
  })
  // Phones are asked what they are while they are enforced.
  await shell.enforce()
  const phones = new Map<string, EasClient>()
  for (const user of ['ann', 'bob', 'carl', 'dora'])
    phones.set(user, await knownPhone(shell, user, `${user}1`))
  await shell.enforce('Pilot')
  const stranger = house.phone('emil', 'emil1')
  await settle(stranger)
  assert.deepEqual(subjects(stranger), ['Figures'])
  return { clock, shell, stranger, phone: (user: string) => phones.get(user) ?? assert.fail(user) }
}

/** After the last wave nothing is left to pause. */
async function toldOfRefusals({ type, post }: Shell): Promise<void> {
  await eventually(
    async () => /Pilot +Staff +done: refusals +6/.test((await type('rollout', 'list')).out),
    'what was refused after the last wave is shown',
    20_000,
  )
  const done = () => post.mails.find(({ subject }) => subject.includes('Pilot is done, and too'))
  await eventually(() => done() !== undefined, 'and the administrator is told of it', 20_000)
}

test('F89 five days: the pilot grows, pauses when a phone that had mail is refused, and goes on when told', async (t) => {
  const { clock, shell, phone, stranger } = await openPilot(t)
  const { type, post } = shell
  const flags = ['--waves', '2', '--at', hourAt(clock.now() + hour), '--pause-above', '30']
  const nobody = await type('rollout', 'start', 'Pilot', '--pool', 'Nobody', ...flags)
  assert.match(nobody.err, /^not\.found.*Nobody/)
  const started = await type('rollout', 'start', 'Pilot', '--pool', 'Staff', ...flags)
  assert.equal(started.err, '')
  assert.match(started.out, /reached through it: enforcement/)
  assert.match(started.out, /6 users are left, of whom 1 would be refused now/)
  assert.match(started.out, /next: ann, bob\n*$/)
  const told = JSON.parse((await type('--json', 'rollout', 'show', 'pilot')).out) as RolloutDetail
  assert.deepEqual(
    told.foreseen.map(({ userCount, refusedCount }) => [userCount, refusedCount]),
    [
      [2, 0],
      [2, 0],
      [2, 1],
    ],
  )
  const becomes = (members: string) =>
    eventually(async () => (await membersOf(shell, 'Pilot')) === members, members, 20_000)

  // The first day.
  clock.move(hour)
  await becomes('ann bob')
  const bob = phone('bob')
  await settle(bob)
  assert.equal((await bob.sendDeviceInformation(iPhone('16.0'))).status, 1)
  await eventually(
    async () => (await type('rollout', 'list')).out.includes('paused: refusals'),
    'it pauses',
    20_000,
  )
  const letter = () => post.mails.find(({ subject }) => subject.includes('Pilot has paused'))
  await eventually(() => letter() !== undefined, 'the administrator is told of it', 20_000)
  assert.match(letter()?.text ?? '', /Of 2 users.*1 were refused since.*postern rollout resume/s)
  const shown = await type('rollout', 'show', 'Pilot')
  assert.match(shown.out, /refused: bob of wave 1/)

  // The second and the third.
  clock.move(2 * day)
  assert.match((await type('rollout', 'next', 'Pilot')).err, /^rollout\.settled/)
  assert.equal(await membersOf(shell, 'Pilot'), 'ann bob')
  assert.match((await type('rollout', 'resume', 'Pilot')).out, /running.*next wave/)

  // The fourth.
  clock.move(day)
  await becomes('ann bob carl dora')
  const carl = phone('carl')
  await settle(carl)
  assert.deepEqual(subjects(carl), ['Figures'])

  // The fifth: whoever would be refused comes last, and was named before.
  const last = await type('rollout', 'show', 'Pilot')
  assert.match(last.out, /next: fred, emil/)
  assert.match(last.out, /emil +emil1 +127\.0\.0\.1 +quarantine +notEnrolled/)
  clock.move(day)
  await becomes('ann bob carl dora emil fred')
  await settle(stranger)
  assert.notEqual(onlyMail(stranger).subject, 'Figures')
  await toldOfRefusals(shell)

  const back = await type('rollout', 'back', 'Pilot')
  assert.match(back.out, /paused: back; 4 moved in 2 waves/)
  assert.equal(await membersOf(shell, 'Pilot'), 'ann bob carl dora')
  await settle(stranger)
  assert.deepEqual(subjects(stranger), ['Figures'])
  assert.match((await type('rollout', 'stop', 'Pilot')).out, /stopped/)
})

const pilots = 16

/** Pilots that each grow by two of all users, from an hour ahead. */
async function startPilots(house: House, at: number, count: number): Promise<void> {
  for (const user of ['ann', 'bob', 'carl', 'dora', 'emil']) await house.addUser(user)
  for (let pilot = 0; pilot < count; pilot++) {
    const target = `Pilot${pilot}`
    await house.administrator.call('POST', '/groups', { displayName: target })
    const body: RolloutBody = { target, sizes: [2], startTime: hourAt(at) }
    await house.administrator.call('POST', rollouts, body)
  }
}

async function rowsOf({ house }: Pick<Site, 'house'>): Promise<readonly RolloutRow[]> {
  const { value } = await house.administrator.call<{ value: RolloutRow[] }>('GET', rollouts)
  return value
}

/** Waves that are in the store of a server, which may be reading its log after a kill just then. */
function wavesIn(data: string): number {
  const store = new DatabaseSync(join(data, 'postern.sqlite'), { readOnly: true, timeout: 10_000 })
  try {
    return Number(store.prepare('select count(*) as made from rollout_wave').get()?.['made'])
  } finally {
    store.close()
  }
}

/** Starts a server and kills it as soon as a wave is in its store; resolves to how many there are then. */
async function killedAfterFirst(t: TestContext, place: Place): Promise<number> {
  const file = join(place.data, 'pid')
  const under = ['sh', '-c', `echo $$ >${file}; exec "$@"`, 'sh'] as const
  const started = startChild(t, { ...place, under: [...under] })
  // It may be killed before it serves.
  let failed: unknown
  started.catch((thrown: unknown) => (failed = thrown))
  while (wavesIn(place.data) === 0) {
    assert.equal(failed, undefined)
    await pause(1)
  }
  process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL')
  const child = await started.catch(() => undefined)
  await child?.end('SIGKILL')
  return wavesIn(place.data)
}

test('F89 kill -9 between alarm and commit: each pilot has grown once, by what it was to', async (t) => {
  const place = await newPlace(t)
  // Yesterday, and so a whole day late when the server is started again.
  const yesterday = createMovedClock()
  yesterday.move(-day)
  const early = await startHouse({ data: place.data }, { clock: yesterday })
  await startPilots(early, yesterday.now() + hour, pilots)
  await early.stop()
  const made = await killedAfterFirst(t, place)
  console.log(`  of ${pilots} waves ${made} were made when it was killed`)
  // A claim of the node that was killed lasts a minute; it may have claimed all.
  const clock = createMovedClock()
  clock.move(2 * minute)
  const house = await startHouse({ data: place.data }, { clock })
  t.after(() => house.stop())
  await eventually(
    async () => {
      clock.move(minute)
      return (await rowsOf({ house })).every(({ waves }) => waves.length > 0)
    },
    'all have their wave',
    60_000,
  )
  for (const { target, waves, movedCount, nextWaveDateTime } of await rowsOf({ house })) {
    assert.deepEqual([waves.length, movedCount], [1, 2], target)
    assert.equal(await membersOf({ house }, target), 'ann bob')
    assert.ok(Date.parse(nextWaveDateTime ?? '') > clock.now())
  }
})

describe('two nodes over one PostgreSQL', () => {
  let postgres: RealPostgres
  before(async () => {
    postgres = await startPostgres()
  })
  after(() => postgres.stop())

  test('make each wave once, whichever node rings', async (t) => {
    const store = await postgres.createDatabase()
    const clock = createMovedClock()
    const secrets = { upstream: undefined, smtp: undefined, keys: new Secret('of both nodes') }
    const one = await openSite(t, { store, secrets }, { clock })
    await openSite(t, { store, secrets }, { clock })
    await startPilots(one.house, clock.now() + hour, 4)
    for (let made = 1; made <= 3; made++) {
      clock.move(made === 1 ? hour : day)
      await eventually(
        async () => (await rowsOf(one)).every(({ waves }) => waves.length === made),
        `wave ${made}`,
        60_000,
      )
    }
    for (const { target, state, movedCount, waves } of await rowsOf(one)) {
      assert.deepEqual([state, movedCount, waves.length], ['done', 5, 3], target)
      assert.equal(await membersOf(one, target), 'ann bob carl dora emil')
    }
  })
})
