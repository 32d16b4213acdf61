import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Actions, createActions } from './actions/actions.ts'
import { createPush } from './actions/push.ts'
import { type Clock, day, hour, systemClock } from './base/clock.ts'
import { Failure } from './base/failures.ts'
import { limits } from './base/limits.ts'
import { createLog, type Log } from './base/log.ts'
import { newToken, Secret } from './base/secret.ts'
import { type LocalAccess, localAccessFile } from './cli/connection.ts'
import type { Config } from './config.ts'
import { createEnrollment, type Enrollment } from './enrollment/enrollment.ts'
import { createFileKeyStore, createSealedKeyStore, type KeyStore } from './enrollment/key-store.ts'
import { createGateway, type Gateway } from './gateway/gateway.ts'
import { createHttpUpstream } from './gateway/http-upstream.ts'
import { createGraph, type Graph } from './graph/graph.ts'
import { createIdentity, type Identity } from './identity/identity.ts'
import { buildJudging, type Judging, type JudgingGround } from './judging.ts'
import { createMailbox, type Mailbox } from './mailbox/mailbox.ts'
import { startSmtp } from './mailbox/smtp.ts'
import { migrations } from './migrations.ts'
import { createMailer, writeMessage } from './notices/mail.ts'
import { createNotices, layOutLetter, type Notices } from './notices/notices.ts'
import { tame } from './notices/layout.ts'
import { sayFinding, sayReason } from './notices/words.ts'
import { createRollouts, type Rollouts } from './rollout/rollout.ts'
import { createSignals, type Signals } from './signals/signals.ts'
import { openStore } from './store/store.ts'

/** A running Postern. */
export interface Postern {
  /** `https://host:port`, as it listens. */
  readonly url: string
  /** Lines for the person who started it: addresses, and the one-time administrator's link while there is none. */
  readonly welcome: readonly string[]
  /** What the CLI of this machine uses; also in the data folder. */
  readonly local: LocalAccess
  /** SMTP address of the built-in mailboxes, where they are in use. */
  readonly smtp: string | undefined
  stop(): Promise<void>
}

/** What tests may put in place of the world's. */
export interface World {
  readonly clock?: Clock
  readonly log?: Log
  /** Steps of deciding, to plant a fault in one. */
  readonly table?: JudgingGround['table']
}

/** Rooms that meet devices and people. */
interface Meeting {
  readonly identity: Identity
  readonly enrollment: Enrollment
  readonly mailbox: Mailbox
  readonly notices: Notices
  readonly actions: Actions
  readonly rollouts: Rollouts
  readonly signals: Signals
}

/** Where users reach Postern; known once the listener is open, and read later than that. */
interface Place {
  url: string
}

interface Ground extends JudgingGround {
  readonly config: Config
  readonly keyStore: KeyStore
}

/** Builds every room bottom-up and serves. Throws before it listens when anything is wrong. */
export async function startPostern(config: Config, world: World = {}): Promise<Postern> {
  const clock = world.clock ?? systemClock
  const log = world.log ?? createLog({ level: config.log })
  await makeFolder(config.data)
  const store = await openStore({
    url: config.store ?? join(config.data, 'postern.sqlite'),
    migrations,
    clock,
    log,
  })
  const { table } = world
  const { keys } = config.secrets
  const keyStore = keys
    ? createSealedKeyStore(store, keys)
    : createFileKeyStore(join(config.data, 'keys'))
  const ground: Ground = {
    config,
    clock,
    log,
    store,
    keyStore,
    started: [store],
    ...(table && { table }),
  }
  try {
    return await build(ground)
  } catch (thrown) {
    await stopAll(ground)
    throw thrown
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new Failure('config.invalid', `data: cannot make the folder ${path}`, { cause })
  }
}

async function stopAll({ started }: Ground): Promise<void> {
  for (const part of started.reverse()) await part.stop()
}

async function build(ground: Ground): Promise<Postern> {
  const { config, log } = ground
  const judging = await buildJudging(ground)
  // The address is known once the listener is open; the links in notices are made later than that.
  const place: Place = { url: config.publicUrl ?? '' }
  const meeting = await buildMeeting(ground, judging, place)
  const localToken = newToken()
  const graph = await buildGraph(ground, judging, meeting, localToken)
  ground.started.push(graph)
  const gateway = buildGateway(ground, judging, meeting, graph, place)
  ground.started.push(gateway, { stop: async () => graph.hush() })
  const { url } = await listen(ground, gateway, meeting.enrollment)
  place.url ||= url
  const smtp = await receiveMail(ground, judging, meeting)
  const local = { url, token: localToken, authority: meeting.enrollment.authorityPem }
  await writeLocalAccess(config.data, local)
  const welcome = await greet(ground, judging, meeting, place.url, smtp)
  log.info('postern.ready', { url, engine: ground.store.profile.engine })
  return { url, welcome, local, smtp, stop: () => stopAll(ground) }
}

