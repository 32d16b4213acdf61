import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import nodemailer from 'nodemailer'
import { Client } from 'pg'
import { SMTPServer } from 'smtp-server'
import { daemon, freePorts, idsOf, listening } from './daemon.ts'
import { startPostgres } from './postgres.ts'

const run = promisify(execFile)

/** Users of the mail server; the password of each is `secret-<name>`. */
export const users = ['alice', 'bob', 'carol'] as const

/** A real SOGo with ActiveSync over a real Dovecot, from Debian's packages, thrown away at its stop. */
export interface RealSogo {
  /** EAS address. */
  readonly eas: string
  readonly imap: string
  /** SMTP that delivers into Dovecot. */
  readonly smtp: string
  /** Makes an empty database on the PostgreSQL that SOGo uses, and returns its URL. */
  createDatabase(): Promise<string>
  /** Delivers a message into a user's mailbox. */
  deliver(user: string, subject: string): Promise<void>
  /** EAS requests that SOGo has logged so far: the oracle that a refused request never reached it. */
  requests(): Promise<readonly string[]>
  /** Connections to sogod at this moment. Each one that is served holds a worker. */
  connections(): Promise<number>
  /** Kills sogod at once; `resume` starts it again on the same port. */
  halt(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

export interface SogoOptions {
  readonly workers?: number
  /** A password that it takes for every user from this machine, besides the user's own. */
  readonly trustSecret?: string
}

/** Brings it up below the temporary folder; daemons run under their own unix users. Needs root. */
export async function startSogo(options: SogoOptions = {}): Promise<RealSogo> {
  const { workers = 4, trustSecret } = options
  for (const [program, name] of [
    ['/usr/sbin/sogod', 'sogo sogo-activesync'],
    ['/usr/sbin/dovecot', 'dovecot-imapd dovecot-lmtpd'],
    ['/usr/bin/memcached', 'memcached'],
  ] as const)
    if (!existsSync(program))
      throw new Error(`${program} is missing: install the Debian packages ${name}`)
  const folder = await mkdtemp(join(tmpdir(), 'postern-sogo-'))
  await chmod(folder, 0o755)
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const postgres = await startPostgres()
    undo.push(() => postgres.stop())
    const database = await postgres.createDatabase()
    await addUsers(database)
    const [imapPort, lmtpPort, memcachedPort, sogoPort] = await freePorts(4)
    undo.push(await startDovecot(folder, { imapPort, lmtpPort, trustSecret }))
    undo.push(await startMemcached(memcachedPort))
    const bridge = await startBridge(lmtpPort)
    undo.push(bridge.stop)
    const sogod = sogoServer({
      folder,
      database,
      workers,
      port: sogoPort,
      imapPort,
      memcachedPort,
      smtpPort: bridge.port,
      isTrusting: trustSecret !== undefined,
    })
    undo.push(() => sogod.halt())
    await sogod.start()
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: bridge.port,
      ignoreTLS: true,
    })
    return {
      eas: sogod.eas,
      imap: `imap://127.0.0.1:${imapPort}`,
      smtp: `smtp://127.0.0.1:${bridge.port}`,
      createDatabase: postgres.createDatabase,
      async deliver(user, subject) {
        const to = `${user}@corp.test`
        await transport.sendMail({
          from: 'bob@corp.test',
          to,
          subject,
          text: `Text of ${subject}.`,
        })
      },
      requests: sogod.requests,
      connections: () => connectionsTo(sogoPort),
      halt: sogod.halt,
      resume: sogod.start,
      stop: () => stopAll(undo),
    }
  } catch (thrown) {
    await stopAll(undo)
    throw thrown
  }
}

async function stopAll(undo: (() => Promise<void>)[]): Promise<void> {
  for (const step of undo.reverse()) await step()
}

async function addUsers(database: string): Promise<void> {
  const client = new Client({ connectionString: database })
  await client.connect()
  await client.query(`create table sogo_users (
    c_uid text primary key, c_name text, c_password text, c_cn text, mail text)`)
  for (const user of users)
    await client.query('insert into sogo_users values ($1, $1, $2, $3, $4)', [
      user,
      `secret-${user}`,
      `${user} Tester`,
      `${user}@corp.test`,
    ])
  await client.end()
}

/** As the kernel counts them: established, with this remote port on 127.0.0.1. */
async function connectionsTo(port: number): Promise<number> {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n')
  return lines.filter((line) => line.includes(` ${remote} 01 `)).length
}

