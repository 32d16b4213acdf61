import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { EasClient } from '../../src/phone/phone.ts'
import { startFakeUpstream } from '../fake/eas-upstream.ts'
import { confirm, hold, openSite, phonesPolicy, settle, type Site, soon } from './site.ts'

test('a mail server that is down: come again later, and nothing is forgotten', async (t) => {
  const upstream = await startFakeUpstream()
  t.after(() => upstream.stop())
  const site = await openSite(t, upstreamAt(upstream.url))
  const phone = await knownPhone(site)
  const before = await stateOf(site)
  const keys = keysOf(phone)
  const held = await hold(phone)
  await upstream.stop()
  for (const command of ['FolderSync', 'Sync', 'Settings'] as const) {
    const seen = await ask(phone, command)
    assert.deepEqual([seen.http, seen.headers['retry-after']], [503, '30'], command)
  }
  // The Ping is ours, and goes on being held; the Sync was the mail server's, and is lost with it.
  assert.equal(held.over, 1)
  assert.deepEqual(await stateOf(site), before)
  // What is decided meanwhile holds all the same.
  await site.act('ALICE1', 'blockAccess')
  assert.equal(await soon(held.ping, 'a blocked phone is held'), 7)
  assert.equal((await phone.folderSync()).status, 129)
  await site.act('ALICE1', 'resetAccess')
  assert.equal((await phone.folderSync()).http, 503)
  await upstream.start()
  assert.equal((await phone.folderSync()).status, 1)
  assert.deepEqual(keysOf(phone), keys)
  assert.equal((await phone.sync()).collection?.status, 1)
})

test('a mail server that hangs: 503 where it takes no connection, and no phone in limbo once access is withdrawn', async (t) => {
  const good = await startFakeUpstream()
  t.after(() => good.stop())
  const site = await openSite(t, upstreamAt(good.url))
  await knownPhone(site)
  const hanging = await startHanging(t)
  const other = await openSite(t, upstreamAt(hanging.url))
  await other.house.addUser('alice')
  // The kernel has taken the connection, and nobody ever answers.
  const stuck = other.house.phone('alice', 'STUCK').folderSync()
  const phone = other.house.phone('alice', 'ALICE1')
  const also = phone.folderSync()
  await hanging.fill()
  const refused = await soon(other.house.phone('alice', 'OTHER').folderSync(), 'no answer', 10_000)
  assert.deepEqual([refused.http, refused.headers['retry-after']], [503, '30'])
  // Meanwhile everything that needs no mail server works.
  await other.apply({ kind: 'organization', defaultAccessLevel: 'block' })
  await other.enforce()
  for (const waiting of [stuck, also]) {
    const { http } = await soon(waiting, 'a request of a phone that may not read mail')
    assert.equal(http, 503)
  }
  assert.equal((await phone.folderSync()).status, 129)
})

const upstreamAt = (eas: string) => ({
  upstream: { eas, keepAlive: false, maxVersion: '14.1' as const },
})

/** Alice's phone behind a site that enforces, with folders and keys of the mail server. */
async function knownPhone(site: Site): Promise<EasClient> {
  const { house } = site
  await house.addUser('alice')
  await site.apply(...phonesPolicy('17.0'))
  await site.enforce()
  const phone = house.phone('alice', 'ALICE1')
  await settle(phone)
  await confirm(house, 'alice', 'ALICE1')
  await settle(phone)
  return phone
}

const keysOf = (phone: EasClient) => [
  phone.folderKey,
  phone.boxes.get(phone.inbox)?.key,
  phone.policyKey,
]

async function stateOf(site: Site): Promise<object> {
  const { exchangeAccessState, exchangeAccessStateReason, id, easActivated } =
    await site.row('ALICE1')
  return { exchangeAccessState, exchangeAccessStateReason, id, easActivated }
}

async function ask(phone: EasClient, command: 'FolderSync' | 'Sync' | 'Settings') {
  if (command === 'FolderSync') return await phone.folderSync()
  if (command === 'Settings') return await phone.sendDeviceInformation({ model: 'iPhone15C4' })
  return await phone.call('Sync', undefined)
}

/** A server in a process that never takes a connection: the kernel does, until its queue is full. */
async function startHanging(t: TestContext) {
  const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    process.stdout.write(String(this.address().port), () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    child.kill('SIGKILL')
  })
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
  )
  return {
    url: `http://127.0.0.1:${port}/Microsoft-Server-ActiveSync`,
    /** Connects until a connection is not taken any more. */
    async fill() {
      for (let count = 0; count < 10; count++) {
        const socket = connect(port, '127.0.0.1')
        socket.on('error', () => {})
        sockets.push(socket)
        const taken = await Promise.race([
          new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
        ])
        if (!taken) return
      }
    },
  }
}
