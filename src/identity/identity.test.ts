import assert from 'node:assert/strict'
import { afterEach, before, beforeEach, test } from 'node:test'
import { createManualClock, day, hour, type ManualClock, minute, second } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import { silentLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import type { User } from '../directory/directory.ts'
import { openStore, type Store } from '../store/store.ts'
import { createIdentity, type Identity } from './identity.ts'
import { identityMigrations, type IdentityTables } from './migrations.ts'
import { Throttled } from './passwords.ts'
import type { Elsewhere } from './verify.ts'

// Holds passwords, sessions, links, tokens and src/identity/records.ts, through the front.

let clock: ManualClock
let store: Store
let identity: Identity
let people: Map<string, { user: User; password?: string }>
/** How often a password was hashed: the cost that is to be paid once. */
let hashings: number
let duringHashing: () => Promise<void>

const directory = {
  async find(text: string) {
    const known = [...people.values()].find(({ user }) => user.name === text || user.mail === text)
    return known?.user
  },
  async checkPassword(text: string, password: string) {
    hashings++
    const user = await directory.find(text)
    const right = user?.enabled && people.get(user.id)?.password === password
    await duringHashing()
    return right ? user : undefined
  },
}

before(() => {
  clock = createManualClock(Date.UTC(2026, 5, 1))
})
beforeEach(async () => {
  people = new Map()
  hashings = 0
  duringHashing = () => new Promise((resolve) => setImmediate(resolve))
  store = await openStore({
    url: ':memory:',
    migrations: identityMigrations,
    clock,
    log: silentLog,
  })
  identity = await createIdentity({
    store,
    directory,
    clock,
    log: silentLog,
    mailDomains: ['example.org'],
  })
})
const close = async () => {
  await identity.stop()
  await store.stop()
}
afterEach(close)

function add(name: string, password?: string): User {
  const user: User = {
    id: newId('usr', clock.now()),
    name,
    displayName: name,
    mail: `${name}.mail@example.org`,
    enabled: true,
    role: 'user',
  }
  people.set(user.id, { user, ...(password === undefined ? {} : { password }) })
  return user
}

/** Changes a user as the directory does: the row, and the news of it. */
async function change(user: User, part: { enabled?: boolean; password?: string }): Promise<void> {
  const { password, ...rest } = part
  const known = people.get(user.id)
  assert.ok(known)
  people.set(user.id, {
    ...known,
    ...(password === undefined ? {} : { password }),
    user: { ...known.user, ...rest },
  })
  await news([user.id])
}

async function news(users: readonly string[]): Promise<void> {
  await store.transact((tx) => store.journal.append(tx, 'directory.changed', { users, groups: [] }))
  // The same kinds, followed last: once it has them, the others were woken before it.
  const follower = await store.journal.follow({
    name: 'test',
    kinds: ['directory.changed'],
    durable: false,
    take: async () => {},
  })
  await follower.caughtUp()
  await follower.stop()
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
}

const signIn = (name: string, password: string, address = '192.0.2.1') =>
  identity.authenticate({ kind: 'basic', name, password: new Secret(password), address })

const refused = { code: 'credentials.refused' }

test('a hundred requests of a phone cost one hashing, also when ten come at once', async () => {
  const anna = add('anna', 'right')
  const first = await Promise.all(Array.from({ length: 10 }, () => signIn('anna', 'right')))
  for (let i = 0; i < 90; i++) first.push(await signIn('CORP\\Anna', 'right'))
  assert.ok(first.every((user) => user.id === anna.id))
  assert.equal(hashings, 1)
  clock.advance(limits.passwordMemoryMs.value + 1)
  await signIn('anna', 'right')
  assert.equal(hashings, 2)
})

test('a password is remembered without asking, where its user signed in, until it is old or its user changes', async () => {
  const anna = add('anna', 'right')
  const remembered = (password = 'right', address = '192.0.2.1') =>
    identity.remembered({ kind: 'basic', name: 'anna', password: new Secret(password), address })
  assert.equal(remembered(), undefined, 'nobody has signed in')
  await signIn('anna', 'right')
  assert.equal(remembered()?.id, anna.id)
  assert.equal(remembered('wrong'), undefined)
  assert.equal(remembered(''), undefined)
  assert.equal(remembered('right', '198.51.100.7'), undefined, 'a guesser elsewhere has to wait')
  await change(anna, { password: 'other' })
  assert.equal(remembered(), undefined, 'the directory changed the user')
  await signIn('anna', 'other')
  assert.equal(remembered('other')?.id, anna.id)
  clock.advance(limits.passwordMemoryMs.value + 1)
  assert.equal(remembered('other'), undefined)
})

test('the name forms of EAS clients all reach the user', async () => {
  const anna = add('anna', 'right')
  for (const name of [
    'anna',
    'ANNA',
    'CORP\\anna',
    'anna.mail@example.org',
    'anna@example.org',
    'CORP\\anna@example.org',
  ]) {
    assert.equal((await signIn(name, 'right')).id, anna.id, name)
  }
  await assert.rejects(signIn('anna@elsewhere.example', 'right'), refused)
})

test('wrong, unknown, disabled, empty and absurd are refused alike', async () => {
  const anna = add('anna', 'right')
  add('bert')
  await assert.rejects(signIn('anna', 'wrong'), refused)
  await assert.rejects(signIn('nobody', 'right'), refused)
  await assert.rejects(signIn('bert', ''), refused)
  await assert.rejects(signIn('bert', 'x'), refused)
  await assert.rejects(signIn('', 'right'), refused)
  await assert.rejects(signIn('anna', 'x'.repeat(100_000)), refused)
  await assert.rejects(signIn('x'.repeat(100_000), 'right'), refused)
  await change(anna, { enabled: false })
  await assert.rejects(signIn('anna', 'right'), refused)
})

test('a changed password and a disabled account are forgotten at once', async () => {
  const anna = add('anna', 'old')
  await signIn('anna', 'old')
  await change(anna, { password: 'new' })
  await assert.rejects(signIn('anna', 'old'), refused)
  await signIn('anna', 'new')
  await change(anna, { enabled: false })
  await assert.rejects(signIn('anna', 'new'), refused)
})

test('a change in the middle of a check is not overlooked', async () => {
  const anna = add('anna', 'old')
  duringHashing = async () => {
    duringHashing = async () => {}
    await change(anna, { password: 'new' })
  }
  await signIn('anna', 'old').catch(() => {})
  await assert.rejects(signIn('anna', 'old'), refused)
})

test('a refused password works at once when it becomes right, also for a user who did not exist', async () => {
  const anna = add('anna', 'old')
  await assert.rejects(signIn('anna', 'new'), refused)
  await assert.rejects(signIn('bert', 'his'), refused)
  await change(anna, { password: 'new' })
  await signIn('anna', 'new')
  const bert = add('bert', 'his')
  await news([bert.id])
  assert.equal((await signIn('bert', 'his')).id, bert.id)
})

test('guessing is throttled with a time to come back, and a right guess is not told meanwhile', async () => {
  add('anna', 'right')
  for (let i = 0; i < 6; i++) await assert.rejects(signIn('anna', `guess ${i}`), refused)
  const before = hashings
  await assert.rejects(signIn('anna', 'right'), (thrown) => {
    assert.ok(thrown instanceof Throttled)
    assert.equal(thrown.code, 'credentials.throttled')
    assert.equal(thrown.retryAfterSeconds, 1)
    return true
  })
  assert.equal(hashings, before)
  clock.advance(second)
  await signIn('anna', 'right')
})

test('all names of an account share its count', async () => {
  add('anna', 'right')
  const names = ['anna', 'Anna', 'A\\anna', 'B\\anna', 'anna.mail@example.org', 'anna@example.org']
  for (const name of names) await assert.rejects(signIn(name, `guess ${name}`), refused)
  await assert.rejects(signIn('C\\anna', 'x'), { code: 'credentials.throttled' })
})

test('a remembered password is no way around the throttle for a guesser elsewhere', async () => {
  add('anna', 'right')
  await signIn('anna', 'right', '192.0.2.1')
  for (let i = 0; i < 6; i++)
    await assert.rejects(signIn('anna', `guess ${i}`, '198.51.100.9'), refused)
  await assert.rejects(signIn('anna', 'right', '198.51.100.9'), { code: 'credentials.throttled' })
  // The phone in use notices nothing.
  await signIn('anna', 'right', '192.0.2.1')
})

test('a tablet with an old password does not lock its owner out, and tells nobody what it was', async () => {
  add('anna', 'right')
  for (let i = 0; i < 200; i++) {
    await assert.rejects(signIn('anna', 'former'), refused)
    clock.advance(minute)
  }
  assert.equal(hashings, 1)
  await signIn('anna', 'right')
  for (let i = 0; i < 6; i++)
    await assert.rejects(signIn('anna', `guess ${i}`, '198.51.100.9'), refused)
  const answers = await Promise.allSettled(
    ['former', 'other'].map((guess) => signIn('anna', guess, '198.51.100.9')),
  )
  assert.deepEqual(
    answers.map((answer) => answer.status === 'rejected' && answer.reason.code),
    ['credentials.throttled', 'credentials.throttled'],
  )
})

test('a burst of different guesses is throttled before the first is answered', async () => {
  add('anna', 'right')
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => signIn('anna', `guess ${i}`)),
  )
  const throttled = answers.filter(
    (answer) => answer.status === 'rejected' && answer.reason instanceof Throttled,
  )
  assert.ok(hashings <= 6, `${hashings} guesses were checked`)
  assert.ok(throttled.length >= 94)
})

