import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { readAddress, readCidr, readFour } from './address.ts'

it('reads IPv4, IPv6 and IPv4 inside IPv6', () => {
  const four = (0xffffn << 32n) | 0xc0000201n
  assert.equal(readAddress('192.0.2.1'), four)
  assert.equal(readAddress('::ffff:192.0.2.1'), four)
  assert.equal(readAddress('::FFFF:c000:201'), four)
  assert.equal(readAddress('::'), 0n)
  assert.equal(readAddress('fe80::1%eth0'), (0xfe80n << 112n) | 1n)
  assert.equal(readAddress('1:2:3:4:5:6:7:8'), 0x0001_0002_0003_0004_0005_0006_0007_0008n)
  assert.equal(readAddress('2001:db8::192.0.2.1'), 0x2001_0db8_0000_0000_0000_0000_c000_0201n)
})

it('refuses what others might read otherwise', () => {
  const faulty = `1.2.3 1.2.3.4.5 1.2.3.256 01.2.3.4 0x1.2.3.4 1..2.3 1.2.3. : ::: 1::2::3 1:2:3:4:5:6:7
    1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7::8:9 12345:: g:: 1.2.3.4:: ::1.2.3.4:5 :1:2:3:4:5:6:7 1:2:3:4:5:6:7:`
  for (const text of ['', ...faulty.split(/\s+/)]) assert.equal(readAddress(text), undefined, text)
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
  const from = (low: string, high: string) => ({
    lower: readAddress(low),
    upper: readAddress(high),
  })
  assert.deepEqual(readCidr('192.0.2.77/24'), from('192.0.2.0', '192.0.2.255'))
  assert.deepEqual(readCidr('::ffff:192.0.2.77/120'), from('192.0.2.0', '192.0.2.255'))
  assert.deepEqual(
    readCidr('2001:db8::/32'),
    from('2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'),
  )
  assert.deepEqual(readCidr('192.0.2.1'), from('192.0.2.1', '192.0.2.1'))
  assert.deepEqual(readCidr('0.0.0.0/0'), from('0.0.0.0', '255.255.255.255'))
  for (const text of ['192.0.2.0/33', '::/129', '/24', '192.0.2.0/', 'x/8', '1.2.3.4/1/2'])
    assert.equal(readCidr(text), undefined, text)
})
