import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hour } from '../base/clock.ts'
import type { UserId } from '../directory/directory.ts'
import {
  type Candidate,
  foresee,
  inOrder,
  isTooMany,
  type Member,
  nextWave,
  sizeOfNext,
  watchOf,
  type WaveSize,
} from './plan.ts'

const candidate = (name: string, refused = false): Candidate => ({
  user: `usr_${name}`,
  name,
  refused,
})
const names = (some: readonly Candidate[]) => some.map(({ name }) => name).join(' ')

const anySize = fc.oneof(
  fc.integer({ min: 1, max: 30 }),
  fc.integer({ min: 1, max: 100 }).map((percent): WaveSize => `${percent}%`),
  fc.constant('rest' as const),
)
const anySizes = fc.array(anySize, { minLength: 1, maxLength: 5 })
const anyPool = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 60 })
  .chain((all) =>
    fc
      .array(fc.boolean(), { minLength: all.length, maxLength: all.length })
      .map((refused) => all.map((name, place) => candidate(name, refused[place]))),
  )

describe('the waves of a rollout', () => {
  it('take the harmless first, then by name, and the last size goes on', () => {
    const pool = [candidate('dan'), candidate('Ann', true), candidate('bob'), candidate('Carl')]
    assert.equal(names(inOrder(pool)), 'bob Carl dan Ann')
    const progress = { sizes: [1, 2], waves: 0, moved: 0 }
    assert.equal(names(nextWave(progress, pool)), 'bob')
    assert.equal(names(nextWave({ ...progress, waves: 7 }, pool)), 'bob Carl')
    assert.equal(sizeOfNext({ sizes: ['10%'], waves: 3, moved: 30 }, 70), 10)
    assert.equal(sizeOfNext({ sizes: ['1%'], waves: 0, moved: 0 }, 5), 1)
    assert.equal(sizeOfNext({ sizes: [5, 'rest'], waves: 1, moved: 5 }, 70), 70)
  })

  it('law: whatever happens in between, everybody is moved once, never more than the size, and nobody while it is paused', () => {
    const anyDay = fc.constantFrom('wave', 'wave', 'pause', 'resume', 'back', 'refused')
    fc.assert(
      fc.property(anyPool, anySizes, fc.array(anyDay, { maxLength: 40 }), (pool, sizes, course) => {
        const waves: (readonly Candidate[])[] = []
        const left = () => {
          const moved = new Set(waves.flat().map(({ user }) => user))
          return pool.filter(({ user }) => !moved.has(user))
        }
        let [paused, turn] = [false, 0]
        const step = (deed: string) => {
          if (deed === 'pause') paused = true
          if (deed === 'resume') paused = false
          if (deed === 'back') paused = waves.pop() !== undefined || paused
          // What would be refused differs from day to day.
          if (deed === 'refused') turn += 1
          if (deed !== 'wave' || paused) return
          const moved = waves.flat().length
          const today = left().map((one) => ({ ...one, refused: one.refused !== (turn % 2 === 1) }))
          const progress = { sizes, waves: waves.length, moved }
          const wave = nextWave(progress, today)
          const size = sizes[Math.min(waves.length, sizes.length - 1)]
          if (typeof size === 'number') assert.ok(wave.length <= size)
          assert.ok(wave.length <= today.length && (wave.length > 0 || today.length === 0))
          const worst = wave.some(({ refused }) => refused)
          const spared = today.filter((one) => !wave.includes(one))
          assert.ok(!worst || spared.every(({ refused }) => refused))
          if (wave.length > 0) waves.push(wave)
        }
        for (const deed of course) step(deed)
        paused = false
        for (let days = 0; left().length > 0; days++) {
          assert.ok(days <= pool.length)
          step('wave')
        }
        const moved = waves.flat().map(({ user }) => user)
        assert.deepEqual(moved.toSorted(), pool.map(({ user }) => user).toSorted())
      }),
    )
  })

  it('law: what is foreseen is what is done when nothing changes', () => {
    const calendar = { minuteOfDay: 540, zone: 'UTC', weekdaysOnly: true }
    const from = Date.UTC(2026, 10, 27, 9)
    fc.assert(
      fc.property(anyPool, anySizes, (pool, sizes) => {
        const foreseen = foresee({ sizes, waves: 0, moved: 0 }, pool, { calendar, from })
        let rest: readonly Candidate[] = pool
        for (const [waves, { users, refused, number, at }] of foreseen.entries()) {
          const progress = { sizes, waves, moved: pool.length - rest.length }
          const wave = nextWave(progress, rest)
          assert.deepEqual(
            [wave.length, wave.filter((one) => one.refused).length, waves + 1],
            [users, refused, number],
          )
          assert.ok(![0, 6].includes(new Date(at).getUTCDay()))
          assert.ok(waves === 0 ? at === from : at > (foreseen[waves - 1]?.at ?? Infinity))
          rest = rest.filter((one) => !wave.includes(one))
        }
        assert.equal(rest.length, 0)
      }),
    )
  })
})

describe('watching those who were moved', () => {
  const moved = (rest: Partial<Member> = {}): Member => ({
    user: 'usr_a' satisfies UserId,
    wave: 1,
    movedAt: 100 * hour,
    passed: true,
    accepted: false,
    ...rest,
  })

  it('counts who reached mail before, within the time of observation, until an administrator has seen it', () => {
    const members = [
      moved(),
      moved({ passed: false }),
      moved({ refusedAt: 101 * hour }),
      moved({ refusedAt: 101 * hour, accepted: true }),
      moved({ movedAt: 50 * hour, refusedAt: 51 * hour }),
    ]
    assert.deepEqual(watchOf(members, 110 * hour, 24 * hour), { observed: 3, refused: 1 })
    assert.deepEqual(watchOf(members, 200 * hour, 24 * hour), { observed: 0, refused: 0 })
  })

  it('is too much above the share, not at it; with 100 never, with 0 at the first', () => {
    assert.equal(isTooMany({ observed: 10, refused: 1 }, 10), false)
    assert.equal(isTooMany({ observed: 10, refused: 2 }, 10), true)
    assert.equal(isTooMany({ observed: 10, refused: 10 }, 100), false)
    assert.equal(isTooMany({ observed: 1000, refused: 1 }, 0), true)
    assert.equal(isTooMany({ observed: 0, refused: 0 }, 0), false)
  })
})
