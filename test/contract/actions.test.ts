import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { day, minute } from '../../src/base/clock.ts'
import {
  type ActingOptions,
  type ActingRooms,
  openActingRooms,
  policyWith,
  type Sent,
} from '../fake/acting-rooms.ts'
import { createMovedClock, type MovedClock } from '../fake/moved-clock.ts'
import { type NewUrl, onPostgres, onSqlite } from './engines.ts'
import { eventually } from '../story/site.ts'

// F19: each instance once, across restarts and nodes, on both databases.

interface Nodes {
  readonly clock: MovedClock
  readonly mails: Sent[]
  readonly pushes: string[]
  open(options?: Partial<ActingOptions>): Promise<ActingRooms>
}

function nodesOver(t: TestContext, url: string): Nodes {
  const clock = createMovedClock()
  const [mails, pushes]: [Sent[], string[]] = [[], []]
  return {
    clock,
    mails,
    pushes,
    async open(options = {}) {
      const rooms = await openActingRooms({
        url,
        clock,
        async deliver(mail) {
          mails.push(mail)
          return 'sent'
        },
        push: {
          async send({ user }) {
            pushes.push(user)
            return 'sent'
          },
        },
        ...options,
      })
      t.after(() => rooms.stop())
      return rooms
    },
  }
}

const users = Array.from({ length: 12 }, (_, n) => `user${n}`)
const hours = [0, 24, 24, 72]
const policy = policyWith([
  ...hours.map((gracePeriodHours) => ({ type: 'notification', gracePeriodHours }) as const),
  { type: 'pushNotification', gracePeriodHours: 24 },
  { type: 'retire', gracePeriodHours: 72 },
])

async function failAll({ directory, device, compliance }: ActingRooms): Promise<void> {
  await compliance.deploy([policy], 'test')
  for (const name of users) {
    const user = await directory.addUser({ name, mail: `${name}@example.org` })
    await device(user.id, { passwordRequired: false })
  }
}

const count = async ({ actions }: ActingRooms, type: string, state: string) =>
  (await actions.list()).filter((one) => one.type === type && one.state === state).length

const reached = (look: () => Promise<boolean> | boolean) =>
  eventually(look, 'as it should be', 60_000)

function contract(newUrl: NewUrl): void {
  it('a node that is stopped at any moment is followed by another, and every mail goes out once', async (t) => {
    const { open, clock, mails, pushes } = nodesOver(t, await newUrl())
    const first = await open()
    await failAll(first)
    await reached(() => mails.length === users.length)
    clock.move(day + minute)
    // In the middle of it.
    await reached(() => mails.length > users.length + 3)
    await first.stop()
    const second = await open()
    await reached(() => mails.length === 3 * users.length)
    await reached(() => pushes.length === users.length)
    clock.move(2 * day)
    await reached(() => mails.length === 4 * users.length)
    await reached(async () => (await count(second, 'retire', 'confirmation')) === users.length)
    assert.equal(await count(second, 'notification', 'done'), 4 * users.length)
    assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, mails.length)
    assert.deepEqual(pushes.toSorted(), users.toSorted())
  })

  it('what was claimed and not mailed when its node died is mailed by the next', async (t) => {
    const { open, mails, clock } = nodesOver(t, await newUrl())
    const first = await open({ deaf: ['notices.send'] })
    await failAll(first)
    await reached(async () => (await count(first, 'notification', 'done')) === users.length)
    assert.equal(mails.length, 0)
    await first.stop()
    await open()
    await reached(() => mails.length === users.length)
    clock.move(minute)
    assert.equal(new Set(mails.map(({ to }) => to)).size, users.length)
  })
}

onSqlite('actions on SQLite', contract)

onPostgres('actions on PostgreSQL', (newUrl) => {
  contract(newUrl)

  it('three nodes ring the same hours, and each action is taken once', async (t) => {
    const { open, mails, pushes, clock } = nodesOver(t, await newUrl())
    const [one, two] = [await open(), await open(), await open()]
    await failAll(one)
    await reached(() => mails.length === users.length)
    clock.move(3 * day + minute)
    await reached(() => mails.length >= 4 * users.length && pushes.length >= users.length)
    await reached(async () => (await count(two, 'retire', 'confirmation')) === users.length)
    const waiting = (await one.actions.list()).filter(({ state }) => state === 'confirmation')
    // Two administrators, on two nodes, at once.
    const answers = await Promise.allSettled(
      waiting.flatMap(({ id = 'act_' }) => [
        one.actions.confirm(id, 'ann'),
        two.actions.confirm(id, 'ben'),
      ]),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, users.length)
    await reached(async () => (await count(two, 'retire', 'done')) === users.length)
    assert.equal(mails.length, 4 * users.length)
    assert.equal(pushes.length, users.length)
    for (const name of users)
      assert.equal(mails.filter(({ to }) => to === `${name}@example.org`).length, hours.length)
  })
})
