import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hour } from '../base/clock.ts'
import type { ActionType, NoncomplianceAction } from '../compliance/policy.ts'
import { dueAt, nextDue, openSteps, type Spell, standingOf, stepsOf } from './schedule.ts'

const types: readonly ActionType[] = [
  'notification',
  'pushNotification',
  'remoteLock',
  'retire',
  'wipe',
  'removeResourceAccessProfiles',
  'noAction',
]
const actions = fc.array(
  fc.record({
    type: fc.constantFrom(...types),
    gracePeriodHours: fc.integer({ min: 0, max: 8760 }),
  }),
  { maxLength: 12 },
)
const since = 1_700_000_000_000

const spellWith = (taken: Iterable<string>): Spell => ({
  policy: 'cpl_1',
  since,
  taken: new Set(taken),
})

/** Looks at these moments, as alarms and restarts do, and gives what was fired at each. */
function play(list: readonly NoncomplianceAction[], looks: readonly number[]) {
  const steps = stepsOf(list)
  const taken = new Set<string>()
  const fired: { key: string; at: number }[] = []
  for (const at of looks)
    for (const step of openSteps(spellWith(taken), steps)) {
      if (dueAt(since, step) > at) continue
      taken.add(step.key)
      fired.push({ key: step.key, at })
    }
  return { steps, fired }
}

const looks = fc.array(fc.integer({ min: since - 100 * hour, max: since + 9000 * hour }), {
  maxLength: 20,
})

test('law: F19, each instance is fired once, never before its hour, and at the end none is left, whatever the clock did', () => {
  fc.assert(
    fc.property(actions, looks, (list, moments) => {
      const end = since + 8760 * hour
      const { steps, fired } = play(list, [...moments, end, since, end])
      assert.deepEqual(
        fired.map(({ key }) => key).toSorted(),
        steps.map(({ key }) => key).toSorted(),
      )
      for (const { key, at } of fired) {
        const step = steps.find((one) => one.key === key)
        assert.ok(step && at >= dueAt(since, step))
      }
    }),
  )
})

test('law: who looks only when the alarm says so fires each at its very hour', () => {
  fc.assert(
    fc.property(actions, (list) => {
      const steps = stepsOf(list)
      const taken = new Set<string>()
      for (;;) {
        const at = nextDue([spellWith(taken)], new Map([['cpl_1', steps]]))
        if (at === undefined) break
        const due = openSteps(spellWith(taken), steps).filter((step) => dueAt(since, step) <= at)
        assert.ok(due.length > 0 && due.every((step) => dueAt(since, step) === at))
        for (const { key } of due) taken.add(key)
      }
      assert.equal(taken.size, steps.length)
    }),
  )
})

test('law: a new order, another template or other recipients make no step a new one', () => {
  fc.assert(
    fc.property(actions, fc.infiniteStream(fc.nat()), (list, order) => {
      const keys = (of: readonly NoncomplianceAction[]) =>
        stepsOf(of)
          .map(({ key }) => key)
          .toSorted()
      const shuffled = list
        .map((action) => ({ action, place: order.next().value ?? 0 }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ action }) => ({ ...action, notificationTemplateId: 'other' }))
      assert.deepEqual(keys(shuffled), keys(list))
    }),
  )
})

test('what is kept and never carried out is no step', () => {
  assert.deepEqual(
    stepsOf([
      { type: 'noAction', gracePeriodHours: 0 },
      { type: 'removeResourceAccessProfiles', gracePeriodHours: 0 },
    ]),
    [],
  )
})

test('within grace a device fails already; nonsense is unclear until the verdict stops waiting', () => {
  assert.equal(standingOf('inGracePeriod', 'inGracePeriod'), 'failing')
  assert.equal(standingOf('noncompliant', 'noncompliant'), 'failing')
  assert.equal(standingOf('error', 'error'), 'unclear')
  assert.equal(standingOf('error', 'noncompliant'), 'failing')
  assert.equal(standingOf('compliant', 'noncompliant'), 'healthy')
  assert.equal(standingOf('notApplicable', 'noncompliant'), 'healthy')
  assert.equal(standingOf(undefined, 'compliant'), 'healthy')
})
