import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import { checkCollections } from './checks.ts'
import type { Collection, CollectionId } from './collection.ts'
import { createMembership, type Subject } from './membership.ts'

// This also holds src/collections/checks.ts and src/collections/properties.ts.

const collection = (
  n: number | string,
  kind: Collection['kind'],
  rest: Partial<Collection> = {},
): Collection => ({
  id: `col_${n}`,
  name: `C${n}`,
  kind,
  direct: [],
  include: [],
  exclude: [],
  createdAt: 0,
  modifiedAt: 0,
  ...rest,
})

const user = (id: string, memberOf: readonly string[] = []): Subject => ({
  kind: 'user',
  id,
  attributes: { 'user.id': id, 'user.memberOf': memberOf, 'user.displayName': `Name of ${id}` },
})
const device = (id: string, model: string): Subject => ({
  kind: 'device',
  id,
  attributes: { 'device.deviceId': id, 'device.model': model },
})

const sorted = (set: ReadonlySet<string>) => [...set].toSorted()

describe('membership', () => {
  const staff = collection(1, 'user', { rule: 'user.memberOf -contains "Staff"' })
  const board = collection(2, 'user', { direct: ['usr_ada'] })
  const iPads = collection(3, 'device', { rule: 'device.model -startsWith "iPad"' })
  const all = [
    staff,
    board,
    iPads,
    collection(4, 'user', { include: ['col_1'], exclude: ['col_2'] }),
    collection(5, 'device', { include: ['col_1'], limiting: 'col_3' }),
    collection(6, 'user', { include: ['col_1', 'col_2'], exclude: ['col_1'] }),
  ]
  const of = createMembership(all)

  it('F10 by name, by what is true of a user, and by other collections; exclude wins', () => {
    assert.deepEqual(sorted(of(user('usr_ada', ['Staff']))), ['col_1', 'col_2'])
    assert.deepEqual(sorted(of(user('usr_bob', ['staff']))), ['col_1', 'col_4'])
    assert.deepEqual(sorted(of(user('usr_eve'))), [])
  })

  it('a device is in collections of its own, and in those of its user that they include', () => {
    const bob = user('usr_bob', ['Staff'])
    assert.deepEqual(sorted(of(device('dev_1', 'iPad 11'), bob)), [
      'col_1',
      'col_3',
      'col_4',
      'col_5',
    ])
    // Limited to iPads.
    assert.deepEqual(sorted(of(device('dev_2', 'iPhone 17'), bob)), ['col_1', 'col_4'])
    assert.deepEqual(sorted(of(device('dev_3', 'iPad'))), ['col_3'])
  })
})

describe('what a collection cannot be', () => {
  const refused = (collections: readonly Collection[], what: RegExp) =>
    assert.throws(
      () => checkCollections(collections),
      (thrown) => {
        assert.ok(thrown instanceof Failure)
        assert.match(`${thrown.code}: ${thrown.detail}`, what)
        return true
      },
    )

  it('is refused with its name and the place', () => {
    refused([collection(1, 'user', { name: ' ' })], /name/)
    refused([collection(1, 'user'), collection(2, 'device', { name: 'c1' })], /another one/)
    refused([collection(1, 'user', { direct: ['dev_1'] })], /dev_1 is no user/)
    refused([collection(1, 'user', { include: ['col_9'] })], /no collection has the id col_9/)
    refused(
      [collection(1, 'user', { rule: 'user.shoeSize -eq "9"' })],
      /filter\.invalid: .*C1.*shoeSize/,
    )
    refused([collection(1, 'user', { rule: 'device.model -eq "x"' })], /filter\.invalid/)
    refused([collection(1, 'device', { rule: 'device.isCompliant -eq True' })], /filter\.invalid/)
    refused(
      [collection(1, 'user', { include: ['col_2'] }), collection(2, 'device')],
      /holds devices/,
    )
    refused([collection(1, 'user', { include: ['col_1'] })], /made of itself/)
    refused(
      [
        collection(1, 'user', { limiting: 'col_2' }),
        collection(2, 'user', { exclude: ['col_3'] }),
        collection(3, 'user', { include: ['col_1'] }),
      ],
      /made of itself/,
    )
  })
})

/** Collections that only speak of earlier ones, so that there is no cycle. */
const anyCollections = fc
  .array(
    fc.record({
      kind: fc.constantFrom('user', 'device'),
      direct: fc.subarray(['a', 'b', 'c']),
      rule: fc.constantFrom(undefined, 'x', 'y'),
      include: fc.array(fc.nat(9), { maxLength: 2 }),
      exclude: fc.array(fc.nat(9), { maxLength: 2 }),
      limiting: fc.option(fc.nat(9), { nil: undefined }),
    }),
    { maxLength: 8 },
  )
  .map((drafts) =>
    drafts.map(({ kind, direct, rule, include, exclude, limiting }, n): Collection => {
      const earlier = (wanted: readonly number[]) =>
        wanted
          .filter((other) => other < n && (kind === 'device' || drafts[other]?.kind === 'user'))
          .map((other): CollectionId => `col_${other}`)
      const [limit] = earlier(limiting === undefined ? [] : [limiting])
      const prefix = kind === 'user' ? 'usr_' : 'dev_'
      const speaks = kind === 'user' ? 'user.displayName' : 'device.model'
      return collection(n, kind === 'user' ? 'user' : 'device', {
        direct: direct.map((one) => `${prefix}${one}` as 'usr_a'),
        ...(rule !== undefined && { rule: `${speaks} -contains "${rule}"` }),
        include: earlier(include),
        exclude: earlier(exclude),
        ...(limit !== undefined && { limiting: limit }),
      })
    }),
  )

const anyone = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  word: fc.constantFrom('x', 'y', 'xy', ''),
})

describe('laws of membership', () => {
  it('order says nothing; exclude wins; limiting limits; nothing without a reason', () => {
    fc.assert(
      fc.property(anyCollections, anyone, anyone, (collections, who, what) => {
        checkCollections(collections)
        const owner: Subject = {
          kind: 'user',
          id: `usr_${who.id}`,
          attributes: { 'user.displayName': who.word },
        }
        const subject = device(`dev_${what.id}`, what.word)
        const members = createMembership(collections)(subject, owner)
        assert.deepEqual(
          sorted(members),
          sorted(createMembership(collections.toReversed())(subject, owner)),
        )
        for (const one of collections) {
          const isIn = members.has(one.id)
          if (one.exclude.some((id) => members.has(id))) assert.ok(!isIn)
          if (one.limiting !== undefined && isIn) assert.ok(members.has(one.limiting))
          const own = one.kind === 'user' ? owner : subject
          const word = one.kind === 'user' ? who.word : what.word
          const reason =
            one.direct.some((id) => id === own.id) ||
            one.include.some((id) => members.has(id)) ||
            (one.rule !== undefined && word.includes(one.rule.slice(-2, -1)))
          if (isIn) assert.ok(reason)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
