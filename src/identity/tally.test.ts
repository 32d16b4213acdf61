import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hour, minute, second } from '../base/clock.ts'
import { createTally, type TallyRule } from './tally.ts'

const rule: TallyRule = {
  free: 3,
  firstMs: second,
  longestMs: 15 * minute,
  forgetMs: hour,
  most: 1000,
}

test('free tries cost no wait, each further one doubles it up to the longest', () => {
  const tally = createTally(rule)
  const waits = Array.from({ length: 16 }, () => {
    tally.charge('anna', 0)
    return tally.waitMs('anna', 0) / second
  })
  assert.deepEqual(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
})

test('the wait runs out, and the count is forgotten after an hour without a wrong try', () => {
  const tally = createTally(rule)
  for (let i = 0; i < 6; i++) tally.charge('anna', 0)
  assert.equal(tally.waitMs('anna', 3 * second), second)
  assert.equal(tally.waitMs('anna', 4 * second), 0)
  assert.equal(tally.wrong('anna', hour - 1), 6)
  assert.equal(tally.wrong('anna', hour), 0)
})

test('a clock set back makes nobody wait longer than the delay', () => {
  const tally = createTally(rule)
  for (let i = 0; i < 4; i++) tally.charge('anna', 10 * hour)
  assert.equal(tally.waitMs('anna', 0), second)
})

test('a refund takes back one charge', () => {
  const tally = createTally(rule)
  for (let i = 0; i < 3; i++) tally.charge('anna', 0)
  const refund = tally.charge('anna', 0)
  refund()
  assert.equal(tally.waitMs('anna', 0), 0)
  assert.equal(tally.wrong('anna', 0), 3)
})

test('who is right after a wait begins no other one', () => {
  const tally = createTally(rule)
  for (let i = 0; i < 8; i++) tally.charge('anna', 0)
  tally.charge('anna', minute)()
  assert.equal(tally.waitMs('anna', minute), 0)
  assert.equal(tally.wrong('anna', hour), 0, 'nor is it a wrong try that keeps the count alive')
})

test('being right takes back no wait that another try began', () => {
  const tally = createTally(rule)
  for (let i = 0; i < 8; i++) tally.charge('anna', 0)
  const refund = tally.charge('anna', minute)
  tally.charge('anna', minute)
  refund()
  assert.equal(tally.wrong('anna', minute), 9)
  assert.ok(tally.waitMs('anna', minute) > 0)
})

test('a flood of other names does not make a waiting one be forgotten', () => {
  const tally = createTally(rule)
  for (let i = 0; i < 20; i++) tally.charge('attacker', 0)
  for (let i = 0; i < 10 * rule.most; i++) tally.charge(`name ${i}`, 1)
  assert.equal(tally.wrong('attacker', 1), 20)
  assert.ok(tally.waitMs('attacker', 1) > 14 * minute)
})

test('bounded when everybody waits', () => {
  const tally = createTally({ ...rule, most: 100 })
  const held = () =>
    Array.from({ length: 1000 }, (_, i) => tally.wrong(`name ${i}`, 1)).filter(Boolean).length
  for (let i = 0; i < 1000; i++) for (let n = 0; n < 5; n++) tally.charge(`name ${i}`, 0)
  assert.equal(held(), 100)
})

test('more wrong tries never wait less', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 40 }), (gaps) => {
      const tally = createTally(rule)
      let now = 0
      let last = 0
      for (const gap of gaps) {
        now += gap
        tally.charge('anna', now)
        const wait = tally.waitMs('anna', now)
        assert.ok(wait >= last && wait <= rule.longestMs)
        last = wait
      }
    }),
  )
})
