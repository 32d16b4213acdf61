import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Refusal } from '../../src/cli/connection.ts'

import type { EasClient } from '../../src/phone/phone.ts'
import { type Child, newPlace, type Place, runChild, startChild } from './child.ts'
import { deskOf, hold, settle, subjects } from './site.ts'
import { phoneAt } from './visitor.ts'

const password = 'correct horse battery'

test('SIGTERM while phones hold: each is told in its protocol, and the process ends within seconds', async (t) => {
  const place = await newPlace(t)
  const child = await startChild(t, place)
  const phones = await Promise.all(
    Array.from({ length: 10 }, (_, n) => newPhone(child, `user${n}`)),
  )
  const held = await Promise.all(phones.map(hold))
  const since = performance.now()
  const ending = child.end('SIGTERM')
  const statuses = await Promise.all(held.map((one) => one.ended()))
  const endedMs = performance.now() - since
  assert.deepEqual(await ending, { code: 0, signal: null })
  const goneMs = performance.now() - since
  console.log(
    `  held requests ended after ${endedMs.toFixed(0)} ms, the process after ${goneMs.toFixed(0)} ms`,
  )
  assert.ok(goneMs < 5000)
  // As if nothing had happened: no phone need sync afresh because of a restart.
  for (const [ping, sync] of statuses) assert.deepEqual([ping, sync], [1, 111])
  assert.deepEqual(child.complaints(), [])
  const again = await startChild(t, place)
  for (const phone of phones) {
    assert.equal((await phone.folderSync()).status, 1)
    await deliver(again, phone.user, 'after')
    await phone.syncAll()
    assert.deepEqual(subjects(phone), ['before', 'after'])
  }
})

test('a disk that is full: refused in a word, nothing acknowledged that is not kept, and it goes on when there is room', async (t) => {
  const place = await newPlace(t)
  // Made with room: keys, tables, a phone with mail.
  const roomy = await startChild(t, place)
  const phone = await newPhone(roomy, 'alice')
  await deskOf(roomy.administrator).enforce()
  await settle(phone)
  await roomy.end('SIGTERM')
  // No file may grow past this; the log of the database does, soon.
  const full: Place = {
    ...place,
    under: ['sh', '-c', 'trap "" XFSZ; ulimit -f 2000; exec "$@"', 'sh'],
  }
  const child = await startChild(t, full)
  // Large mails, and then small ones into what room is left.
  const kept = [...(await fill(child, 20_000)), ...(await fill(child, 1))]
  assert.ok(kept.length > 10)
  // Mail that needs a write is refused too, and never with an empty mailbox or a verdict.
  const seen = await phone.sync()
  assert.ok(seen.http === 503 || seen.collection?.status === 1, `${seen.http} ${seen.status}`)
  const blocked = await isAccepted(deskOf(child.administrator).act('ALICE', 'blockAccess'))
  await child.end('SIGTERM')
  const again = await startChild(t, place)
  const desk = deskOf(again.administrator)
  const { exchangeAccessState } = await desk.row('ALICE')
  assert.equal(exchangeAccessState, blocked ? 'blocked' : 'allowed')
  await desk.act('ALICE', 'resetAccess')
  await settle(phone)
  assert.deepEqual(subjects(phone).toSorted(), ['before', ...kept].toSorted())
  await deliver(again, 'alice', 'room again')
  await phone.syncAll()
  assert.ok(subjects(phone).includes('room again'))
})

test('a folder that cannot be written: said in a word before anything is served', async (t) => {
  const place = await newPlace(t)
  const file = join(dirname(place.data), 'a file')
  await writeFile(file, '')
  // Below a file, and in a place where not even root can make one.
  for (const data of [join(file, 'data'), '/proc/self/net']) {
    const { code, said } = await runChild({ ...place, data })
    assert.equal(code, 1, said)
    assert.match(said, /^(config\.invalid|store\.unavailable): [^\n]*\n {2}\S/m)
    assert.doesNotMatch(said, /\n\s+at /)
  }
})

test('a database that is no database: said in a word, and left as it is', async (t) => {
  const place = await newPlace(t)
  const child = await startChild(t, place)
  await child.end('SIGTERM')
  await writeFile(
    join(place.data, 'postern.sqlite'),
    'not a database, but long enough to look at'.repeat(100),
  )
  const { code, said } = await runChild(place)
  assert.equal(code, 1)
  assert.match(said, /^store\.unavailable: /m)
})

/** Delivers mails to Alice until several are refused; gives those that were not. */
async function fill(child: Child, size: number): Promise<readonly string[]> {
  const kept: string[] = []
  let refused = 0
  for (let n = 0; refused < 5; n++) {
    assert.ok(n < 2000, 'the disk is never full')
    const subject = `mail ${n} of ${size}`
    if (await isAccepted(deliver(child, 'alice', subject, 'x'.repeat(size)))) kept.push(subject)
    else refused += 1
  }
  return kept
}

async function isAccepted(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (thrown) {
    assert.ok(thrown instanceof Refusal && thrown.code === 'store.unavailable', String(thrown))
    return false
  }
}

/** A user with one mail, and their phone, which has it. */
async function newPhone(child: Child, user: string): Promise<EasClient> {
  const row = { userPrincipalName: user, mail: `${user}@example.org`, password }
  await child.administrator.call('POST', '/users', row)
  await deliver(child, user, 'before')
  const phone = phoneAt(child, { user, password, deviceId: user.toUpperCase() })
  await settle(phone)
  return phone
}

const deliver = ({ administrator }: Child, user: string, subject: string, body = 'Hello.') =>
  administrator.call(
    'POST',
    `/postern/mailboxes/${user}/messages`,
    Buffer.from(`From: a@example.org\r\nSubject: ${subject}\r\n\r\n${body}\r\n`),
  )
