import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { limits } from '../../src/base/limits.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import { eventually } from './eventually.ts'
import { basic, healthyPhone, mailsOf, openFront, setUp, subjects } from './front.ts'
import { type Line, openLine } from './line.ts'
import { type RealSogo, startSogo } from './sogo.ts'

const notYet = Symbol('not yet')
const retryAfter = String(limits.retryAfterSeconds.value)

describe('EAS acceptance over SOGo: when the mail server fails', () => {
  let sogo: RealSogo
  before(async () => {
    sogo = await startSogo()
  })
  after(() => sogo?.stop())

  test('22: while SOGo is down phones hear 503 with Retry-After, and nothing of their state is lost', async (t) => {
    const front = await openFront(t, sogo)
    await front.enforce()
    await sogo.deliver('alice', 'Before')
    const phone = front.house.phone('alice', 'Down22')
    const older = front.house.phone('alice', 'DownOld22', { version: '12.1' })
    const waiting = front.house.phone('alice', 'Waits22')
    for (const each of [phone, older, waiting]) await setUp(each)
    const told = await front.send({ method: 'OPTIONS', headers: basic('alice') })
    const known = keysOf(phone)
    const held = waiting.ping({ heartbeatSeconds: 600, folders: [waiting.inbox] })
    await isHeld(held)

    await sogo.halt()
    for (const ask of askedWhileDown(phone)) {
      const { http, status, headers } = await ask()
      assert.deepEqual([http, status, headers['retry-after']], [503, 111, retryAfter])
    }
    for (const ask of askedWhileDown(older)) {
      const { http, body, headers } = await ask()
      assert.deepEqual([http, body.length, headers['retry-after']], [503, 0, retryAfter])
    }
    const offered = await front.send({ method: 'OPTIONS', headers: basic('alice') })
    assert.deepEqual([offered.status, versionsOf(offered)], [200, versionsOf(told)])
    // Whoever only waits goes on waiting, and hears of mail from Dovecot all the same.
    await isHeld(held)
    await sogo.deliver('alice', 'Meanwhile')
    assert.equal((await held).status, 2)
    assert.equal((await waiting.sync()).http, 503)
    assert.equal((await front.row('Down22'))?.exchangeAccessState, 'allowed')

    await sogo.resume()
    assert.deepEqual(keysOf(phone), known)
    for (const each of [phone, older, waiting]) {
      assert.equal((await each.folderSync()).status, 1)
      assert.equal(each.folderKey, each === phone ? known.folder : each.folderKey)
      await each.syncAll()
      assert.deepEqual(countOf(each, ['Before', 'Meanwhile']), [1, 1])
    }
  })

  test('22: a connection that SOGo closed is no failure of the phone, with kept connections too', async (t) => {
    const line = await lineTo(t, sogo)
    const front = await openFront(t, sogo, { upstream: over(line, sogo) })
    await front.enforce()
    const phone = front.house.phone('bob', 'Reused22')
    await setUp(phone)
    for (const isHiding of [false, true]) {
      line.hideCloses(isHiding)
      const [resets, reached] = [line.resets, (await front.reached('Reused22')).length]
      for (let round = 0; round < 10; round++) {
        assert.equal((await phone.folderSync()).status, 1)
        assert.equal((await phone.sendDeviceInformation(healthyPhone)).status, 1)
      }
      assert.equal((await front.reached('Reused22')).length - reached, 20, 'each once')
      assert.equal(line.resets > resets, isHiding)
      // A connection that was left lies ready. What must not be sent twice does not take it.
      line.hideCloses(false)
      assert.equal((await phone.sendMail(mime(`Fresh ${isHiding}`))).http, 200)
      await eventually(async () => (await copiesOf(sogo, `Fresh ${isHiding}`)) > 0)
      assert.equal(await copiesOf(sogo, `Fresh ${isHiding}`), 1)
    }
  })

  test('22: a lost answer is asked for again once where that is harmless, and never for SendMail', async (t) => {
    const line = await lineTo(t, sogo)
    const front = await openFront(t, sogo, { upstream: over(line, sogo) })
    await front.enforce()
    const phone = front.house.phone('alice', 'Lost22')
    await setUp(phone)
    const reached = async (command: string) =>
      (await front.reached('Lost22')).filter((each) => each.command === command).length

    const before = await reached('FolderSync')
    line.loseAnswers(1)
    assert.equal((await phone.folderSync()).status, 1)
    assert.equal((await reached('FolderSync')) - before, 2)
    line.loseAnswers(2)
    assert.equal((await phone.folderSync()).http, 503)
    assert.equal((await reached('FolderSync')) - before, 4, 'once again, not for ever')

    // The answer to SendMail is lost after SOGo has sent the message. The phone tries again, as phones do.
    line.loseAnswers(1)
    const lost = await phone.sendMail(mime('Once'), { clientId: 'once-1', saveInSent: true })
    assert.deepEqual([lost.http, lost.status, lost.headers['retry-after']], [503, 111, retryAfter])
    assert.equal(await reached('SendMail'), 1)
    await eventually(async () => (await copiesOf(sogo, 'Once')) === 1, 'the message')
    for (let round = 0; round < 2; round++) {
      const again = await phone.sendMail(mime('Once'), { clientId: 'once-1', saveInSent: true })
      assert.deepEqual([again.http, again.status], [200, 118])
    }
    assert.equal(await reached('SendMail'), 1)

    // The answer reaches Postern, and the phone loses it.
    for (const [at, status] of [undefined, 118, 118].entries()) {
      const seen = await phone.sendMail(mime('Twice'), { clientId: 'twice-1', saveInSent: true })
      assert.deepEqual([seen.http, seen.status], [200, status], `try ${at}`)
    }
    // A message that SOGo never had goes out at the second try.
    await sogo.halt()
    assert.equal((await phone.sendMail(mime('Late'), { clientId: 'late-1' })).http, 503)
    await sogo.resume()
    assert.equal((await phone.sendMail(mime('Late'), { clientId: 'late-1' })).http, 200)
    for (const subject of ['Once', 'Twice', 'Late']) {
      await eventually(async () => (await copiesOf(sogo, subject)) > 0, subject)
      assert.equal(await copiesOf(sogo, subject), 1, subject)
    }
  })
})