test('a directory that cannot answer is not counted against anybody', async () => {
  add('anna', 'right')
  duringHashing = () => Promise.reject(new Error('down'))
  for (let i = 0; i < 20; i++) await assert.rejects(signIn('anna', 'right'), { message: 'down' })
  duringHashing = async () => {}
  await signIn('anna', 'right')
})

test('passwords elsewhere: asked for users without one here only', async () => {
  const asked: string[] = []
  const elsewhere: Elsewhere = {
    hasPasswordHere: async (user) => people.get(user.id)?.password !== undefined,
    async verify(name, password) {
      asked.push(name)
      if (password === 'down') throw new Error('no mail server')
      return password === 'there'
    },
  }
  await identity.stop()
  identity = await createIdentity({ store, directory, clock, log: silentLog, elsewhere })
  const anna = add('anna', 'here')
  const bert = add('bert')
  await signIn('bert', 'there')
  await signIn('bert', 'there')
  assert.deepEqual(asked, ['bert'])
  await assert.rejects(signIn('anna', 'there'), refused)
  await assert.rejects(signIn('nobody', 'there'), refused)
  assert.deepEqual(asked, ['bert'])
  assert.equal((await signIn('anna', 'here')).id, anna.id)
  await assert.rejects(signIn('bert', 'wrong'), refused)
  for (let i = 0; i < 20; i++)
    await assert.rejects(signIn('bert', 'down'), { message: 'no mail server' })
  await change(bert, { enabled: false })
  await assert.rejects(signIn('bert', 'there'), refused)
})