interface DovecotOptions {
  readonly imapPort: number
  readonly lmtpPort: number
  readonly trustSecret: string | undefined
}

async function startDovecot(folder: string, options: DovecotOptions) {
  const { imapPort } = options
  const home = join(folder, 'mail')
  const mail = await idsOf('mail')
  await mkdir(home)
  await chown(home, mail.uid, mail.gid)
  for (const name of ['run', 'state'])
    await mkdir(join(folder, 'dovecot', name), { recursive: true })
  const passwords = users.map((user) => `${user}:{PLAIN}secret-${user}:::::\n`).join('')
  await writeFile(join(folder, 'dovecot', 'users'), passwords)
  const file = join(folder, 'dovecot', 'dovecot.conf')
  await writeFile(file, dovecotSettings(folder, mail, options))
  const log = join(folder, 'dovecot.out')
  const stop = await daemon('/usr/sbin/dovecot', ['-F', '-c', file], { log })
  await listening(imapPort, 'Dovecot', log)
  // A mailbox that nobody opened with CONDSTORE has no mod-sequences, and SOGo then answers Sync with nothing at all.
  for (const user of users)
    for (const mailbox of ['INBOX', 'Drafts', 'Sent', 'Trash', 'Junk'])
      await run('curl', [
        '-sf',
        '-o',
        '/dev/null',
        '-u',
        `${user}:secret-${user}`,
        `imap://127.0.0.1:${imapPort}/`,
        '-X',
        `SELECT ${mailbox} (CONDSTORE)`,
      ])
  return async () => {
    await run('dovecot', ['-c', file, 'stop']).catch(() => {}) // then by force
    await stop()
  }
}

function dovecotSettings(
  folder: string,
  mail: { uid: number; gid: number },
  { imapPort, lmtpPort, trustSecret }: DovecotOptions,
): string {
  const trusted =
    trustSecret === undefined
      ? ''
      : `passdb {
  driver = static
  args = password=${trustSecret} allow_nets=127.0.0.1/32
}
`
  const special = ['Drafts', 'Sent', 'Trash', 'Junk']
    .map((name) => `  mailbox ${name} {\n    auto = subscribe\n    special_use = \\${name}\n  }\n`)
    .join('')
  return `base_dir = ${folder}/dovecot/run
state_dir = ${folder}/dovecot/state
log_path = ${folder}/dovecot.log
instance_name = postern-test
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
mail_location = maildir:${folder}/mail/%n
mail_uid = ${mail.uid}
mail_gid = ${mail.gid}
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${folder}/dovecot/users
}
${trusted}userdb {
  driver = static
  args = uid=${mail.uid} gid=${mail.gid} home=${folder}/mail/%n
}
namespace inbox {
  inbox = yes
  separator = /
${special}}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
  unix_listener lmtp {
    mode = 0600
  }
}
service stats {
  client_limit = 100
}
`
}

async function startMemcached(port: number) {
  const log = join(tmpdir(), `postern-memcached-${port}.log`)
  const stop = await daemon(
    '/usr/bin/memcached',
    ['-l', '127.0.0.1', '-p', `${port}`, '-U', '0', '-m', '32'],
    {
      user: 'nobody',
      log,
    },
  )
  await listening(port, 'memcached', log)
  return async () => {
    await stop()
    await rm(log, { force: true })
  }
}

