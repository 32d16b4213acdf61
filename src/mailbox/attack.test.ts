import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { syncDocument } from '../phone/documents.ts'
import { mail, openMailboxRig } from '../../test/fake/mailbox-rig.ts'
import { systemClock } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import { writeWbxml } from '../wire/wbxml/wbxml.ts'
import { ownFolder, storeMessage } from './own.ts'
import { listFolder, readRaw } from './records.ts'
import { effortOf } from '../../test/effort.ts'

describe('a mailbox under attack', () => {
  test('the largest message is stored, listed cut, and given whole', async () => {
    const rig = await openMailboxRig()
    const user = rig.person()
    const head = mail('large', 'the text').toString()
    const line = `${'x'.repeat(76)}\r\n`
    const large = Buffer.from(`${head}\r\n${line.repeat(460_000)}`)
    await rig.mailbox.deliver(user.id, large)
    await rig.mailbox.deliver(user.id, mail('small'))
    const { client } = rig.own({ user })
    await client.folderSync()
    await client.sync()
    const bodies = [{ type: 1, truncationSize: 500 }]
    const effort = await effortOf(async () => {
      const first = await client.sync(client.inbox, { bodies })
      // Two windows, since one answer holds a bounded number of bytes.
      assert.deepEqual([first.collection?.changes.length, first.collection?.more], [1, true])
      await client.syncAll(client.inbox, { bodies })
    })
    assert.ok(effort < 3000, `${effort} ms`)
    const found = [...client.mails()].find(([, one]) => one.subject === 'large')
    assert.equal(found?.[1].body?.truncated, true)
    assert.equal(Buffer.byteLength(found?.[1].body?.data ?? ''), 500)
    const whole = await client.fetch(client.inbox, found?.[0] ?? '', [{ type: 4 }], {
      mimeSupport: 2,
    })
    assert.equal(whole.mail?.body?.data.length, large.length)
    await rig.stop()
  })

  test('mail that is no mail does not stop the others', async () => {
    const rig = await openMailboxRig()
    const user = rig.person()
    let deep = 'Subject: deep\r\n'
    for (let level = 0; level < 2000; level++) {
      deep += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`
    }
    const hostile = [
      '',
      '\0\0\0',
      deep,
      'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n--\r\n',
      `Subject: ${'=?utf-8?B?//8=?= '.repeat(20_000)}\r\n\r\nx`,
      `To: ${'a@b,'.repeat(50_000)}\r\n\r\nx`,
      `${'X: y\r\n'.repeat(100_000)}\r\nx`,
      'Content-Type: text/html\r\n\r\n<a href="javascript:alert(1)">x</a>\u0000\uffff',
      'Content-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n////====',
    ]
    for (const raw of hostile) await rig.mailbox.deliver(user.id, Buffer.from(raw))
    await rig.mailbox.deliver(user.id, mail('good'))
    for (const version of ['2.5', '14.1'] as const) {
      const { client } = rig.own({ user, version })
      await client.folderSync()
      await client.syncAll(client.inbox, { bodies: [{ type: 2 }, { type: 1 }] })
      assert.equal(client.mails().size, hostile.length + 1, version)
      const subjects = [...client.mails().values()].map((one) => one.subject)
      assert.ok(subjects.includes('good') && subjects.includes('deep'))
    }
    await rig.stop()
  })

  test('a mail of nothing but line ends is turned into HTML only as far as anybody reads', async () => {
    const rig = await openMailboxRig()
    const user = rig.person()
    const { value: most } = limits.convertedChars
    await rig.mailbox.deliver(user.id, Buffer.from(`Subject: x\r\n${'\r\n'.repeat(5 * most)}`))
    const { client } = rig.own({ user })
    await client.folderSync()
    await client.syncAll(client.inbox, { bodies: [{ type: 2, truncationSize: 100 }] })
    const [found] = client.mails().values()
    assert.equal(found?.body?.type, 2)
    // Each line end is `<br>` and itself.
    assert.ok(found.body.size <= 5 * most + 100, String(found.body.size))
    await rig.stop()
  })

  test('an Inbox of ten thousand comes in full, and one more costs little', async () => {
    const rig = await openMailboxRig()
    const user = rig.person()
    await rig.store.transact(async (tx) => {
      for (let count = 0; count < 10_000; count++) {
        const raw = mail(`mail ${count}`)
        const message = {
          raw,
          words: `mail ${count}`,
          receivedAt: rig.clock.now() + count,
          read: false,
        }
        await storeMessage(rig.store, tx, user.id, ownFolder('inbox'), message)
      }
    })
    const { client } = rig.own({ user })
    await client.folderSync()
    await client.sync()
    assert.equal((await client.estimate()).estimate, 10_000)
    await client.syncAll(client.inbox, {
      windowSize: 512,
      bodies: [{ type: 1, truncationSize: 100 }],
    })
    assert.equal(client.mails().size, 10_000)
    await rig.mailbox.deliver(user.id, mail('one more'))
    const effort = await effortOf(async () => {
      assert.equal((await client.sync()).collection?.changes.length, 1)
    })
    assert.ok(effort < 200, `${effort} ms`)
    assert.equal((await client.search('Mailbox', 'mail 9999')).total, 1)
    await rig.stop()
  })

  test('any body of any command gives an answer', async () => {
    const rig = await openMailboxRig()
    const { client } = rig.own({ user: rig.person() })
    const { client: old } = rig.own({ user: rig.person(), version: '2.5' })
    const { client: limited } = rig.quarantine({})
    const valid = writeWbxml(syncDocument([{ collectionId: 'po-inbox', syncKey: '0' }], {}, '14.1'))
    const mutated = fc
      .tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length))
      .map(([at, byte, end]) => {
        const copy = Buffer.from(valid)
        copy[at] = byte
        return copy.subarray(0, end)
      })
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated)
    const command = fc.constantFrom(
      ...([
        'Sync',
        'FolderSync',
        'Settings',
        'GetItemEstimate',
        'ItemOperations',
        'MoveItems',
      ] as const),
      ...([
        'Search',
        'Find',
        'SendMail',
        'SmartReply',
        'GetAttachment',
        'MeetingResponse',
      ] as const),
    )
    await fc.assert(
      fc.asyncProperty(command, bytes, async (name, body) => {
        for (const one of [client, old, limited]) {
          const seen = await one.call(name, body, { attachmentName: 'x', itemId: 'po-inbox:1' })
          assert.ok(seen.http >= 200 && seen.http < 600)
        }
      }),
      { numRuns: 500 },
    )
    await rig.stop()
  })

  test('killed at any moment, it keeps what it said it had', async () => {
    const folder = await mkdtemp(`${tmpdir()}/postern-killed-`)
    try {
      await killAgainAndAgain(`${folder}/store.db`, 4)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

async function killAgainAndAgain(url: string, times: number): Promise<void> {
  const user = newId('usr', 0)
  const partnership = newId('prt', 0)
  const first = await openMailboxRig({ url, clock: systemClock })
  const phone = first.own({ user: { ...first.alice, id: user }, partnership }).client
  await phone.sync('po-inbox')
  await first.stop()
  // What the phone holds, by the last answer that it heard.
  let key = phone.boxes.get('po-inbox')?.key ?? ''
  const held: string[] = []
  let stored = 0
  for (let turn = 0; turn < times; turn++) {
    for (const line of await runUntilKilled([url, user, partnership, String(stored), key], turn)) {
      const [what, value = '', ...ids] = line.split(' ')
      if (what === 'stored') stored = Number(value)
      if (what === 'synced') {
        key = value
        held.push(...ids.filter((id) => id !== ''))
      }
    }
    const rig = await openMailboxRig({ url, clock: systemClock })
    const kept = await listFolder(rig.store.db, user, 'po-inbox')
    // All that was accepted, and at most the one whose acceptance nobody heard.
    assert.ok(kept.length === stored || kept.length === stored + 1, `${kept.length} of ${stored}`)
    for (const { item } of kept) assert.ok(await readRaw(rig.store.db, user, item))
    stored = kept.length
    const { client } = rig.own({ user: { ...rig.alice, id: user }, partnership })
    client.boxes.set('po-inbox', { key, mails: new Map() })
    for (let more = true; more; ) {
      const seen = await client.sync('po-inbox')
      assert.ok(seen.empty || seen.collection?.status === 1)
      held.push(...(seen.collection?.changes ?? []).map((change) => change.serverId))
      more = seen.collection?.more === true
    }
    key = client.boxes.get('po-inbox')?.key ?? ''
    assert.equal(new Set(held).size, held.length, 'a message came twice')
    assert.equal(held.length, kept.length)
    await rig.stop()
  }
}

async function runUntilKilled(args: readonly string[], turn: number): Promise<string[]> {
  const script = new URL('../../test/fake/mailbox-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let lines = 0
  const goal = 5 + turn * 7
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString()
    lines = text.split('\n').length
    if (lines > goal) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.on('close', resolve))
  assert.ok(lines > goal, 'the child ended by itself')
  return text.split('\n').slice(0, -1)
}
