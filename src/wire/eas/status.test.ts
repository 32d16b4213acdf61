import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AirSync, MeetingResponse, Ping, Provision } from '../wbxml/tokens.ts'
import { element, readWbxml } from '../wbxml/wbxml.ts'
import { answerTags, easCommands } from './commands.ts'
import { statusCodes } from './status-codes.ts'
import { httpOfStatus, statusAnswer, statusBody, statusName } from './status.ts'

test('from 14.0 on a status is HTTP 200 with the root of the command', () => {
  for (const version of ['14.0', '14.1', '16.0', '16.1'] as const) {
    const { http, body } = statusAnswer('Sync', 142, version)
    assert.equal(http, 200)
    assert.deepEqual(
      readWbxml(body ?? new Uint8Array()),
      element(AirSync.Sync, element(AirSync.Status, 142)),
    )
  }
  assert.deepEqual(
    Buffer.from(statusBody('FolderSync', 142) ?? []).toString('hex'),
    '03016a000007564c03313432000101',
  )
})

test('up to 12.1 it is an HTTP status without a body', () => {
  for (const version of ['2.5', '12.0', '12.1'] as const)
    assert.deepEqual(statusAnswer('FolderSync', 142, version), { http: 449, body: undefined })
  assert.equal(statusAnswer('Sync', 129, '12.1').http, 403)
  assert.equal(statusAnswer('Sync', 130, '12.1').http, 403)
  assert.equal(statusAnswer('Sync', 177, '12.1').http, 403)
  assert.equal(statusAnswer('Sync', 111, '12.1').http, 503)
  assert.equal(statusAnswer('Sync', 137, '12.1').http, 501)
})

test('a wipe is 449 for a client that sends a policy key, else 403', () => {
  assert.equal(httpOfStatus(140), 449)
  assert.equal(httpOfStatus(140, false), 403)
  assert.equal(statusAnswer('Ping', 140, '12.1', false).http, 403)
})

test('every published status has a name and an HTTP error, one of those published where there are any', () => {
  assert.equal(statusCodes.length, 78)
  for (const [code, name, published] of statusCodes) {
    assert.equal(statusName(code), name)
    const http = httpOfStatus(code)
    assert.ok(http >= 400 && http < 600)
    if (published.length > 0) assert.ok(published.includes(http), name)
  }
  assert.equal(statusName(1), undefined)
  assert.equal(httpOfStatus(999), 500)
})

test('every command has a root of its own, but GetAttachment, which answers no WBXML', () => {
  const roots = new Set<number>()
  for (const command of easCommands) {
    const tags = answerTags(command)
    if (command === 'GetAttachment') {
      assert.equal(tags, undefined)
      assert.deepEqual(statusAnswer(command, 130, '14.1'), { http: 403, body: undefined })
      continue
    }
    assert.ok(tags)
    roots.add(tags.root)
    const root = readWbxml(statusBody(command, 130) ?? new Uint8Array())
    assert.equal(root.tag, tags.root)
  }
  assert.equal(roots.size, easCommands.length - 1)
  assert.equal(answerTags('Ping')?.root, Ping.Ping)
  assert.equal(answerTags('Provision')?.status, Provision.Status)
  assert.equal(answerTags('MeetingResponse')?.within, MeetingResponse.Result)
})