/** SMTP that hands everything on to Dovecot's LMTP, so that what SOGo sends really arrives. */
async function startBridge(lmtpPort: number) {
  const lmtp = nodemailer.createTransport({
    host: '127.0.0.1',
    port: lmtpPort,
    lmtp: true,
    ignoreTLS: true,
  })
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const from = session.envelope.mailFrom
      const envelope = {
        from: from ? from.address : '',
        to: session.envelope.rcptTo.map((recipient) => recipient.address),
      }
      const handOver = async () => {
        let fault: Error | undefined
        try {
          await lmtp.sendMail({ envelope, raw: stream })
        } catch (thrown) {
          fault = thrown instanceof Error ? thrown : new Error(String(thrown))
        }
        done(fault)
      }
      void handOver()
    },
  })
  server.on('error', () => {}) // a client that hangs up is none of our business
  const port = await new Promise<number>((resolve, reject) => {
    const net = server.listen(0, '127.0.0.1', () => {
      const address = net.address()
      if (address && typeof address === 'object') resolve(address.port)
      else reject(new Error('no port'))
    })
  })
  return { port, stop: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

function sogoServer(given: {
  folder: string
  database: string
  workers: number
  port: number
  imapPort: number
  memcachedPort: number
  smtpPort: number
  isTrusting: boolean
}) {
  const { folder, port } = given
  const log = join(folder, 'sogo.log')
  const out = join(folder, 'sogod.out')
  const eas = `http://127.0.0.1:${port}/SOGo/Microsoft-Server-ActiveSync`
  let stop = async () => {}
  return {
    eas,
    async start() {
      const { uid, gid } = await idsOf('sogo')
      for (const name of ['spool', 'tmp']) {
        await mkdir(join(folder, 'sogo', name), { recursive: true })
        await chown(join(folder, 'sogo', name), uid, gid)
      }
      await writeFile(log, '', { flag: 'a' })
      await chown(log, uid, gid)
      await chown(join(folder, 'sogo'), uid, gid)
      const environment = { TMPDIR: join(folder, 'sogo', 'tmp') }
      stop = await daemon('/usr/sbin/sogod', sogoArguments({ ...given, log }), {
        user: 'sogo',
        log: out,
        environment,
      })
      await listening(port, 'sogod', out)
      for (let tries = 0; ; tries++) {
        const credentials = Buffer.from('alice:secret-alice').toString('base64')
        const answer = await fetch(eas, {
          method: 'OPTIONS',
          headers: { authorization: `Basic ${credentials}` },
        }).catch(() => undefined)
        if (answer?.status === 200) return
        if (tries > 100)
          throw new Error(`sogod answers ${answer?.status}: ${await readFile(log, 'utf8')}`)
        await pause(100)
      }
    },
    halt: () => stop(),
    async requests() {
      const text = await readFile(log, 'utf8')
      return text.split('\n').filter((line) => line.includes('Microsoft-Server-ActiveSync'))
    },
  }
}

function sogoArguments(given: {
  folder: string
  database: string
  workers: number
  port: number
  imapPort: number
  memcachedPort: number
  smtpPort: number
  isTrusting: boolean
  log: string
}): string[] {
  const { folder, database, workers, port, imapPort, memcachedPort, smtpPort, log } = given
  const url = database.replace('postgres://', 'postgresql://')
  const source = `({type=sql;id=directory;viewURL="${url}/sogo_users";canAuthenticate=YES;isAddressBook=YES;displayName=GAL;userPasswordAlgorithm=plain;MailFieldNames=(mail);})`
  const settings: Record<string, string | number> = {
    WOPort: `127.0.0.1:${port}`,
    WOWorkersCount: workers,
    WONoDetach: 'YES',
    WOPidFile: `${folder}/sogo/sogo.pid`,
    WOLogFile: log,
    SOGoProfileURL: `${url}/sogo_user_profile`,
    OCSFolderInfoURL: `${url}/sogo_folder_info`,
    OCSSessionsFolderURL: `${url}/sogo_sessions_folder`,
    OCSEMailAlarmsFolderURL: `${url}/sogo_alarms_folder`,
    OCSStoreURL: `${url}/sogo_store`,
    OCSAclURL: `${url}/sogo_acl`,
    OCSCacheFolderURL: `${url}/sogo_cache_folder`,
    OCSAdminURL: `${url}/sogo_admin`,
    SOGoUserSources: source,
    SOGoIMAPServer: `imap://127.0.0.1:${imapPort}`,
    SOGoMailDomain: 'corp.test',
    SOGoSMTPServer: `smtp://127.0.0.1:${smtpPort}`,
    SOGoMailingMechanism: 'smtp',
    SOGoMailSpoolPath: `${folder}/sogo/spool`,
    SOGoSentFolderName: 'Sent',
    SOGoTrashFolderName: 'Trash',
    SOGoDraftsFolderName: 'Drafts',
    SOGoJunkFolderName: 'Junk',
    SOGoMemcachedHost: `127.0.0.1:${memcachedPort}`,
    SOGoTimeZone: 'UTC',
    SOGoLanguage: 'English',
    SOGoMaximumPingInterval: 30,
    SOGoMaximumSyncInterval: 30,
    SOGoInternalSyncInterval: 3,
    SOGoEASSearchInBody: 'YES',
    SOGoEASDebugEnabled: 'YES',
    SxVMemLimit: 512,
    SOGoTrustProxyAuthentication: given.isTrusting ? 'YES' : 'NO',
  }
  return Object.entries(settings).flatMap(([name, value]) => [`-${name}`, String(value)])
}
