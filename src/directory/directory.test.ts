import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { createManualClock } from '../base/clock.ts'
import { Failure, type FailureCode } from '../base/failures.ts'
import { silentLog } from '../base/log.ts'
import type { Entry } from '../store/journal.ts'
import { openStore, type Store } from '../store/store.ts'
import { createDirectory, type GroupId, transitiveGroups, type UserId } from './directory.ts'
import { type DirectoryTables, directoryMigrations } from './migrations.ts'
import type { DirectoryChange } from './telling.ts'

// Every query of src/directory/records.ts runs here, on a real database. This also holds src/directory/telling.ts.

const endings: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const clock = createManualClock(1_700_000_000_000)

async function open(url = ':memory:') {
  const store = await openStore({ url, migrations: directoryMigrations, clock, log: silentLog })
  endings.push(() => store.stop())
  const told: [actor: string, change: DirectoryChange][] = []
  const directory = createDirectory({
    store,
    clock,
    tell: async (_tx, actor, changes) => {
      for (const change of changes) told.push([actor, change])
    },
  })
  return { store, directory, news: await hear(store), told }
}

/** All `directory.changed` from now on, asked for as `await news()`. */
async function hear(store: Store): Promise<() => Promise<unknown[]>> {
  const heard: Entry[] = []
  const follower = await store.journal.follow({
    name: 'test',
    kinds: ['directory.changed'],
    durable: false,
    take: async (entry) => void heard.push(entry),
  })
  return async () => {
    await follower.caughtUp()
    return heard.splice(0).map(({ body }) => body)
  }
}

function fileUrl(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-directory-'))
  endings.push(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'postern.db')
}

const failsWith = (code: FailureCode) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === code

const alice = { name: 'Alice', mail: 'Alice.Adams@Example.org', password: 'correct horse' }