async function buildMeeting(ground: Ground, judging: Judging, place: Place): Promise<Meeting> {
  const { store, keyStore, clock, log, started } = ground
  const { history, directory, devices, access } = judging
  const identity = await createIdentity({ store, directory, clock, log })
  started.push(identity)
  const enrollment = await createEnrollment({ store, devices, keyStore, clock })
  const mailbox = await createMailbox({ store, clock, log, directory })
  started.push(mailbox)
  const notices = await buildNotices(ground, judging, { identity, mailbox, place })
  started.push(notices)
  const actions = await buildActions(ground, judging, { notices, place })
  started.push(actions)
  const { post } = notices
  const rollouts = await createRollouts({ store, directory, access, history, clock, log, post })
  started.push(rollouts)
  const signals = await buildSignals(ground, judging, place)
  started.push(signals)
  return { identity, enrollment, mailbox, notices, actions, rollouts, signals }
}

/** Security events to the receiver of the configuration, if there is one. */
function buildSignals(
  { config, keyStore, store, clock, log }: Ground,
  { devices, directory }: Judging,
  place: Place,
): Promise<Signals> {
  const { signals, secrets } = config
  return createSignals({
    store,
    clock,
    log,
    devices,
    directory,
    keys: keyStore,
    receiver: signals && { ...signals, token: secrets.signals },
    issuer: () => place.url,
    explain(finding) {
      const { title, measured, required } = sayFinding(finding)
      return `${title}: ${measured}, required: ${required}`
    },
  })
}

/** Actions for noncompliance; their mails leave with the notices. */
function buildActions(
  { config, store, clock, log }: Ground,
  { history, directory, devices, compliance }: Judging,
  { notices, place }: { notices: Notices; place: Place },
): Promise<Actions> {
  const { push, secrets } = config
  return createActions({
    store,
    history,
    clock,
    log,
    directory,
    devices,
    compliance,
    wording: { explain: (finding) => sayFinding(finding), tame },
    post: notices.post,
    recall: notices.recall,
    layOut: layOutLetter,
    portalUrl: () => `${place.url}/portal/`,
    push: push && createPush({ ...push, token: secrets.push, clock }),
  })
}

/** Notices with what they ask of the other rooms; their mail leaves by SMTP, or goes into built-in mailboxes. */
function buildNotices(
  { config, store, clock, log }: Ground,
  { directory, devices, access, compliance }: Judging,
  { identity, mailbox, place }: { identity: Identity; mailbox: Mailbox; place: Place },
): Promise<Notices> {
  const { smtp, secrets, upstream } = config
  const mailer = smtp && createMailer({ smtpUrl: smtp.url, credentials: secrets.smtp })
  const organization = async () => (await access.policies()).organization
  return createNotices({
    store,
    clock,
    log,
    from: smtp?.from ?? 'postern@localhost',
    async describe(id) {
      const partnership = await devices.find(id)
      const decision = await access.decision(id)
      if (!partnership || !decision) return undefined
      const user = await directory.user(partnership.user)
      if (!user) return undefined
      const device = partnership.device && (await devices.find(partnership.device))
      const verdict = device && (await compliance.verdict(device.id))
      return { user, partnership, device, decision, findings: verdict?.findings ?? [] }
    },
    async portalLink(id) {
      const token = await identity.issueLink('portal', id, limits.portalLinkMs.value)
      return `${place.url}/portal/?link=${token}`
    },
    async deliver(mail) {
      if (mailer) return mailer.deliver(mail)
      const user = upstream ? undefined : await directory.find(mail.to)
      if (!user) return 'refused'
      await mailbox.deliver(user.id, await writeMessage(mail))
      return 'sent'
    },
    administrators: async () => (await organization()).adminMailRecipients,
    insert: async () => (await organization()).userMailInsert,
  })
}

function buildGraph(
  { config, store, clock, log }: Ground,
  judging: Judging,
  { identity, enrollment, mailbox, actions, rollouts, signals }: Meeting,
  localToken: string,
): Promise<Graph> {
  return createGraph(
    { ...judging, identity, enrollment, actions, rollouts, signals, journal: store.journal },
    {
      explain: sayFinding,
      sayReason,
      deliver: config.upstream ? undefined : mailbox.deliver,
      pages: join(import.meta.dirname, '..', 'dist', 'web'),
      localToken: new Secret(localToken),
    },
    { clock, log },
  )
}

