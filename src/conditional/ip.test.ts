import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type AddressRange,
  createAddressTable,
  readAddress,
  readCidr,
  readFour,
  readSpan,
} from './ip.ts'

describe('reading addresses', () => {
  it('reads IPv4, IPv6 and IPv4 inside IPv6', () => {
    assert.deepEqual(readAddress('192.0.2.1'), { family: 4, value: 0xc0000201n })
    assert.deepEqual(readAddress('::ffff:192.0.2.1'), { family: 4, value: 0xc0000201n })
    assert.deepEqual(readAddress('::FFFF:c000:201'), { family: 4, value: 0xc0000201n })
    assert.deepEqual(readAddress('::'), { family: 6, value: 0n })
    assert.deepEqual(readAddress('fe80::1%eth0'), { family: 6, value: (0xfe80n << 112n) | 1n })
    assert.equal(readAddress('1:2:3:4:5:6:7:8')?.value, 0x0001_0002_0003_0004_0005_0006_0007_0008n)
    assert.equal(
      readAddress('2001:db8::192.0.2.1')?.value,
      0x2001_0db8_0000_0000_0000_0000_c000_0201n,
    )
  })

  it('refuses what others might read otherwise', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4 ',
      '0x1.2.3.4',
      '1..2.3',
      '1.2.3.',
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7::8:9',
      '12345::',
      'g::',
      '1.2.3.4::',
      '::1.2.3.4:5',
      ':1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:',
    ])
      assert.equal(readAddress(text), undefined, text)
  })

  it('reads back every IPv4 address', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (value) => {
        const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255)
        assert.equal(readFour(bytes.join('.')), value)
      }),
    )
  })

  it('reads ranges', () => {
    assert.deepEqual(readCidr('192.0.2.77/24'), {
      family: 4,
      low: 0xc0000200n,
      high: 0xc00002ffn,
    })
    assert.deepEqual(readCidr('::ffff:192.0.2.77/120'), readCidr('192.0.2.0/24'))
    assert.deepEqual(readCidr('2001:db8::/32'), {
      family: 6,
      low: 0x2001_0db8n << 96n,
      high: (0x2001_0db9n << 96n) - 1n,
    })
    assert.deepEqual(readCidr('192.0.2.1'), readSpan('192.0.2.1', '192.0.2.1'))
    assert.deepEqual(readCidr('0.0.0.0/0'), readSpan('0.0.0.0', '255.255.255.255'))
    for (const text of ['192.0.2.0/33', '::/129', '/24', '192.0.2.0/', 'x/8', '::ffff:1.2.3.4/95'])
      assert.equal(readCidr(text), undefined, text)
    assert.equal(readSpan('192.0.2.2', '192.0.2.1'), undefined)
    assert.equal(readSpan('192.0.2.2', '::1'), undefined)
  })
})

describe('the table of addresses', () => {
  const six = (value: bigint): string =>
    Array.from({ length: 8 }, (_, n) =>
      ((value >> BigInt(112 - 16 * n)) & 0xffffn).toString(16),
    ).join(':')
  const four = (value: bigint): string =>
    [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
  /** Near each other and near the ends, so that ranges touch, nest and overlap. */
  const address = fc.oneof(
    fc.bigInt(0n, 40n).map((n) => ({ family: 4 as const, value: n })),
    fc.bigInt(0n, 40n).map((n) => ({ family: 4 as const, value: (1n << 32n) - 1n - n })),
    fc.bigInt(0n, 40n).map((n) => ({ family: 6 as const, value: n })),
    fc.bigInt(0n, 40n).map((n) => ({ family: 6 as const, value: (1n << 128n) - 1n - n })),
  )
  const range = fc.tuple(address, fc.bigInt(0n, 20n)).map(([{ family, value }, size]) => {
    const end = (1n << (family === 4 ? 32n : 128n)) - 1n
    return {
      family,
      low: value,
      high: value + size > end ? end : value + size,
    } satisfies AddressRange
  })

  it('answers as looking through all ranges does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(range, { maxLength: 4 }), { maxLength: 5 }),
        fc.array(address, { minLength: 20, maxLength: 20 }),
        (lists, asked) => {
          const table = createAddressTable(lists)
          for (const { family, value } of asked) {
            const expected = lists.flatMap((ranges, n) =>
              ranges.some((r) => r.family === family && r.low <= value && value <= r.high)
                ? [n]
                : [],
            )
            const text = family === 4 ? four(value) : six(value)
            assert.deepEqual(table.cells[table.cellOf(text)], expected, text)
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
})