async function isHeld(request: Promise<unknown>): Promise<void> {
  assert.equal(await Promise.race([request, pause(300, notYet)]), notYet)
}

const askedWhileDown = (phone: EasClient) => [
  () => phone.folderSync(),
  () => phone.call('Sync', undefined),
  () => phone.sendDeviceInformation({ model: 'iPhone15C4', os: 'iOS 17.4 21E219' }),
  () => phone.sendMail(mime('Down')),
]

const keysOf = (phone: EasClient) => ({
  folder: phone.folderKey,
  inbox: phone.boxes.get(phone.inbox)?.key,
  policy: phone.policyKey,
})

const versionsOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
  headers['ms-asprotocolversions']

const countOf = (phone: EasClient, wanted: readonly string[]) =>
  wanted.map((subject) => subjects(phone).filter((each) => each === subject).length)

const mime = (subject: string) =>
  `From: alice@corp.test\r\nTo: carol@corp.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replace(' ', '')}22@corp.test>\r\n\r\nText.\r\n`

async function copiesOf(sogo: RealSogo, subject: string): Promise<number> {
  return (await mailsOf(sogo, 'carol')).filter((mail) => mail.subject === subject).length
}

async function lineTo(t: TestContext, sogo: RealSogo): Promise<Line> {
  const { hostname, port } = new URL(sogo.eas)
  const line = await openLine({ host: hostname, port: Number(port) })
  t.after(line.stop)
  return line
}

/** SOGo at the end of a line, with connections kept. */
function over(line: Line, sogo: RealSogo) {
  const eas = new URL(sogo.eas)
  eas.port = String(line.port)
  return { eas: eas.href, imap: sogo.imap, keepAlive: true, maxVersion: '16.1' as const }
}
