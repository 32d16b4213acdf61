import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Devices, PartnershipId } from '../devices/devices.ts'
import type { EasAnswer, HeldAnswer, Mailbox } from '../mailbox/mailbox.ts'
import { answerTags } from '../wire/eas/commands.ts'
import { planSyncWait, readSync, writeSync } from '../wire/eas/sync.ts'
import { readWbxml } from '../wire/wbxml/wbxml.ts'
import { announcedBytes, plainBody } from './body.ts'
import { type EasCall, isMessage } from './call.ts'
import type { Clients } from './clients.ts'
import type { HeldPings } from './held-ping.ts'
import { inboxOf, informationOf, inspect, type Seen, tellsSuccess } from './inspect.ts'
import type { Provisioning } from './provisioning.ts'
import type { ClientState } from './records.ts'
import { goodbye, wbxmlHeaders } from './refusals.ts'
import { type RelayOptions, relay } from './relay.ts'
import { resetAnswer } from './reset-keys.ts'
import type { SentMail } from './sent-mail.ts'
import type { Upstream } from './upstream.ts'

type Mode = 'observing' | 'enforcing'

/** At once where nothing has to be waited for: a promise for each step would cost a request as much as what it decides. */
export type Served = Outcome | undefined | Promise<Outcome | undefined>

/** An answer, or one that is held. */
export type Outcome = EasAnswer | HeldAnswer

/** Mail from the upstream. */
export interface Piped {
  /**
   * `observing`: everything passes, nothing is asked of the client. `enforcing`: Ping is held here. In both, keys of our
   * own mailboxes are answered here. `undefined`: the answer has gone out.
   */
  serve(call: EasCall, mode: Mode): Served
  /** This client now sees the quarantine mailbox, so its folders are not the upstream's. */
  quarantined(partnership: PartnershipId): void
}

interface Parts {
  readonly upstream: Upstream
  readonly pings: HeldPings
  readonly clients: Clients
  readonly sentMail: SentMail
  readonly provisioning: Provisioning
  readonly devices: Pick<Devices, 'seen'>
  readonly mailbox: Pick<Mailbox, 'keyOf'>
  readonly clock: Clock
  readonly log: Log
}

/** Requests that change mail: an answer that got lost must not make them happen twice. */
const changing: readonly string[] = [
  'FolderCreate',
  'FolderDelete',
  'FolderUpdate',
  'MeetingResponse',
  'MoveItems',
]

const waitBounds = {
  minHeartbeatSeconds: limits.pingMinSeconds.value,
  maxHeartbeatSeconds: limits.pingMaxSeconds.value,
}

/** Pipes admitted requests to the upstream. */
export function createPiped(parts: Parts): Piped {
  return {
    quarantined: (partnership) => parts.pings.hierarchyLost(partnership),
    serve(call, mode) {
      if (mode === 'enforcing' && isMessage(call.request))
        return parts.sentMail.send(call, (taken) => passMail(parts, call, taken))
      if (streams(call, mode)) return pipe(parts, call, mode, undefined)
      const body = call.carried.readBody()
      const looked =
        body instanceof Promise
          ? body.then((whole) => look(call, whole, mode))
          : look(call, body, mode)
      return looked instanceof Promise
        ? looked.then((read) => serveRead(parts, call, mode, read))
        : serveRead(parts, call, mode, looked)
    },
  }
}

/** The body of a request, as it came and unpacked, and what stands in it. */
interface Read {
  readonly body: Uint8Array
  readonly plain: Uint8Array
  readonly seen: Seen
}

function serveRead(parts: Parts, call: EasCall, mode: Mode, read: Read): Served {
  const { plain, seen } = read
  const { command } = call.request
  if (seen.syncKeys.some((key) => parts.mailbox.keyOf(key) !== undefined))
    return resetAnswer(call.request, plain)
  if (seen.deviceInformation && (command === 'Settings' || command === 'Provision'))
    return parts.provisioning
      .note(call.partnership, informationOf(plain))
      .then(() => pipe(parts, call, mode, read))
  if (mode === 'observing' || (command !== 'Ping' && command !== 'Sync'))
    return pipe(parts, call, mode, read)
  const inbox = inboxAt(parts, call)
  return inbox instanceof Promise
    ? inbox.then((known) => serveWatched(parts, call, read, known))
    : serveWatched(parts, call, read, inbox)
}

/** Ping and Sync, by which we know what a client waits for. */
function serveWatched(parts: Parts, call: EasCall, read: Read, inbox: string): Served {
  const { plain, seen } = read
  if (call.request.command === 'Ping') return hold(parts, call, plain, inbox)
  const refused = seen.waits ? judgeWait(call, plain) : undefined
  if (refused) return refused
  parts.pings.syncing(call.partnership.id, seen.collections, inbox)
  return pipe(parts, call, 'enforcing', read)
}