test('a page that asks by itself keeps no idle session alive', async () => {
  const cookie = await identity.startSession(add('anna'))
  for (let t = 0; t < limits.sessionIdleMs.value; t += 10 * minute) {
    assert.ok(await identity.session(cookie, true), `after ${t / minute} minutes`)
    clock.advance(10 * minute)
  }
  assert.equal(await identity.session(cookie, true), undefined)
})

test('a session lives while used, dies of idleness and of age', async () => {
  const anna = add('anna')
  const cookie = await identity.startSession(anna)
  assert.match(cookie, /^[\w-]{43}$/)
  assert.equal((await identity.session(cookie))?.user.id, anna.id)
  for (let t = 0; t < limits.sessionLifeMs.value - hour; t += 50 * minute) {
    clock.advance(50 * minute)
    assert.ok(await identity.session(cookie), `after ${t / minute} minutes`)
  }
  clock.advance(hour)
  assert.equal(await identity.session(cookie), undefined)
  const idle = await identity.startSession(anna)
  clock.advance(limits.sessionIdleMs.value)
  assert.equal(await identity.session(idle), undefined)
})

test('a session knows its csrf token, which does not give the cookie away; only hashes are stored', async () => {
  const anna = add('anna')
  const [one, two] = [await identity.startSession(anna), await identity.startSession(anna)]
  const csrf = (await identity.session(one))?.csrf
  assert.equal((await identity.session(one))?.csrf, csrf)
  assert.notEqual((await identity.session(two))?.csrf, csrf)
  const { token } = await identity.issueToken(anna)
  const link = await identity.issueLink('portal', 'prt_1', hour)
  const db = store.db.withTables<IdentityTables>()
  const rows = JSON.stringify([
    await db.selectFrom('session').selectAll().execute(),
    await db.selectFrom('api_token').selectAll().execute(),
    await db.selectFrom('one_time_link').selectAll().execute(),
  ])
  for (const secret of [one, two, token, link, csrf]) assert.ok(secret && !rows.includes(secret))
})

