import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Collection, CollectionId } from '../../collections/collection.ts'
import type { Everybody, User } from '../../directory/directory.ts'
import { Failure } from '../../base/failures.ts'
import { createNames } from './names.ts'

const user = (name: string, mail: string): User => ({
  id: `usr_${name}`,
  name,
  mail,
  displayName: name,
  enabled: true,
  role: 'user',
})

const everybody: Everybody = {
  users: [user('alice', 'bob'), user('bob', 'b@example.org'), user('carol', 'c@example.org')],
  groups: [{ id: 'grp_1', name: 'Staff', members: [] }],
}

const collection = (id: CollectionId, name: string): Collection => ({
  id,
  name,
  kind: 'user',
  direct: [],
  include: [],
  exclude: [],
  createdAt: 0,
  modifiedAt: 0,
})
const collections = [collection('col_1', 'Staff'), collection('col_2', 'Tablets')]

const names = createNames(everybody, collections, [
  { id: 'loc_1', displayName: 'Office' },
  { id: 'loc_2', displayName: 'Twin' },
  { id: 'loc_3', displayName: 'twin' },
])

const refused = (part: RegExp) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === 'policy.invalid' && part.test(thrown.detail)

describe('names in the place of ids', () => {
  it('are found without regard to case, and an id is one of its own', () => {
    assert.equal(names.id('group', 'sTAFF'), 'grp_1')
    assert.equal(names.id('group', 'grp_1'), 'grp_1')
    assert.equal(names.id('location', 'office'), 'loc_1')
    assert.equal(names.name('group', 'grp_1'), 'Staff')
    assert.equal(names.name('user', 'usr_carol'), 'carol')
    assert.equal(names.name('user', 'usr_gone'), 'usr_gone')
  })

  it('are those of groups before those of collections, which have a mark of their own', () => {
    assert.equal(names.id('target', 'staff'), 'grp_1')
    assert.equal(names.id('target', 'collection: staff'), 'col_1')
    assert.equal(names.id('target', 'Tablets'), 'col_2')
    assert.equal(names.name('target', 'col_2'), 'collection: Tablets')
    assert.throws(() => names.id('group', 'Tablets'), refused(/no group is named/))
  })

  it('are those of users before their mail addresses', () => {
    assert.equal(names.id('user', 'bob'), 'usr_bob')
    assert.equal(names.id('user', 'C@example.org'), 'usr_carol')
  })

  it('are Graph’s words for many, each where it is one', () => {
    assert.equal(names.id('user', 'All'), 'All')
    assert.equal(names.id('location', 'AllTrusted'), 'AllTrusted')
    assert.throws(() => names.id('group', 'All'), refused(/no group is named "All"/))
  })

  it('are refused where nobody has them, or more than one', () => {
    assert.throws(() => names.id('user', 'dave'), refused(/no user is named "dave"/))
    assert.throws(() => names.id('location', 'Twin'), refused(/more than one location/))
    assert.equal(names.id('location', 'loc_3'), 'loc_3')
  })
})