/** Not read here: messages, and while observing also what is too large to be looked at. */
function streams({ carried, request }: EasCall, mode: Mode): boolean {
  if (isMessage(request)) return true
  return mode === 'observing' && (announcedBytes(carried) ?? 0) > limits.wbxmlBytes.value
}

/**
 * While enforcing, what cannot be read does not pass, nor does one command's body under another's name: either could hide
 * a key from us that the upstream finds. While observing it is the upstream's to judge.
 */
function look(call: EasCall, body: Uint8Array, mode: Mode): Read | Promise<Read> {
  const plain = plainBody(call.carried, body)
  if (!(plain instanceof Promise)) return lookAt(call, body, plain, mode)
  return plain.then(
    (unpacked) => lookAt(call, body, unpacked, mode),
    (thrown: unknown) => unreadable(body, mode, thrown),
  )
}

function lookAt({ request }: EasCall, body: Uint8Array, plain: Uint8Array, mode: Mode): Read {
  try {
    const seen = inspect(plain)
    const root = answerTags(request.command)?.root
    if (mode === 'enforcing' && seen.root !== undefined && seen.root !== root)
      throw new Failure('request.malformed', 'the body is of another command')
    return { body, plain, seen }
  } catch (thrown) {
    return unreadable(body, mode, thrown)
  }
}

function unreadable(body: Uint8Array, mode: Mode, thrown: unknown): Read {
  const theirs = thrown instanceof Failure && thrown.code !== 'internal'
  if (mode === 'enforcing' || !theirs) throw thrown
  return { body, plain: body, seen: inspect(new Uint8Array(0)) }
}

function judgeWait({ request }: EasCall, body: Uint8Array): EasAnswer | undefined {
  const plan = planSyncWait(readSync(readWbxml(body)), waitBounds)
  if (!('answer' in plan)) return undefined
  return { status: 200, headers: wbxmlHeaders, body: writeSync(plan.answer, request.version) }
}

function inboxAt({ clients, pings }: Parts, { partnership, caller }: EasCall) {
  const inboxOf = (state: ClientState): string => state.inbox || pings.inboxOf(caller.user.name)
  const remembered = clients.remembered(partnership.id)
  return remembered ? inboxOf(remembered) : clients.state(partnership.id).then(inboxOf)
}

function hold(parts: Parts, call: EasCall, body: Uint8Array, inbox: string) {
  const { caller, request, ending } = call
  const { user, authorization } = caller
  const partnership = call.partnership.id
  call.carried.forgetHead()
  const ping = { partnership, user: user.name, authorization, request, ending, inbox }
  return parts.pings.hold(ping, body)
}

// Success is HTTP 200 without a body (MS-ASCMD 2.2.1.17).
const passMail = (parts: Parts, call: EasCall, taken: () => void) =>
  pipe(parts, call, 'enforcing', undefined, (status, start) => {
    if (status === 200 && start === undefined) taken()
  })

async function pipe(
  parts: Parts,
  call: EasCall,
  mode: Mode,
  read: Read | undefined,
  glance?: RelayOptions['glance'],
): Promise<EasAnswer | undefined> {
  const { request, ending } = call
  const { id } = call.partnership
  const { body, seen } = read ?? {}
  const options: RelayOptions = {
    body,
    repeatable: body !== undefined && !changing.includes(request.command) && !seen?.changes,
    passPolicyKey: mode === 'observing',
    // An empty Sync means "as last time", the wait included.
    held:
      request.command === 'Ping' ||
      (request.command === 'Sync' && (seen?.waits || body?.length === 0)),
    learn: request.command === 'FolderSync' ? learnInbox(parts, id) : undefined,
    glance: glance ?? (request.command === 'Sync' ? noteSuccess(parts, id) : undefined),
  }
  const relayed = await relay(parts.upstream, call, options)
  if (relayed === 'answered' || ending.why === 'gone' || ending.why === undefined) return undefined
  return goodbye(request, ending.why)
}

const noteSuccess =
  ({ devices, clock }: Parts, partnership: PartnershipId): NonNullable<RelayOptions['glance']> =>
  (status, start) => {
    if (status === 200 && tellsSuccess(start)) devices.seen(partnership, clock.now(), true)
  }

const learnInbox =
  (
    { clients, pings, log }: Parts,
    partnership: PartnershipId,
  ): NonNullable<RelayOptions['learn']> =>
  async (status, body) => {
    if (status !== 200) return
    pings.hierarchySent(partnership)
    try {
      const inbox = body.length > 0 ? inboxOf(body) : undefined
      if (inbox === undefined) return
      await clients.change(partnership, (state) =>
        state.inbox === inbox ? state : { ...state, inbox },
      )
    } catch (thrown) {
      // The answer is the client's all the same; without its Inbox a Ping asks the upstream.
      log.error('gateway.inbox', thrown)
    }
  }