describe('users', () => {
  test('a language is kept as people write it, changed, and taken back', async () => {
    const { directory } = await open()
    const { id } = await directory.addUser({ ...alice, preferredLanguage: 'DE-at' })
    const said = async () => (await directory.user(id))?.preferredLanguage
    assert.equal(await said(), 'de-AT')
    await directory.changeUser(id, { displayName: 'Alice' })
    assert.equal(await said(), 'de-AT')
    await directory.changeUser(id, { preferredLanguage: 'zh-hant-TW' })
    assert.equal(await said(), 'zh-Hant-TW')
    for (const wrong of ['', 'german', 'de_DE', 'de-', '../x', 'de\n'])
      await assert.rejects(
        directory.changeUser(id, { preferredLanguage: wrong }),
        failsWith('request.malformed'),
        wrong,
      )
    await directory.changeUser(id, { preferredLanguage: null })
    const [user] = (await directory.everybody()).users
    assert.ok(user && !('preferredLanguage' in user))
  })

  test('a user is found by name and by mail in any case, and heard of', async () => {
    const { directory, news } = await open()
    const added = await directory.addUser({ ...alice, displayName: 'Alice Adams' })
    assert.match(added.id, /^usr_[0-9a-z]{26}$/)
    assert.deepEqual(
      { ...added, id: '' },
      {
        id: '',
        name: 'Alice',
        displayName: 'Alice Adams',
        mail: 'Alice.Adams@Example.org',
        enabled: true,
        role: 'user',
      },
    )
    for (const name of ['alice', 'ALICE', 'alice.adams@example.ORG'])
      assert.deepEqual(await directory.find(name), added)
    assert.equal(await directory.find('alice.adams'), undefined)
    assert.equal(await directory.find('a'.repeat(1_000_000)), undefined)
    assert.deepEqual(await news(), [{ users: [added.id], groups: [], members: [] }])
  })

  test('a name or address signs in one user only, across both', async () => {
    const { directory, news } = await open()
    await directory.addUser({ ...alice, name: 'alice@example.org' })
    await news()
    const taken = failsWith('name.taken')
    const other = { name: 'bob', mail: 'bob@example.org' }
    await assert.rejects(directory.addUser({ ...other, name: 'ALICE@example.org' }), taken)
    await assert.rejects(directory.addUser({ ...other, mail: 'alice.adams@example.org' }), taken)
    // As a name, another's address would put the attacker in that place.
    await assert.rejects(directory.addUser({ ...other, name: 'alice.adams@example.org' }), taken)
    await assert.rejects(directory.addUser({ ...other, mail: 'alice@example.org' }), taken)
    await assert.rejects(directory.addUser({ ...other, name: 'ａｌｉｃｅ@example.org' }), taken)
    assert.equal((await directory.everybody()).users.length, 1)
    assert.deepEqual(await news(), [])
    await directory.addUser({ name: 'same@example.org', mail: 'SAME@example.org' })
  })

  test('of ten that add the same name at once, one wins', async () => {
    const { directory } = await open()
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        directory.addUser({ name: n % 2 ? 'bob' : 'BOB', mail: `bob${n}@example.org` }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const answer of answers)
      if (answer.status === 'rejected') assert.ok(failsWith('name.taken')(answer.reason))
    assert.equal((await directory.everybody()).users.length, 1)
  })

  test('a change is kept, frees the old address and is heard of', async () => {
    const { directory, news } = await open()
    const { id } = await directory.addUser(alice)
    const bob = await directory.addUser({ name: 'bob', mail: 'bob@example.org' })
    await news()
    const changed = await directory.changeUser(id, { mail: 'a@example.org', role: 'administrator' })
    assert.equal(changed.mail, 'a@example.org')
    assert.equal(changed.role, 'administrator')
    assert.equal(await directory.find('alice.adams@example.org'), undefined)
    assert.deepEqual(await directory.find('A@EXAMPLE.org'), changed)
    assert.deepEqual(await directory.find('alice'), changed)
    await directory.changeUser(bob.id, { mail: alice.mail })
    await assert.rejects(directory.changeUser(id, { mail: alice.mail }), failsWith('name.taken'))
    assert.deepEqual(await directory.find('alice'), changed, 'the refused change left no trace')
    const nobody = `usr_${'0'.repeat(26)}` as const
    await assert.rejects(directory.changeUser(nobody, { enabled: false }), failsWith('not.found'))
    assert.deepEqual(await news(), [
      { users: [id], groups: [], members: [] },
      { users: [bob.id], groups: [], members: [] },
    ])
  })
})

describe('passwords', () => {
  test('the right one signs in by name and mail; all else is undefined', async () => {
    const { directory } = await open()
    const user = await directory.addUser(alice)
    const bob = await directory.addUser({ name: 'bob', mail: 'bob@example.org' })
    assert.deepEqual(await directory.checkPassword('ALICE', 'correct horse'), user)
    assert.deepEqual(await directory.checkPassword(alice.mail, 'correct horse'), user)
    for (const [name, password] of [
      ['alice', 'Correct horse'],
      ['alice', ''],
      ['alice', `correct horse${' '.repeat(5000)}`],
      ['nobody', 'correct horse'],
      ['', ''],
      ['bob', ''],
      ['bob', 'nobody'],
      [`alice${'x'.repeat(10_000)}`, 'correct horse'],
    ] as const)
      assert.equal(await directory.checkPassword(name, password), undefined)
    assert.equal(await directory.hasPassword(user.id), true)
    assert.equal(await directory.hasPassword(bob.id), false)
  })

  test('accents may be composed either way', async () => {
    const { directory } = await open()
    await directory.addUser({ ...alice, password: 'cafe\u0301 au lait' })
    assert.ok(await directory.checkPassword('alice', 'caf\u00e9 au lait'))
  })

  test('a disabled account is refused, also when it is disabled while its password is checked', async () => {
    const { directory } = await open()
    const { id } = await directory.addUser(alice)
    await directory.changeUser(id, { enabled: false })
    assert.equal(await directory.checkPassword('alice', 'correct horse'), undefined)
    await directory.changeUser(id, { enabled: true })
    assert.ok(await directory.checkPassword('alice', 'correct horse'))
    const checking = directory.checkPassword('alice', 'correct horse')
    await new Promise((resolve) => setImmediate(resolve))
    await directory.changeUser(id, { enabled: false })
    assert.equal(await checking, undefined)
  })

  test('a new password replaces the old one and is heard of', async () => {
    const { directory, news } = await open()
    const { id } = await directory.addUser(alice)
    await news()
    await directory.changeUser(id, { password: 'battery staple' })
    assert.equal(await directory.checkPassword('alice', 'correct horse'), undefined)
    assert.ok(await directory.checkPassword('alice', 'battery staple'))
    assert.deepEqual(await news(), [{ users: [id], groups: [], members: [] }])
  })

  test('no hash leaves the room', async () => {
    const { directory } = await open()
    const user = await directory.addUser(alice)
    const seen = JSON.stringify([user, await directory.find('alice'), await directory.everybody()])
    assert.doesNotMatch(seen, /argon2|password/i)
  })
})

