import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { abroad, groups, office, policy, policySet } from '../../test/worlds/policy-sets.ts'
import { type Analysis, analyse, compare } from './analysis.ts'
import { createEvaluator, type PolicySet } from './conditional.ts'
import { clientAppTypes, exchangeOnline, type GuestType } from './policy.ts'
import type { SignIn } from './sign-in.ts'

// This also holds src/conditional/analysis/two-sets.ts.

const now = Date.parse('2026-03-01T08:00:00Z')
const view = { counting: 'enabled', now } as const
// Each run is several whole analyses.
const runs = { numRuns: 10 }

/** Cells through which anybody gets in, over the platforms that the random policies tell apart. */
function openCells({ holes, exceptions }: Pick<Analysis, 'holes' | 'exceptions'>): Set<string> {
  return new Set(
    [...holes, ...exceptions]
      .flatMap(({ ways }) => ways)
      .map(({ client, platform }) => `${client} ${platform}`),
  )
}

const subsets = <T>(values: readonly T[]): Set<T>[] =>
  Array.from(
    { length: 2 ** values.length },
    (_, n) => new Set(values.filter((_, at) => (n >> at) & 1)),
  )

const identities = (['ann', 'root', 'bob'] as const).flatMap((id) =>
  [undefined, 'internalGuest' as GuestType, 'b2bCollaborationGuest' as GuestType].flatMap((guest) =>
    subsets(groups).flatMap((inGroups) =>
      subsets(['admin']).map((roles) => ({
        kind: 'user' as const,
        id,
        groups: inGroups,
        roles,
        guest,
        tenant: guest === 'b2bCollaborationGuest' ? 'contoso' : undefined,
      })),
    ),
  ),
)

const devices: SignIn['device'][] = [
  undefined,
  { attributes: {} },
  { attributes: { model: 'iPad Air', deviceOwnership: 'Company', operatingSystemVersion: '26' } },
  {
    isManaged: true,
    attributes: { model: 'iPad Pro', extensionAttribute1: 'SAW', physicalIds: ['[ZTDId]:1'] },
  },
]

/** Every sign-in to mail from no known device that a small world has; those with most done come first, since they get in soonest. */
function* smallWorld(): Generator<SignIn> {
  const done = [['mfa', 'approvedApplication'], ['mfa'], []].map((list) => new Set(list))
  for (const client of clientAppTypes)
    for (const platform of ['iOS', 'windows', 'android', undefined] as const)
      for (const identity of identities)
        for (const address of ['192.0.2.1', '203.0.113.1'])
          for (const country of ['NL', undefined])
            for (const device of client === 'other' ? [undefined] : devices)
              for (const satisfied of done)
                for (const token of client === 'exchangeActiveSync' ? [true, false] : [false])
                  yield {
                    identity,
                    target: { kind: 'application', ids: [exchangeOnline] },
                    client,
                    token,
                    platform,
                    address,
                    country,
                    device,
                    satisfied,
                    methods: new Set(),
                    authenticatedAt: now,
                  }
}

/** What trying everything finds open: a cell is tried until somebody gets in. */
function triedCells(set: PolicySet): Set<string> {
  const evaluator = createEvaluator(set)
  const open = new Set<string>()
  for (const signIn of smallWorld()) {
    const cell = `${signIn.client} ${signIn.platform ?? 'unknown'}`
    if (!open.has(cell) && evaluator.decide(signIn, now).outcome === 'grant') open.add(cell)
  }
  return open
}

