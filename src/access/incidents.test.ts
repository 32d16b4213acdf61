import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hour, minute } from '../base/clock.ts'
import { Incidents } from './incidents.ts'

test('law: never more than happened within the window, and all of the last eleven twelfths', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 20 * minute }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: hour }), (pauses, start) => {
      const incidents = new Incidents(10)
      const times: number[] = []
      let now = start
      for (const pause of pauses) {
        now += pause
        times.push(now)
        const told = incidents.add('a', hour, now)
        const within = (length: number) => times.filter((time) => time > now - length).length
        assert.ok(told <= within(hour), `${told} told, ${within(hour)} happened`)
        assert.ok(told >= within((hour / 12) * 11), `${told} told of ${within((hour / 12) * 11)}`)
      }
    }),
  )
})

test('subjects are apart, may be forgotten, and are at most so many', () => {
  const incidents = new Incidents(2)
  assert.deepEqual(
    ['a', 'a', 'b'].map((subject) => incidents.add(subject, hour, 0)),
    [1, 2, 1],
  )
  incidents.add('c', hour, 0)
  assert.equal(incidents.add('a', hour, 0), 1)
  incidents.add('a', hour, 0)
  incidents.forget('a')
  assert.equal(incidents.add('a', hour, 0), 1)
})

test('a clock that is set back far, or jumps ahead, begins anew', () => {
  const incidents = new Incidents(2)
  incidents.add('a', minute, 10 * hour)
  assert.equal(incidents.add('a', minute, 0), 1)
  assert.equal(incidents.add('a', minute, 0), 2)
  assert.equal(incidents.add('a', minute, 9000 * hour), 1)
})
