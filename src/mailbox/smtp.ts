import type { AddressInfo } from 'node:net'
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import { type Clock, systemClock } from '../base/clock.ts'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { UserId } from '../directory/directory.ts'
import { headerDate } from './header-text.ts'

/** The SMTP listener of the built-in mailboxes. */
export interface SmtpListener {
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

interface Options {
  /** `host:port`; no one but this machine should reach it, since it asks for no password. Port 0 takes a free one. */
  readonly listen: string
  deliver(user: UserId, message: Uint8Array): Promise<void>
  /** The user of a mail address; without one the recipient is refused with 550. */
  resolveUser(address: string): Promise<{ readonly id: UserId } | undefined>
  readonly log: Log
  readonly clock?: Clock
}

/**
 * Takes mail for built-in mailboxes (RFC 5321). A message is accepted only after it is stored for every recipient: until
 * then the sender keeps it, and may send it again.
 */
export async function startSmtp(options: Options): Promise<SmtpListener> {
  const { log } = options
  const { SMTPServer } = await import('smtp-server')
  const settings: SMTPServerOptions = {
    banner: 'Postern',
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    size: limits.easMessageBytes.value,
    maxClients: limits.smtpClients.value,
    closeTimeout: limits.drainMs.value,
    onRcptTo({ address }, session, callback) {
      settle(acceptRecipient(options, address, session), callback)
    },
    onData(stream, session, callback) {
      settle(takeMessage(options, stream, session), callback)
    },
  }
  const server = new SMTPServer(settings)
  const [host, port] = readAddress(options.listen)
  const bound = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject)
    const listener = server.listen(port, host, () => {
      server.off('error', reject)
      // A listening TCP socket has an AddressInfo; only pipes have text.
      resolve(listener.address() as AddressInfo)
    })
  })
  // Broken connections of senders; they try again.
  server.on('error', (thrown) => {
    log.warn('smtp.connection', { detail: thrown.message })
  })
  log.info('smtp.listening', { host: bound.address, port: bound.port })
  return {
    host: bound.address,
    port: bound.port,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

function readAddress(listen: string): [host: string, port: number] {
  const cut = listen.lastIndexOf(':')
  const host = listen.slice(0, cut).replace(/^\[|\]$/g, '')
  const digits = listen.slice(cut + 1)
  const port = Number(digits)
  if (cut < 1 || !/^[0-9]{1,5}$/.test(digits) || port > 65_535) {
    throw new Failure('config.invalid', `mailListen: ${JSON.stringify(listen)} is not host:port`)
  }
  return [host, port]
}

// The library speaks in callbacks: told once, of success or of the refusal.
function settle(work: Promise<void>, done: (refusal?: Error) => void): void {
  void work.then(
    () => setImmediate(done),
    (thrown: unknown) =>
      setImmediate(done, thrown instanceof Error ? thrown : new Error(String(thrown))),
  )
}

class SmtpRefusal extends Error {
  readonly responseCode: number
  constructor(responseCode: number, text: string) {
    super(text)
    this.responseCode = responseCode
  }
}

async function acceptRecipient(
  { resolveUser, log }: Options,
  address: string,
  session: SMTPServerSession,
): Promise<void> {
  if (session.envelope.rcptTo.length >= limits.smtpRecipients.value) {
    throw new SmtpRefusal(452, 'Too many recipients')
  }
  let user: { readonly id: UserId } | undefined
  try {
    user = await resolveUser(address)
  } catch (thrown) {
    throw new SmtpRefusal(451, `Try again later (${log.error('smtp.recipient', thrown)})`)
  }
  if (!user) throw new SmtpRefusal(550, 'No such mailbox here')
}

async function takeMessage(
  { resolveUser, deliver, log, clock = systemClock }: Options,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<void> {
  const chunks: Buffer[] = []
  // A byte stream without encoding gives buffers.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // Past the limit the rest is read and dropped, so that the sender hears the answer.
    if (stream.sizeExceeded) chunks.length = 0
    else chunks.push(chunk)
  }
  if (stream.sizeExceeded) throw new SmtpRefusal(552, 'The message is too large')
  const { mailFrom, rcptTo } = session.envelope
  const from = mailFrom ? mailFrom.address : ''
  const by = `by postern with ${session.transmissionType}; ${headerDate(clock.now())}`
  // RFC 5321 4.4: where it came from. The parts are the library's, already checked by it.
  const trace = `Return-Path: <${from}>\r\nReceived: from [${session.remoteAddress}] ${by}\r\n`
  const message = Buffer.concat([Buffer.from(trace), ...chunks])
  try {
    const users = new Set<UserId>()
    for (const { address } of rcptTo) {
      const user = await resolveUser(address)
      if (user) users.add(user.id)
    }
    for (const user of users) await deliver(user, message)
  } catch (thrown) {
    const tooLarge = asFailure(thrown).code === 'limit.exceeded'
    if (tooLarge) throw new SmtpRefusal(552, 'The message is too large')
    throw new SmtpRefusal(451, `Try again later (${log.error('smtp.delivery', thrown)})`)
  }
}