describe('groups', () => {
  test('members come and go, nested groups reach their users, and only changes are heard of', async () => {
    const { directory, news } = await open()
    const user = await directory.addUser(alice)
    const all = await directory.addGroup('All')
    clock.advance(1)
    const staff = await directory.addGroup('Staff')
    await assert.rejects(directory.addGroup('STAFF'), failsWith('name.taken'))
    await news()
    await directory.changeMembers(staff.id, { add: [user.id, user.id] })
    await directory.changeMembers(all.id, { add: [staff.id] })
    await directory.changeMembers(all.id, { add: [staff.id], remove: [user.id] })
    assert.deepEqual(await news(), [
      { users: [user.id], groups: [staff.id], members: [user.id] },
      { users: [], groups: [all.id], members: [user.id] },
    ])
    const everybody = await directory.everybody()
    assert.deepEqual(everybody.groups, [
      { id: all.id, name: 'All', members: [staff.id] },
      { id: staff.id, name: 'Staff', members: [user.id] },
    ])
    assert.deepEqual(transitiveGroups(everybody).get(user.id), new Set([all.id, staff.id]))
    await directory.changeMembers(staff.id, { remove: [user.id] })
    assert.equal(transitiveGroups(await directory.everybody()).get(user.id), undefined)
  })

  test('a cycle is refused, and so is an unknown member; nothing of the change stays', async () => {
    const { directory, news } = await open()
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => directory.addGroup(name)))
    assert.ok(a && b && c)
    const user = await directory.addUser(alice)
    await directory.changeMembers(a.id, { add: [b.id] })
    await directory.changeMembers(b.id, { add: [c.id] })
    await news()
    const malformed = failsWith('request.malformed')
    await assert.rejects(directory.changeMembers(c.id, { add: [user.id, a.id] }), malformed)
    await assert.rejects(directory.changeMembers(a.id, { add: [a.id] }), malformed)
    const unknown = `grp_${'0'.repeat(26)}` as const
    const missing = failsWith('not.found')
    await assert.rejects(directory.changeMembers(a.id, { add: [unknown], remove: [b.id] }), missing)
    await assert.rejects(directory.changeMembers(unknown, { remove: [a.id] }), missing)
    const { groups } = await directory.everybody()
    assert.deepEqual(groups.find(({ id }) => id === a.id)?.members, [b.id])
    assert.deepEqual(groups.find(({ id }) => id === c.id)?.members, [])
    assert.deepEqual(await news(), [])
    // What would be a cycle is none once the other way is given up in the same change.
    await directory.changeMembers(a.id, { remove: [b.id] })
    await directory.changeMembers(b.id, { add: [a.id] })
  })

  test('two changes that would make a cycle together: one is refused', async () => {
    const url = fileUrl()
    const one = await open(url)
    const two = await open(url)
    const a = await one.directory.addGroup('a')
    const b = await one.directory.addGroup('b')
    const answers = await Promise.allSettled([
      one.directory.changeMembers(a.id, { add: [b.id] }),
      two.directory.changeMembers(b.id, { add: [a.id] }),
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  test('1,200 members in one change', async () => {
    const { directory, store } = await open()
    const group = await directory.addGroup('everyone')
    const ids = Array.from({ length: 1200 }, (_, n): UserId => `usr_${String(n).padStart(26, '0')}`)
    await store.transact(async (tx) => {
      const rows = ids.map((id) => ({ id, name: id, displayName: id, mail: 'x@y', enabled: 1 }))
      for (const row of rows)
        await tx
          .withTables<DirectoryTables>()
          .insertInto('directory_user')
          .values({ ...row, role: 'user', passwordHash: null, addedAt: 0 })
          .execute()
    })
    const members: (UserId | GroupId)[] = ids
    await directory.changeMembers(group.id, { add: members })
    assert.equal((await directory.everybody()).groups[0]?.members.length, 1200)
    await directory.changeMembers(group.id, { remove: members })
    assert.equal((await directory.everybody()).groups[0]?.members.length, 0)
  })
})

test('on a file: two nodes see the same people, and a restart forgets nothing', async () => {
  const url = fileUrl()
  const one = await open(url)
  const two = await open(url)
  const user = await one.directory.addUser(alice)
  assert.deepEqual(await two.directory.find('alice'), user)
  const again = { name: 'alice', mail: 'other@example.org' }
  await assert.rejects(two.directory.addUser(again), failsWith('name.taken'))
  await two.directory.changeUser(user.id, { enabled: false })
  assert.equal(await one.directory.checkPassword('alice', 'correct horse'), undefined)
  await one.store.stop()
  await two.store.stop()
  const three = await open(url)
  assert.deepEqual(await three.directory.find('alice'), { ...user, enabled: false })
})

test('each change is told in its transaction: who made it, what was and what is, and no password', async () => {
  const { directory, told } = await open()
  const { id } = await directory.addUser({ ...alice, preferredLanguage: 'de' }, 'ann')
  const staff = await directory.addGroup('Staff', 'ann')
  const board = await directory.addGroup('Board')
  const change = { enabled: false, preferredLanguage: null, mail: 'Alice.Adams@Example.org' }
  await directory.changeUser(id, change, 'bob')
  await directory.changeUser(id, { enabled: false }, 'bob')
  await directory.changeUser(id, { password: 'another horse' }, 'bob')
  await directory.changeMembers(staff.id, { add: [id, board.id] }, { actor: 'ann' })
  await directory.changeMembers(staff.id, { add: [id], remove: [board.id] }, { actor: 'bob' })
  await directory.changeMembers(staff.id, { add: [id] }, { actor: 'bob' })
  const user = { kind: 'user', id, name: 'Alice' }
  const group = { kind: 'group', id: staff.id, name: 'Staff' }
  const properties = {
    userPrincipalName: 'Alice',
    displayName: 'Alice',
    mail: 'Alice.Adams@Example.org',
    accountEnabled: true,
    role: 'user',
    preferredLanguage: 'de',
    password: 'set',
  }
  const whole = Object.entries(properties).map(([name, after]) => ({ path: `$.${name}`, after }))
  const named = (name: string) => [{ path: '$.displayName', after: name }]
  const members = (sides: object) => [{ path: '$.members[*]', ...sides }]
  assert.deepEqual(told, [
    ['ann', { ...user, change: 'created', difference: whole }],
    ['ann', { ...group, change: 'created', difference: named('Staff') }],
    [
      'site',
      { kind: 'group', id: board.id, name: 'Board', change: 'created', difference: named('Board') },
    ],
    [
      'bob',
      {
        ...user,
        change: 'changed',
        difference: [
          { path: '$.accountEnabled', before: true, after: false },
          { path: '$.preferredLanguage', before: 'de' },
        ],
      },
    ],
    ['bob', { ...user, change: 'changed', difference: [{ path: '$.password', after: 'set' }] }],
    ['ann', { ...group, change: 'changed', difference: members({ after: [board.id, id] }) }],
    ['bob', { ...group, change: 'changed', difference: members({ before: [board.id] }) }],
  ])
})
