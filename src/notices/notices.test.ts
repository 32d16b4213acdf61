import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { AccessStateReason, Outcome } from '../access/decision.ts'
import { createManualClock, day, hour, type ManualClock, minute } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { PartnershipId } from '../devices/devices.ts'
import { openStore, type Store } from '../store/store.ts'
import type { Described } from './compose.ts'
import { createMailer, type Mail } from './mail.ts'
import { noticesMigrations, type NoticesTables } from './migrations.ts'
import { createNotices, type Notices } from './notices.ts'

// Holds src/notices/causes.ts, src/notices/records.ts, src/notices/outbox.ts and news.ts, through the front.

const phone: PartnershipId = 'prt_1'

interface Taken {
  readonly to: string
  readonly subject: string
  readonly messageId: string
  readonly text: string
}

let folder: string
let clock: ManualClock
let store: Store
let notices: Notices
let server: SMTPServer
let port: number
/** As the mail server took them, and as they read once all is settled. */
let arrived: { to: string; source: Uint8Array }[]
let taken: Taken[]
let clients: Map<string, Described>
let links: number
/** Stands between notices and SMTP: a crash, for example. */
let onTheWay: (mail: Mail, send: () => Promise<'sent' | 'refused'>) => Promise<'sent' | 'refused'>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-notices-'))
  clock = createManualClock(Date.UTC(2026, 5, 1))
  clients = new Map()
  arrived = []
  taken = []
  links = 0
  onTheWay = (_mail, send) => send()
  port = 0
  await openServer()
  await start()
  client(phone, 'notEnrolled')
})
afterEach(async () => {
  await stop()
  await closeServer()
  await rm(folder, { recursive: true })
})

async function openServer(): Promise<void> {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo)
          arrived.push({ to: address, source: Buffer.concat(chunks) })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.server.address()
  assert.ok(typeof address === 'object' && address)
  port = address.port
}

const closeServer = () => new Promise<void>((resolve) => server.close(resolve))

async function start(): Promise<void> {
  store = await openStore({
    url: join(folder, 'db.sqlite'),
    migrations: noticesMigrations,
    clock,
    log: silentLog,
  })
  const mailer = createMailer({ smtpUrl: `smtp://127.0.0.1:${port}` })
  notices = await createNotices({
    store,
    clock,
    log: silentLog,
    from: 'postern@example.org',
    describe: async (id) => clients.get(id),
    portalLink: async (id) => `https://mail.example.org/portal/?link=${id}-${++links}`,
    deliver: (mail) => onTheWay(mail, () => mailer.deliver(mail)),
    administrators: async () => ['admin@example.org', 'admin@example.org'],
    insert: async () => 'Call 4711.',
  })
}

async function stop(): Promise<void> {
  await notices.stop()
  await store.stop()
}

function client(id: PartnershipId, stateReason: AccessStateReason, deviceId = 'ApplX'): void {
  clients.set(id, {
    user: {
      id: 'usr_1',
      name: 'anna',
      displayName: 'Anna',
      mail: 'anna@example.org',
      enabled: true,
      role: 'user',
    },
    partnership: {
      id,
      user: 'usr_1',
      eas: { deviceId, deviceType: 'iPhone', userAgent: 'Apple-iPhone/1', protocolVersion: '16.1' },
      firstSeenAt: clock.now(),
      lastSeenAt: clock.now(),
      facts: {},
    },
    decision: { outcome: 'quarantine', stateReason },
    findings: [],
  })
}

async function decided(
  outcome: Outcome,
  stateReason: AccessStateReason,
  id: PartnershipId = phone,
): Promise<void> {
  const known = clients.get(id)
  if (known) clients.set(id, { ...known, decision: { outcome, stateReason } })
  const body = { partnership: id, user: 'usr_1', outcome, state: 'quarantined', stateReason }
  await store.transact((tx) => store.journal.append(tx, 'access.changed', body))
}

const rows = () =>
  store.db.withTables<NoticesTables>().selectFrom('notice_mail').selectAll().orderBy('id').execute()