describe('the analysis of a policy set', () => {
  it('finds open what trying every sign-in of a small world finds open, and every way in is decided so', () => {
    fc.assert(
      fc.property(policySet(5), (set) => {
        const analysis = analyse(set, view)
        assert.deepEqual(analysis.disagreements, [])
        assert.deepEqual(analysis.undecided, [])
        const told = ['iOS', 'windows', 'android', 'unknown']
        const open = [...openCells(analysis)].filter((cell) =>
          told.includes(cell.split(' ')[1] ?? ''),
        )
        assert.deepEqual(new Set(open), triedCells(set))
      }),
      { numRuns: 4 },
    )
  })

  it('needs everything that it tells of a way in: without one control less, nobody gets in', () => {
    fc.assert(
      fc.property(policySet(6), (set) => {
        const { decide } = createEvaluator(set)
        const { holes, exceptions } = analyse(set, view)
        for (const { signIn } of [...holes, ...exceptions].flatMap(({ ways }) => ways)) {
          assert.ok(signIn)
          for (const control of signIn.satisfied) {
            const rest = new Set([...signIn.satisfied].filter((one) => one !== control))
            assert.notEqual(decide({ ...signIn, satisfied: rest }, now).outcome, 'grant')
          }
        }
      }),
      runs,
    )
  })

  it('finds no new hole when a policy that blocks is added, and any other only closes', () => {
    fc.assert(
      fc.property(policySet(5), policy, (set, added) => {
        const before = openCells(analyse(set, view))
        const after = openCells(analyse({ ...set, policies: [...set.policies, added] }, view))
        for (const cell of after) assert.ok(before.has(cell))
      }),
      runs,
    )
  })

  it('calls a policy surplus only where a set without it lets in exactly the same', () => {
    fc.assert(
      fc.property(policySet(6), (set) => {
        for (const { policy: at } of analyse(set, view).surplus) {
          const policies = set.policies.filter((_, n) => n !== at)
          const { opened, closed } = compare(set, { ...set, policies }, view)
          assert.deepEqual([...opened, ...closed], [])
        }
      }),
      runs,
    )
  })
})

describe('the difference of two policy sets', () => {
  it('is none of a set and itself, whatever the order of its policies', () => {
    fc.assert(
      fc.property(policySet(6), (set) => {
        const turned = { ...set, policies: set.policies.toReversed() }
        const { opened, closed, sessions, undecided } = compare(set, turned, view)
        assert.deepEqual([opened, closed, sessions, undecided], [[], [], [], false])
      }),
      runs,
    )
  })

  it('is the same from the other side, and every witness is decided differently by the two', () => {
    fc.assert(
      fc.property(policySet(4), policySet(4), (one, other) => {
        const there = compare(one, other, view)
        const back = compare(other, one, view)
        assert.deepEqual([...there.disagreements, ...back.disagreements], [])
        const cells = (changes: typeof there.opened) =>
          new Set(changes.flatMap(({ ways }) => ways.map((way) => `${way.client} ${way.platform}`)))
        assert.deepEqual(cells(there.opened), cells(back.closed))
        assert.deepEqual(cells(there.closed), cells(back.opened))
      }),
      runs,
    )
  })

  it('is found where a sign-in of a small world is decided differently', () => {
    fc.assert(
      fc.property(policySet(3), policySet(3), fc.nat(), (one, other, seed) => {
        const [a, b] = [createEvaluator(one), createEvaluator(other)]
        const { opened, closed } = compare(one, other, view)
        let n = seed % 997
        for (const signIn of smallWorld()) {
          if (n++ % 997 !== 0) continue
          const granted = [a, b].map(({ decide }) => decide(signIn, now).outcome === 'grant')
          if (granted[0] === granted[1]) continue
          const ways = (granted[1] ? opened : closed).flatMap((change) => change.ways)
          const platform = signIn.platform ?? 'unknown'
          assert.ok(ways.some((way) => way.client === signIn.client && way.platform === platform))
        }
      }),
      runs,
    )
  })

  it('tells a location of the same name that is elsewhere, and one that is trusted no more', () => {
    const block = {
      id: 'p',
      displayName: 'p',
      state: 'enabled' as const,
      conditions: {
        clientAppTypes: ['all' as const],
        users: { includeUsers: ['All'] },
        locations: { includeLocations: ['All'], excludeLocations: ['abroad', 'AllTrusted'] },
      },
      grantControls: { operator: 'OR' as const, builtInControls: ['block'] },
      sessionControls: null,
    }
    const set = { policies: [block], namedLocations: [office, abroad] }
    const moved = { ...abroad, countriesAndRegions: ['NL'] }
    const smaller = compare(set, { ...set, namedLocations: [office, moved] }, view)
    assert.deepEqual(smaller.opened, [])
    assert.equal(smaller.closed[0]?.ways[0]?.signIn?.country, 'BE')
    const untrusted = { ...office, isTrusted: false }
    const less = compare(set, { ...set, namedLocations: [untrusted, abroad] }, view)
    assert.equal(less.opened.length, 0)
    assert.match(less.closed[0]?.ways[0]?.signIn?.address ?? '', /^192\.0\.2\./)
  })
})