test('sessions that ended, of others, of garbage, and from the future are nobody', async () => {
  const anna = add('anna')
  const cookie = await identity.startSession(anna)
  await identity.endSession(cookie)
  for (const text of [cookie, '', 'x', 'A'.repeat(43), 'A'.repeat(1_000_000), "' or 1=1"]) {
    assert.equal(await identity.session(text), undefined)
    await identity.endSession(text)
  }
  const future = await identity.startSession(anna)
  clock.advance(-day)
  assert.equal(await identity.session(future), undefined)
  clock.advance(day)
  assert.ok(await identity.session(future))
})

test('disabling ends sessions and tokens for good; enabling again revives none', async () => {
  const [anna, bert] = [add('anna'), add('bert')]
  const cookies = [await identity.startSession(anna), await identity.startSession(bert)]
  const { token } = await identity.issueToken(anna)
  await change(anna, { enabled: false })
  await change(anna, { enabled: true })
  assert.equal(await identity.session(cookies[0] ?? ''), undefined)
  assert.equal(await identity.token(token), undefined)
  assert.ok(await identity.session(cookies[1] ?? ''))
  await change(anna, { enabled: false })
  const disabled = people.get(anna.id)?.user
  assert.ok(disabled)
  await assert.rejects(identity.startSession(disabled), refused)
  await assert.rejects(identity.issueToken(disabled), refused)
})

test('another user under the same name gets nothing of the former', async () => {
  const former = add('anna')
  const cookie = await identity.startSession(former)
  people.delete(former.id)
  add('anna')
  assert.equal(await identity.session(cookie), undefined)
})

test('a link is used once, however many come at once', async () => {
  const token = await identity.issueLink('admin', 'setup', hour)
  assert.equal(await identity.redeemLink('admin', token, true), 'setup')
  const race = await Promise.all(
    Array.from({ length: 20 }, () => identity.redeemLink('admin', token)),
  )
  assert.deepEqual(
    race.filter((subject) => subject !== undefined),
    ['setup'],
  )
  assert.equal(await identity.redeemLink('admin', token, true), undefined)
})

test('a link serves its purpose only, and only in its time', async () => {
  const token = await identity.issueLink('portal', 'prt_1', hour)
  assert.equal(await identity.redeemLink('admin', token), undefined)
  clock.advance(-hour)
  assert.equal(await identity.redeemLink('portal', token), undefined)
  clock.advance(2 * hour - 1)
  assert.equal(await identity.redeemLink('portal', token, true), 'prt_1')
  clock.advance(1)
  assert.equal(await identity.redeemLink('portal', token), undefined)
  for (const text of ['', 'x', 'A'.repeat(43), 'A'.repeat(1_000_000)]) {
    assert.equal(await identity.redeemLink('portal', text), undefined)
  }
})

test('old links take no room', async () => {
  await identity.issueLink('portal', 'old', hour)
  clock.advance(2 * day)
  await identity.issueLink('portal', 'new', hour)
  const rows = await store.db
    .withTables<IdentityTables>()
    .selectFrom('one_time_link')
    .select('subject')
    .execute()
  assert.deepEqual(rows, [{ subject: 'new' }])
})

test('an API token works until revoked, for a year at most', async () => {
  const anna = add('anna')
  const [one, two] = [await identity.issueToken(anna), await identity.issueToken(anna)]
  assert.equal((await identity.token(one.token))?.id, anna.id)
  assert.equal(await identity.revokeToken(one.id), true)
  assert.equal(await identity.revokeToken(one.id), false)
  assert.equal(await identity.token(one.token), undefined)
  assert.equal((await identity.token(two.token))?.id, anna.id)
  clock.advance(366 * day)
  assert.equal(await identity.token(two.token), undefined)
})

test('signing a user out ends everything of theirs', async () => {
  const anna = add('anna')
  const cookie = await identity.startSession(anna)
  const { token } = await identity.issueToken(anna)
  await identity.signOut(anna.id)
  assert.equal(await identity.session(cookie), undefined)
  assert.equal(await identity.token(token), undefined)
})
