import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, it } from 'node:test'
import { makeTls } from '../../test/fake/tls-key.ts'
import { createManualClock, systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type Door, doorOf, type Doors, startListener } from './listener.ts'

const say =
  (text: string): Door =>
  (_req, res) =>
    void res.end(text)
const doors: Doors = { eas: say('eas'), autodiscover: say('autodiscover'), web: say('web') }
const where = { host: '127.0.0.1', port: 0 }

/** Everything that comes back on a raw connection until it closes. */
const rawAnswer = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (bytes) => {
      answer += bytes.toString()
    })
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
  })

describe('doorOf', () => {
  it('finds the EAS door in any case and old spelling, and nothing in disguise', () => {
    for (const url of [
      '/Microsoft-Server-ActiveSync?Cmd=Sync',
      '/microsoft-server-activesync',
      '/MICROSOFT-SERVER-ACTIVESYNC/?x',
      '/Microsoft-Server-ActiveSync/default.eas?Cmd=Sync',
    ])
      assert.equal(doorOf(url), 'eas', url)
    for (const url of [
      '/Autodiscover/Autodiscover.xml',
      '/autodiscover/autodiscover.json/v1.0/a@b?Protocol=ActiveSync',
    ])
      assert.equal(doorOf(url), 'autodiscover', url)
    for (const url of [
      '/',
      '',
      '/%4dicrosoft-Server-ActiveSync',
      '/x/../Microsoft-Server-ActiveSync',
      '/Microsoft-Server-ActiveSyncX',
      '/portal?next=/Microsoft-Server-ActiveSync',
      '//Microsoft-Server-ActiveSync',
    ])
      assert.equal(doorOf(url), 'web', url)
  })
})

describe('listener', () => {
  it('routes, and drains: an answer under way is finished, then all is closed', async () => {
    const held = Promise.withResolvers<() => void>()
    const slow: Door = (_req, res) => held.resolve(() => res.end('late'))
    const listening = await startListener({ ...doors, eas: slow }, where, systemClock)
    assert.equal(await (await fetch(`${listening.url}/x`)).text(), 'web')
    assert.equal(await (await fetch(`${listening.url}/AutoDiscover/x`)).text(), 'autodiscover')
    const answer = fetch(`${listening.url}/Microsoft-Server-ActiveSync`)
    const finish = await held.promise
    const drained = listening.drain()
    finish()
    assert.equal(await (await answer).text(), 'late')
    await drained
    await assert.rejects(fetch(`${listening.url}/x`))
  })

  it('refuses what smuggling needs', async () => {
    const reading: Door = (req, res) => {
      req.on('error', () => {}).resume()
      req.on('end', () => res.end('eas'))
    }
    const listening = await startListener({ ...doors, eas: reading }, where, systemClock)
    const head = 'POST /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: x\r\n'
    const tricks = {
      bothLengths: `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      twoLengths: `${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
      signedLength: `${head}Content-Length: +3\r\n\r\nabc`,
      folded: `${head}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
      spaceBeforeColon: `${head}Content-Length : 3\r\n\r\nabc`,
      otherCoding: `${head}Transfer-Encoding: xchunked\r\n\r\nabc`,
      hugeHead: `${head}X-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    }
    for (const [name, text] of Object.entries(tricks)) {
      const answer = await rawAnswer(listening.port, text)
      assert.match(answer, /^HTTP\/1\.1 4(00|31) /, `${name}: ${answer.slice(0, 60)}`)
      assert.ok(!answer.includes('eas'), name)
    }
    await listening.drain()
  })

  it('a body that drips in to hold a connection ends with it', async () => {
    const drip = 'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na'
    const waiting: Door = () => {}
    for (const web of [say('early'), waiting]) {
      const clock = createManualClock(0)
      const listening = await startListener({ ...doors, web }, where, clock)
      const closed = rawAnswer(listening.port, drip)
      await new Promise((resolve) => setTimeout(resolve, 50))
      clock.advance(limits.bodyMs.value)
      const answer = await closed
      assert.ok(web === waiting ? answer === '' : answer.endsWith('early'))
      await listening.drain()
    }
  })

  it('says which address could not be had', async () => {
    const first = await startListener(doors, where, systemClock)
    const again = startListener(doors, { host: '127.0.0.1', port: first.port }, systemClock)
    await assert.rejects(
      again,
      (thrown) => thrown instanceof Failure && thrown.code === 'config.invalid',
    )
    await first.drain()
  })

  it('over TLS, too, the fast lane leaves what is not for it to node:http', async () => {
    const tls = await makeTls('CN=lane')
    const lane: Doors['lane'] = (carried) =>
      carried.reply({ status: 200, body: Buffer.from('lane') })
    const listening = await startListener({ ...doors, lane }, { ...where, tls }, systemClock)
    const socket = connectTls({ host: '127.0.0.1', port: listening.port, ca: tls.certificatePem })
    const answers: string[] = []
    const answer = () =>
      new Promise<void>((resolve) => {
        socket.once('data', (bytes) => {
          answers.push(String(bytes).split('\r\n\r\n')[1] ?? '')
          resolve()
        })
      })
    const post =
      'POST /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
    for (const text of [post, post, post.replace('Host', 'X-A: b \r\nHost'), post]) {
      const next = answer()
      socket.write(text)
      await next
    }
    assert.deepEqual(answers, ['lane', 'lane', 'eas', 'eas'])
    socket.destroy()
    await listening.drain()
  })

  it('speaks TLS 1.2 and later, and takes a renewed certificate', async () => {
    const [old, renewed] = [await makeTls('CN=old'), await makeTls('CN=renewed')]
    const listening = await startListener(doors, { ...where, tls: old }, systemClock)
    const ask = (ca: string, maxVersion: 'TLSv1.1' | 'TLSv1.3' = 'TLSv1.3') =>
      new Promise<string>((resolve, reject) => {
        const options = { ca, agent: false as const, minVersion: 'TLSv1.1' as const, maxVersion }
        const req = httpsRequest(`${listening.url}/x`, options, (res) => {
          res.on('data', (bytes) => resolve(String(bytes)))
        })
        req.on('error', reject)
        req.end()
      })
    assert.equal(await ask(old.certificatePem), 'web')
    await assert.rejects(ask(old.certificatePem, 'TLSv1.1'))
    listening.renew(renewed)
    assert.equal(await ask(renewed.certificatePem), 'web')
    await assert.rejects(ask(old.certificatePem))
    await listening.drain()
  })
})
