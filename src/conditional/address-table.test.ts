import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { isMapped, mappedStart, readCidr } from './address.ts'
import { createAddressTable } from './address-table.ts'

const last = (1n << 128n) - 1n

const text = (value: bigint): string =>
  isMapped(value)
    ? [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
    : Array.from({ length: 8 }, (_, n) =>
        ((value >> BigInt(112 - 16 * n)) & 0xffffn).toString(16),
      ).join(':')

/** Near each other and near the ends of both kinds, so that ranges touch, nest and overlap. */
const address = fc.oneof(
  ...[0n, mappedStart - 20n, mappedStart + (1n << 32n) - 20n, last - 40n].map((from) =>
    fc.bigInt(from, from + 40n),
  ),
)
const range = fc.tuple(address, fc.bigInt(0n, 20n)).map(([lower, size]) => ({
  lower,
  upper: lower + size > last ? last : lower + size,
}))

it('answers as looking through all ranges does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(range, { maxLength: 4 }), { maxLength: 5 }),
      fc.array(address, { minLength: 20, maxLength: 20 }),
      (lists, asked) => {
        const table = createAddressTable(lists)
        for (const value of asked) {
          const expected = lists.flatMap((ranges, n) =>
            ranges.some(({ lower, upper }) => lower <= value && value <= upper) ? [n] : [],
          )
          assert.deepEqual(table.cells[table.cellOf(text(value))], expected, text(value))
        }
      },
    ),
  )
})

it('finds IPv4 ranges also when the address is spelled as IPv6, and nothing for garbage', () => {
  const office = readCidr('192.0.2.0/24')
  assert.ok(office)
  const table = createAddressTable([[office]])
  assert.deepEqual(table.cells[table.cellOf('::ffff:192.0.2.9')], [0])
  assert.deepEqual(table.cells[table.cellOf('garbage')], [])
  assert.deepEqual(table.cells[table.cellOf('192.0.3.9')], [])
})
