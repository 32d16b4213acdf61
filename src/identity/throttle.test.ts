import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minute, second } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { createThrottle, network, type Throttle } from './throttle.ts'

const home = '192.0.2.10'
const wrongFrom = (throttle: Throttle, account: string, address: string, now: number) => {
  const waitMs = throttle.waitMs(account, address, now)
  if (waitMs === 0) throttle.enter(account, address, now)
  return waitMs
}

test('guessing at one account from one address slows down to a try per fifteen minutes', () => {
  const throttle = createThrottle()
  let tries = 0
  for (let now = 0; now < 24 * 60 * minute; now += second) {
    if (wrongFrom(throttle, 'anna', '198.51.100.1', now) === 0) tries++
  }
  assert.ok(tries > 90 && tries < 120, `${tries} tries a day`)
})

test('spraying one password over many names slows the address down', () => {
  const throttle = createThrottle()
  const waits = Array.from({ length: 40 }, (_, i) =>
    wrongFrom(throttle, `user ${i}`, '198.51.100.1', 0),
  )
  assert.deepEqual(waits.slice(0, 31), Array(31).fill(0))
  assert.ok(waits.slice(31).every((wait) => wait > 0))
})

test('a crowd gets few guesses at one account, however many addresses it has', () => {
  const throttle = createThrottle()
  let tries = 0
  let bot = 0
  for (let now = 0; now < 60 * minute; now += second) {
    for (let i = 0; i < 5; i++, bot++) {
      const address = `10.${(bot >> 8) & 255}.${bot & 255}.1`
      if (wrongFrom(throttle, 'anna', address, now) === 0) tries++
    }
  }
  assert.ok(tries < 2 * 130, `${tries} tries in the first hour`)
})

test('a crowd does not slow an address where the account was right', () => {
  const throttle = createThrottle()
  throttle.enter('anna', home, 0).right()
  for (let i = 0; i < 200; i++) throttle.enter('anna', `10.0.${i}.1`, second)
  assert.equal(throttle.waitMs('anna', home, second), 0)
  assert.ok(throttle.welcome('anna', home, second))
  assert.ok(!throttle.welcome('anna', '10.9.9.9', second))
})

test('an address new to an attack waits at most half a minute, also while the attackers come again and again', () => {
  const throttle = createThrottle()
  for (let now = 0; now < 10 * minute; now += second) {
    for (let i = 0; i < 50; i++) wrongFrom(throttle, 'anna', `10.0.${i}.1`, now)
  }
  const wait = throttle.waitMs('anna', '203.0.113.5', 10 * minute)
  assert.ok(wait <= limits.wrongTriesAccountWaitMs.value)
  // The old attackers go on meanwhile: they are in the other lane and cannot take this turn.
  for (let now = 10 * minute; now < 10 * minute + wait; now += second) {
    for (let i = 0; i < 50; i++) wrongFrom(throttle, 'anna', `10.0.${i}.1`, now)
  }
  assert.equal(throttle.waitMs('anna', '203.0.113.5', 10 * minute + wait), 0)
})

test('being right does not wipe what was wrong before', () => {
  const throttle = createThrottle()
  for (let i = 0; i < 40; i++) throttle.enter('anna', '198.51.100.1', 0)
  const before = throttle.waitMs('bert', '198.51.100.1', 0)
  throttle.enter('attacker', '198.51.100.1', 0).right()
  assert.equal(throttle.waitMs('bert', '198.51.100.1', 0), before)
  assert.ok(before > 0)
})

test('parallel tries all count before any is answered', () => {
  const throttle = createThrottle()
  const running = Array.from({ length: 6 }, () => throttle.enter('anna', home, 0))
  assert.ok(throttle.waitMs('anna', home, 0) > 0)
  for (const trial of running) trial.undecided()
  assert.equal(throttle.waitMs('anna', home, 0), 0)
})

test('one customer of IPv6 is one address', () => {
  assert.equal(network('2001:db8:1:ab00::1'), network('2001:db8:1:abff:1:2:3:4'))
  assert.notEqual(network('2001:db8:1:ab00::1'), network('2001:db8:1:ac00::1'))
  assert.equal(network('2001:DB8::1'), network('2001:db8:0:0::2'))
  assert.equal(network('fe80::1%eth0'), network('fe80::2'))
  assert.equal(network('::ffff:192.0.2.1'), '192.0.2.1')
  assert.notEqual(network('::1'), network('2001:db8::1'))
  for (const text of ['', ':', '::', '1::2::3', 'x:y', '[::1]'])
    assert.equal(typeof network(text), 'string')
})