/** Waits until the journal is heard and the outbox sleeps until a later moment, or for good. */
async function settled(): Promise<void> {
  const db = store.db.withTables<Inner>()
  for (let i = 0; i < 500; i++) {
    const head = await db
      .selectFrom('journal')
      .select('seq')
      .orderBy('seq', 'desc')
      .executeTakeFirst()
    const cursor = await db
      .selectFrom('journal_cursor')
      .select('seq')
      .where('name', '=', 'notices')
      .executeTakeFirst()
    const awake = await db.selectFrom('alarm').select('at').where('at', '<=', clock.now()).execute()
    if (head?.seq === cursor?.seq && awake.length === 0) return await readArrived()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.fail(`not settled: ${JSON.stringify(await rows())}`)
}

async function readArrived(): Promise<void> {
  taken = await Promise.all(
    arrived.map(async ({ to, source }) => {
      const { subject = '', messageId = '', text = '' } = await PostalMime.parse(source)
      return { to, subject, messageId, text }
    }),
  )
}

/** What the store keeps for itself. */
type Inner = {
  journal: { seq: number }
  journal_cursor: { name: string; seq: number }
  alarm: { at: number }
}

const told = () => taken.map(({ to }) => to).sort()

test('a phone that is held up: one mail to its user, one to each administrator', async () => {
  await decided('quarantine', 'notEnrolled')
  await settled()
  assert.deepEqual(told(), ['admin@example.org', 'anna@example.org'])
  const mine = taken.find(({ to }) => to === 'anna@example.org')
  assert.match(mine?.text ?? '', /portal\/\?link=prt_1-1\n[^]*Call 4711\.[^]*Device ID: ApplX/)
  assert.doesNotMatch(taken.find(({ to }) => to === 'admin@example.org')?.text ?? '', /link=/)
})

test('nothing more for the same cause: not for another entry, not after a restart', async () => {
  await decided('quarantine', 'notEnrolled')
  await settled()
  await decided('quarantine', 'notEnrolled')
  await settled()
  await stop()
  await start()
  await decided('quarantine', 'notEnrolled')
  await settled()
  clock.advance(10 * day)
  await settled()
  assert.equal(taken.length, 2)
})

test('another cause is told; the same one again only after it was over, and a day', async () => {
  await decided('quarantine', 'notEnrolled')
  await settled()
  await decided('quarantine', 'notCompliant')
  await settled()
  assert.equal(taken.length, 4)
  await decided('allow', 'compliant')
  await decided('quarantine', 'notCompliant')
  await settled()
  assert.equal(taken.length, 4)
  await decided('allow', 'compliant')
  clock.advance(day)
  await decided('quarantine', 'notCompliant')
  await settled()
  assert.equal(taken.length, 6)
  await decided('block', 'notCompliant')
  await settled()
  assert.equal(taken.length, 8)
})

test('none while observing, for what passes by itself, for `validate`, for who is gone', async () => {
  await decided('allow', 'notEnrolled')
  for (const reason of ['deviceDiscovery', 'behind', 'internal', 'userDisabled'] as const)
    await decided('block', reason)
  await decided('challenge', 'notEnrolled')
  client('prt_2', 'notEnrolled', 'Validate')
  await decided('quarantine', 'notEnrolled', 'prt_2')
  await decided('quarantine', 'notEnrolled', 'prt_3')
  await settled()
  assert.deepEqual(taken, [])
})

test('the mail server is down: tried again, later and later, and nothing is lost', async () => {
  await closeServer()
  await decided('quarantine', 'notEnrolled')
  await settled()
  for (let i = 0; i < 3; i++) {
    clock.advance(10 * minute)
    await settled()
  }
  assert.equal(taken.length, 0)
  const tries = (await rows()).map((row) => row.tries)
  assert.ok(
    tries.every((count) => count >= 1) && tries.some((count) => count >= 2),
    JSON.stringify(tries),
  )
  await stop()
  await start()
  await openServer()
  clock.advance(hour)
  await settled()
  assert.deepEqual(told(), ['admin@example.org', 'anna@example.org'])
  assert.equal(new Set(taken.map(({ messageId }) => messageId)).size, 2)
})

test('what is no longer true when the mail server is back is not told', async () => {
  await closeServer()
  await decided('quarantine', 'notEnrolled')
  await settled()
  await decided('allow', 'compliant')
  await settled()
  await openServer()
  clock.advance(2 * hour)
  await settled()
  assert.deepEqual(taken, [])
  assert.deepEqual(
    (await rows()).map(({ state }) => state),
    ['void', 'void'],
  )
  // Nobody was told of it, so it is told when it comes back, whatever the time.
  await decided('quarantine', 'notEnrolled')
  await settled()
  assert.deepEqual(told(), ['admin@example.org', 'anna@example.org'])
})

test('a crash after the server took the mail: sent again under the same Message-ID, and then no more', async () => {
  let crash = () => {}
  const crashed = new Promise<void>((resolve) => {
    crash = resolve
  })
  let resume = () => {}
  const never = new Promise<void>((resolve) => {
    resume = resolve
  })
  onTheWay = async (_mail, send) => {
    const outcome = await send()
    crash()
    await never
    return outcome
  }
  await decided('quarantine', 'notEnrolled')
  await crashed
  // What a killed process leaves behind: the database as it is now, opened by the next one.
  const copy = join(folder, 'after.sqlite')
  const { DatabaseSync } = await import('node:sqlite')
  const left = new DatabaseSync(join(folder, 'db.sqlite'))
  left.exec(`vacuum into '${copy}'`)
  left.close()
  onTheWay = (_mail, send) => send()
  resume()
  await stop()
  arrived.splice(1)
  const { rename } = await import('node:fs/promises')
  for (const end of ['-wal', '-shm']) await rm(join(folder, `db.sqlite${end}`), { force: true })
  await rename(copy, join(folder, 'db.sqlite'))
  await start()
  clock.advance(4 * minute)
  await settled()
  clock.advance(day)
  await settled()
  assert.deepEqual(told().length, 3)
  const [first, ...again] = taken
  assert.equal(again.filter(({ messageId }) => messageId === first?.messageId).length, 1)
})

test('an address that refuses for good is left alone, the others are told', async () => {
  onTheWay = async (mail, send) => (mail.to === 'anna@example.org' ? 'refused' : send())
  await decided('quarantine', 'notEnrolled')
  await settled()
  clock.advance(day)
  await settled()
  assert.deepEqual(told(), ['admin@example.org'])
})

test('one that can never be sent is given up after days, and holds no other up', async () => {
  onTheWay = async (mail, send) => {
    if (mail.to === 'anna@example.org') throw new Error('always')
    return send()
  }
  await decided('quarantine', 'notEnrolled')
  await settled()
  clock.advance(2 * minute)
  await settled()
  assert.deepEqual(told(), ['admin@example.org'])
  for (let i = 0; i < 130; i++) {
    clock.advance(hour)
    await settled()
  }
  assert.deepEqual((await rows()).map(({ state }) => state).sort(), ['given up', 'sent'])
})

test('the notice on the phone has the words and the link of the mail, whichever is first', async () => {
  const notice = await notices.quarantineNotice(phone)
  await decided('quarantine', 'notEnrolled')
  await settled()
  const mine = taken.find(({ to }) => to === 'anna@example.org')
  assert.equal(mine?.subject, notice.subject)
  assert.equal(mine?.text.replaceAll('\r\n', '\n').trim(), notice.text.trim())
  const many = await Promise.all(Array.from({ length: 5 }, () => notices.quarantineNotice(phone)))
  assert.ok(many.every(({ text }) => text === notice.text))
  clock.advance(hour)
  assert.deepEqual(await notices.quarantineNotice(phone), notice)
})

test('the link is renewed before it ends, and is another one for another cause', async () => {
  const linkOf = async () => /link=\S+/.exec((await notices.quarantineNotice(phone)).text)?.[0]
  const [one, two] = await Promise.all([linkOf(), linkOf()])
  assert.equal(one, two)
  clock.advance(16 * day)
  const renewed = await linkOf()
  assert.notEqual(renewed, one)
  client(phone, 'notCompliant')
  assert.notEqual(await linkOf(), renewed)
  client(phone, 'notEnrolled')
  assert.equal(await linkOf(), renewed)
})

test('a client that is gone has no notice, and leaves nothing behind', async () => {
  await decided('quarantine', 'notEnrolled')
  await settled()
  clients.delete(phone)
  await store.transact((tx) =>
    store.journal.append(tx, 'partnership.removed', { partnership: phone, user: 'usr_1' }),
  )
  await settled()
  assert.deepEqual(await rows(), [])
  await assert.rejects(notices.quarantineNotice(phone), { code: 'not.found' })
})
