import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../devices/facts.ts'
import { type Fitting, fittingDevice } from './fitting-device.ts'

const phone: Fitting = {
  active: true,
  registration: 'registered',
  platform: 'iOS',
  imei: '490154203237518',
}
const claimed = (platform: 'iOS' | 'android' | 'unknown', imei?: string): Facts => {
  const told = { trust: 'claimed', source: 'eas', at: 0 } as const
  return {
    platform: { value: platform, ...told },
    ...(imei !== undefined && { imei: { value: imei, ...told } }),
  }
}

test('the only one of its platform fits, by its IMEI where both tell one', () => {
  assert.equal(fittingDevice([phone], claimed('iOS')), phone)
  assert.equal(fittingDevice([phone], claimed('iOS', '490154203237518')), phone)
  assert.equal(fittingDevice([phone], claimed('iOS', '356938035643809')), undefined)
  const other = { ...phone, imei: '356938035643809' }
  assert.equal(fittingDevice([phone, other], claimed('iOS', '356938035643809')), other)
})

test('two that fit are none, and so is another platform, a retired one, or one that is revoked', () => {
  assert.equal(fittingDevice([phone, { ...phone }], claimed('iOS')), undefined)
  assert.equal(fittingDevice([phone], claimed('android')), undefined)
  assert.equal(fittingDevice([{ ...phone, active: false }], claimed('iOS')), undefined)
  assert.equal(fittingDevice([{ ...phone, registration: 'revoked' }], claimed('iOS')), undefined)
})

test('a client that shows no platform fits nothing', () => {
  assert.equal(fittingDevice([{ ...phone, platform: 'unknown' }], claimed('unknown')), undefined)
  assert.equal(fittingDevice([phone], {}), undefined)
})