function buildGateway(
  { config, store, clock, log }: Ground,
  judging: Judging,
  meeting: Meeting,
  graph: Graph,
  place: Place,
): Gateway {
  const { upstream, secrets } = config
  return createGateway({
    store,
    rooms: { ...judging, ...meeting },
    mailServer: upstream && {
      upstream: createHttpUpstream({
        url: upstream.eas,
        keepAlive: upstream.keepAlive,
        secret: secrets.upstream,
      }),
      newest: upstream.maxVersion,
      imap:
        upstream.imap === undefined ? undefined : { url: upstream.imap, secret: secrets.upstream },
    },
    settings: {
      publicUrl: () => place.url,
      behindProxy: config.plainHttp,
      demand: config.provisionDemand,
    },
    base: { clock, log },
    web: graph.handle,
  })
}

/** Opens the doors at `listen`, with the TLS certificate of the configuration or one of our own CA, renewed in time. */
async function listen(ground: Ground, gateway: Gateway, enrollment: Enrollment) {
  const { config, clock, log, started } = ground
  const [host, port] = splitAddress(config.listen)
  if (config.plainHttp) return gateway.listen({ host, port })
  if (config.tls) {
    const [keyPem, certificatePem] = await Promise.all([
      readFile(config.tls.key, 'utf8'),
      readFile(config.tls.certificate, 'utf8'),
    ])
    return gateway.listen({ host, port, tls: { keyPem, certificatePem } })
  }
  const names = [
    ...new Set([...config.names, ...(host.includes('0.0.0.0') || host === '::' ? [] : [host])]),
  ]
  const listening = await gateway.listen({
    host,
    port,
    tls: await enrollment.serverIdentity(names),
  })
  let cancel = () => {}
  const renewLater = () => {
    cancel = clock.after(day, () => {
      enrollment.serverIdentity(names).then(
        (tls) => listening.renew(tls),
        (thrown: unknown) => log.error('tls.renew', thrown),
      )
      renewLater()
    })
  }
  renewLater()
  started.push({ stop: async () => cancel() })
  return listening
}

/** `host:port` or `[::1]:port`; the configuration has checked its shape. */
function splitAddress(address: string): [host: string, port: number] {
  const cut = address.lastIndexOf(':')
  return [address.slice(0, cut).replace(/^\[|\]$/g, ''), Number(address.slice(cut + 1))]
}

/** The SMTP listener of the built-in mailboxes; none where an upstream serves mail. */
async function receiveMail(
  { config, clock, log, started }: Ground,
  { directory }: Judging,
  { mailbox }: Meeting,
): Promise<string | undefined> {
  if (config.upstream) return undefined
  const open = (listen: string) =>
    startSmtp({ listen, deliver: mailbox.deliver, resolveUser: directory.find, log, clock })
  // The default port may be taken by another Postern of this machine; a port that was asked for must be had.
  const listener = config.mailListen
    ? await open(config.mailListen)
    : await open('127.0.0.1:2525').catch(() => open('127.0.0.1:0'))
  started.push(listener)
  return `smtp://${listener.host}:${listener.port}`
}

/** Whoever can read this file owns the data folder, and so the site. Written whole or not at all. */
async function writeLocalAccess(data: string, local: LocalAccess): Promise<void> {
  const file = join(data, localAccessFile)
  await writeFile(`${file}.new`, JSON.stringify(local), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

async function greet(
  ground: Ground,
  { directory, access }: Judging,
  { identity }: Meeting,
  url: string,
  smtp: string | undefined,
): Promise<readonly string[]> {
  const lines = [
    '',
    `Postern serves ${url}`,
    `  phones    Exchange account, server ${new URL(url).host}`,
    `  portal    ${url}/portal/`,
    `  console   ${url}/console/`,
    ...(smtp ? [`  mail in   ${smtp} (built-in mailboxes, this machine only)`] : []),
    `  data      ${ground.config.data}`,
  ]
  const { enforcement } = await access.policies()
  if (enforcement.state === 'observing')
    lines.push(
      'It observes: every device is judged and shown, and all mail passes, until `postern enforce`.',
    )
  const { users } = await directory.everybody()
  if (!users.some((user) => user.role === 'administrator' && user.enabled)) {
    const token = await identity.issueLink('admin', 'first', firstLinkLifeMs)
    lines.push(
      '',
      'Open this once to become its administrator (valid for a day):',
      `  ${url}/console/#first=${token}`,
    )
  }
  return [...lines, '']
}

const firstLinkLifeMs = 24 * hour
