import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EasCommand } from '../wire/eas/commands.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { easVersions } from '../wire/eas/version.ts'
import { AirSync, Ping } from '../wire/wbxml/tokens.ts'
import { skimTexts } from '../wire/wbxml/wbxml.ts'
import { goodbye, type Refusal, refuse, refuseUnread } from './refusals.ts'

const request = (command: EasCommand, version: EasRequest['version']): EasRequest => ({
  command,
  version,
  deviceId: 'D',
  deviceType: 'T',
  policyKey: 0,
  policyKeySent: true,
  user: undefined,
  saveInSent: false,
  acceptMultiPart: false,
  form: 'plain',
})

describe('refusals', () => {
  // Outcome, HTTP up to 12.1, HTTP from 14.0 on, status in the body from 14.0 on.
  const rows: readonly [Refusal, number, number, string][] = [
    ['blocked', 403, 200, '129'],
    ['denied', 403, 200, '130'],
    ['notProvisioned', 449, 449, '142'],
    ['policyChanged', 449, 449, '143'],
    ['wrongPolicyKey', 449, 449, '144'],
    ['tooManyDevices', 403, 200, '177'],
    ['malformed', 400, 400, '102'],
    ['tooLarge', 413, 413, '101'],
    ['later', 503, 503, '111'],
    ['fault', 500, 500, '110'],
  ]
  for (const [refusal, before, after, status] of rows) {
    it(`${refusal}: ${before} up to 12.1, then ${after} with ${status}`, () => {
      for (const version of easVersions) {
        const answer = refuse(refusal, request('Sync', version))
        const newer = Number(version) >= 14
        assert.equal(answer.status, newer ? after : before, version)
        const told = answer.body ? skimTexts(answer.body, AirSync.Status) : []
        assert.deepEqual(told, newer ? [status] : [], version)
      }
    })
  }

  it('a 503 says when to come back', () => {
    assert.ok(Number(refuse('later', request('Sync', '14.1')).headers?.['retry-after']) > 0)
    assert.ok(Number(refuse('later', request('Sync', '2.5')).headers?.['retry-after']) > 0)
  })

  it('GetAttachment, which answers no WBXML, is refused by HTTP in every version', () => {
    assert.equal(refuse('blocked', request('GetAttachment', '14.1')).status, 403)
    assert.equal(refuse('notProvisioned', request('GetAttachment', '14.1')).status, 449)
  })

  it('a demand by status alone is HTTP 200 from 14.0 on', () => {
    const answer = refuse('notProvisioned', request('Sync', '14.1'), 'status')
    assert.equal(answer.status, 200)
    assert.deepEqual(skimTexts(answer.body ?? new Uint8Array(), AirSync.Status), ['142'])
    assert.equal(refuse('notProvisioned', request('Sync', '12.1'), 'status').status, 449)
  })

  it('a request line that nobody could read is 400', () => {
    assert.deepEqual(refuseUnread(137, undefined), { status: 400 })
    assert.equal(refuseUnread(108, 'Sync').status, 400)
  })
})

describe('goodbye', () => {
  it('withdrawn: Ping 7 and Sync 12 in every version, others come back', () => {
    for (const version of easVersions) {
      const ping = goodbye(request('Ping', version), 'withdrawn')
      assert.deepEqual(skimTexts(ping.body ?? new Uint8Array(), Ping.Status), ['7'])
      const sync = goodbye(request('Sync', version), 'withdrawn')
      assert.equal(sync.status, 200)
      assert.deepEqual(skimTexts(sync.body ?? new Uint8Array(), AirSync.Status), ['12'])
      assert.equal(goodbye(request('Search', version), 'withdrawn').status, 503)
    }
  })

  it('stopping: Ping 1, a Sync comes back', () => {
    const ping = goodbye(request('Ping', '14.1'), 'stopping')
    assert.deepEqual(skimTexts(ping.body ?? new Uint8Array(), Ping.Status), ['1'])
    assert.equal(goodbye(request('Sync', '14.1'), 'stopping').status, 503)
  })
})
