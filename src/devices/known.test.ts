import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Partnership, PartnershipId } from './devices.ts'
import { createKnown } from './known.ts'

const idOf = (n: number): PartnershipId => `prt_${String(n).padStart(26, '0')}`
const user = `usr_${'0'.repeat(26)}` as const

const partnership = (n: number): Partnership => ({
  id: idOf(n),
  user,
  eas: { deviceId: `D${n}`, deviceType: 'iPhone', userAgent: '', protocolVersion: '14.1' },
  firstSeenAt: 1,
  lastSeenAt: 1,
  facts: {},
})

test('what was put is found until it is dropped', () => {
  const known = createKnown(10)
  known.put('d1', partnership(1), known.mark())
  assert.deepEqual(known.get(user, 'd1'), partnership(1))
  assert.equal(known.get(user, 'd2'), undefined)
  assert.equal(known.get(`usr_${'1'.repeat(26)}`, 'd1'), undefined)
  known.drop(idOf(1))
  assert.equal(known.get(user, 'd1'), undefined)
})

test('what was read before a change is not kept, whoever changed', () => {
  const known = createKnown(10)
  const mark = known.mark()
  known.drop(idOf(7))
  known.put('d1', partnership(1), mark)
  assert.equal(known.get(user, 'd1'), undefined)
})

test('a client that was forgotten and came back as another partnership has one entry', () => {
  const known = createKnown(10)
  known.put('d1', partnership(1), known.mark())
  known.put('d1', partnership(2), known.mark())
  assert.equal(known.get(user, 'd1')?.id, idOf(2))
  known.drop(idOf(1))
  assert.equal(known.get(user, 'd1')?.id, idOf(2))
})

test('the first goes when it is full', () => {
  const known = createKnown(2)
  for (const n of [1, 2, 3]) known.put(`d${n}`, partnership(n), known.mark())
  assert.deepEqual(
    ['d1', 'd2', 'd3'].map((folded) => known.get(user, folded)?.id),
    [undefined, idOf(2), idOf(3)],
  )
})

test('a contact moves times on, never back', () => {
  const known = createKnown(2)
  known.put('d1', partnership(1), known.mark())
  known.touch(idOf(1), 50, true)
  known.touch(idOf(1), 40, true)
  known.touch(idOf(1), 60, false)
  known.touch(idOf(2), 70, true)
  const { lastSeenAt, lastSuccessSyncAt } = known.get(user, 'd1') ?? {}
  assert.deepEqual({ lastSeenAt, lastSuccessSyncAt }, { lastSeenAt: 60, lastSuccessSyncAt: 50 })
})
