import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { day, hour } from '../base/clock.ts'
import { daysOf, isZone } from './calendar.ts'

const at = (text: string) => Date.parse(text)
const told = (moment: number) => new Date(moment).toISOString().replace(':00.000Z', 'Z')
const berlin = { minuteOfDay: 9 * 60, zone: 'Europe/Berlin', weekdaysOnly: false }

describe('the hour of waves', () => {
  it('is the next one on the clocks of its place, in summer as in winter', () => {
    const { nextMoment } = daysOf(berlin)
    const after = (text: string) => told(nextMoment(at(text)))
    assert.equal(after('2026-01-10T07:59:00Z'), '2026-01-10T08:00Z')
    assert.equal(after('2026-01-10T08:00:00Z'), '2026-01-11T08:00Z')
    assert.equal(after('2026-07-10T06:00:00Z'), '2026-07-10T07:00Z')
    assert.equal(after('2026-03-28T09:00:00Z'), '2026-03-29T07:00Z')
    assert.equal(after('2026-10-24T09:00:00Z'), '2026-10-25T08:00Z')
  })

  it('is there on the days when the clocks skip it or have it twice: once', () => {
    const skipped = daysOf({ ...berlin, minuteOfDay: 150 })
    assert.equal(told(skipped.nextMoment(at('2026-03-28T12:00:00Z'))), '2026-03-29T01:30Z')
    assert.equal(told(skipped.nextMoment(at('2026-03-29T01:30:00Z'))), '2026-03-30T00:30Z')
    assert.equal(told(skipped.nextMoment(at('2026-10-24T12:00:00Z'))), '2026-10-25T00:30Z')
    assert.equal(told(skipped.nextMoment(at('2026-10-25T00:30:00Z'))), '2026-10-26T01:30Z')
  })

  it('leaves out Saturday and Sunday where it is to, and days that had a wave', () => {
    const days = daysOf({ ...berlin, weekdaysOnly: true })
    // 2026-11-27 is a Friday.
    assert.equal(told(days.nextMoment(at('2026-11-27T08:00:00Z'))), '2026-11-30T08:00Z')
    const monday = days.dayOf(at('2026-11-30T07:00:00Z'))
    assert.equal(told(days.nextMoment(at('2026-11-30T07:00:00Z'), monday)), '2026-12-01T08:00Z')
  })

  it('is always ahead, on an open day, at that hour, and on no day twice', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Pacific/Apia',
      'Australia/Lord_Howe',
    ]
    fc.assert(
      fc.property(
        fc.record({
          minuteOfDay: fc.integer({ min: 0, max: 1439 }),
          zone: fc.constantFrom(...zones),
          weekdaysOnly: fc.boolean(),
        }),
        fc.integer({ min: at('2012-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
        (calendar, now) => {
          const { nextMoment, dayOf, open } = daysOf(calendar)
          const first = nextMoment(now)
          const second = nextMoment(first, dayOf(first))
          assert.ok(first > now)
          assert.ok(first - now <= (calendar.weekdaysOnly ? 4 : 2) * day + hour)
          for (const one of [first, second]) assert.equal(open(dayOf(one)), dayOf(one))
          assert.ok(dayOf(second) > dayOf(first))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('knows which clocks there are', () => {
    assert.deepEqual(['Europe/Berlin', 'UTC', 'Atlantis/Poseidonis', ''].map(isZone), [
      true,
      true,
      false,
      false,
    ])
  })
})
