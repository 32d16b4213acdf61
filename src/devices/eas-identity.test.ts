import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/failures.ts'
import type { EasIdentity } from './devices.ts'
import {
  cleanIdentity,
  foldDeviceId,
  looksTheSame,
  mergeIdentity,
  tellsNothingNew,
} from './eas-identity.ts'

const phone: EasIdentity = {
  deviceId: 'N6FOK02KB14BDA532UOIODEPQ4',
  deviceType: 'iPhone',
  userAgent: 'Apple-iPhone15C4/2401.539000006',
  protocolVersion: '16.1',
}

test('an identity of real clients is kept as spelled', () => {
  for (const deviceId of [
    'N6FOK02KB14BDA532UOIODEPQ4',
    'ApplC39GQ8NNDTDL',
    'androidc1567321253',
    'SEC17CD1A3E9E3F2',
    'MZTB+0123',
    'v140Device',
    'x'.repeat(128),
  ])
    assert.equal(cleanIdentity({ ...phone, deviceId }).deviceId, deviceId)
})

for (const deviceId of ['', 'a b', 'a\r\nb', 'a\u0000', 'caf\u00e9', '\u212a', 'x'.repeat(129)]) {
  test(`refused as DeviceId: ${JSON.stringify(deviceId).slice(0, 30)}`, () => {
    assert.throws(
      () => cleanIdentity({ ...phone, deviceId }),
      (thrown) => thrown instanceof Failure && thrown.code === 'request.malformed',
    )
  })
}

test('law: any identity is cleaned or refused with a code, and cleaning again changes nothing', () => {
  const text = fc.string({ unit: 'binary', maxLength: 600 })
  const id = fc.oneof(text, fc.string({ minLength: 1, maxLength: 128 }))
  fc.assert(
    fc.property(id, text, text, text, (deviceId, deviceType, userAgent, protocolVersion) => {
      try {
        const clean = cleanIdentity({ deviceId, deviceType, userAgent, protocolVersion })
        assert.deepEqual(cleanIdentity(clean), clean)
      } catch (thrown) {
        assert.ok(thrown instanceof Failure)
      }
    }),
  )
})

test('news replaces what it tells, but neither the spelling of the id nor what it leaves out', () => {
  const merged = mergeIdentity(phone, {
    deviceId: phone.deviceId.toLowerCase(),
    deviceType: '',
    userAgent: 'Apple-iPhone15C4/2402.1',
    protocolVersion: '',
  })
  assert.deepEqual(merged, { ...phone, userAgent: 'Apple-iPhone15C4/2402.1' })
})

test('what rules look at is told apart from what is only kept', () => {
  const silent = { deviceId: phone.deviceId, deviceType: '', userAgent: '', protocolVersion: '' }
  assert.equal(tellsNothingNew(phone, silent), true)
  assert.equal(tellsNothingNew(phone, { ...phone, protocolVersion: '14.1' }), false)
  assert.equal(looksTheSame(phone, { ...phone, protocolVersion: '14.1' }), true)
  assert.equal(looksTheSame(phone, { ...phone, deviceType: 'iPad' }), false)
  assert.equal(foldDeviceId('SEC17cd1A'), foldDeviceId('sec17CD1a'))
})
