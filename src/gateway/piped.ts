import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Devices, PartnershipId } from '../devices/devices.ts'
import type { EasAnswer, Mailbox } from '../mailbox/mailbox.ts'
import { answerTags } from '../wire/eas/commands.ts'
import { type PingAnswer, writePing } from '../wire/eas/ping.ts'
import { planSyncWait, readSync, writeSync } from '../wire/eas/sync.ts'
import { readWbxml } from '../wire/wbxml/wbxml.ts'
import { announcedBytes, plainBody } from './body.ts'
import { type EasCall, isMessage } from './call.ts'
import type { Clients } from './clients.ts'
import type { HeldPings } from './held-ping.ts'
import { inboxOf, informationOf, inspect, type Seen, tellsSuccess } from './inspect.ts'
import type { Provisioning } from './provisioning.ts'
import { goodbye, wbxmlHeaders } from './refusals.ts'
import { type RelayOptions, relay } from './relay.ts'
import { resetAnswer } from './reset-keys.ts'
import type { SentMail } from './sent-mail.ts'
import type { Upstream } from './upstream.ts'

/** Mail from the upstream. */
export interface Piped {
  /**
   * `observing`: everything passes, nothing is asked of the client. `enforcing`: Ping is held here. In both, keys of our
   * own mailboxes are answered here. `undefined`: the answer has gone out.
   */
  serve(call: EasCall, mode: 'observing' | 'enforcing'): Promise<EasAnswer | undefined>
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
    async serve(call, mode) {
      if (mode === 'enforcing' && isMessage(call.request))
        return await parts.sentMail.send(call, (taken) => passMail(parts, call, taken))
      if (streams(call, mode)) return await pipe(parts, call, mode, undefined, undefined)
      const body = await call.carried.readBody()
      const { plain, seen } = await look(call, body, mode)
      const { command } = call.request
      if (seen.syncKeys.some((key) => parts.mailbox.keyOf(key) !== undefined))
        return resetAnswer(call.request, plain)
      if (seen.deviceInformation && (command === 'Settings' || command === 'Provision'))
        await parts.provisioning.note(call.partnership, informationOf(plain))
      if (mode === 'enforcing' && command === 'Ping')
        return hold(parts, call, plain, await inboxAt(parts, call))
      if (mode === 'enforcing' && command === 'Sync') {
        const refused = seen.waits ? judgeWait(call, plain) : undefined
        if (refused) return refused
        parts.pings.syncing(call.partnership.id, seen.collections, await inboxAt(parts, call))
      }
      return await pipe(parts, call, mode, body, seen)
    },
  }
}

/** Not read here: messages, and while observing also what is too large to be looked at. */
function streams({ carried, request }: EasCall, mode: 'observing' | 'enforcing'): boolean {
  if (isMessage(request)) return true
  return mode === 'observing' && (announcedBytes(carried) ?? 0) > limits.wbxmlBytes.value
}

/**
 * While enforcing, what cannot be read does not pass, nor does one command's body under another's name: either could hide
 * a key from us that the upstream finds. While observing it is the upstream's to judge.
 */
async function look(
  { carried, request }: EasCall,
  body: Uint8Array,
  mode: 'observing' | 'enforcing',
): Promise<{ plain: Uint8Array; seen: Seen }> {
  try {
    const plain = await plainBody(carried, body)
    const seen = inspect(plain)
    const root = answerTags(request.command)?.root
    if (mode === 'enforcing' && seen.root !== undefined && seen.root !== root)
      throw new Failure('request.malformed', 'the body is of another command')
    return { plain, seen }
  } catch (thrown) {
    const theirs = thrown instanceof Failure && thrown.code !== 'internal'
    if (mode === 'enforcing' || !theirs) throw thrown
    return { plain: body, seen: inspect(new Uint8Array(0)) }
  }
}

function judgeWait({ request }: EasCall, body: Uint8Array): EasAnswer | undefined {
  const plan = planSyncWait(readSync(readWbxml(body)), waitBounds)
  if (!('answer' in plan)) return undefined
  return { status: 200, headers: wbxmlHeaders, body: writeSync(plan.answer, request.version) }
}

async function inboxAt({ clients, pings }: Parts, call: EasCall): Promise<string> {
  const { inbox } = await clients.state(call.partnership.id)
  return inbox || pings.inboxOf(call.caller.user.name)
}

// Not async, and not awaited where it is called: a waiting frame would keep the request's body.
function hold(parts: Parts, call: EasCall, body: Uint8Array, inbox: string): Promise<EasAnswer> {
  const { caller, request, ending } = call
  const { user, authorization } = caller
  const partnership = call.partnership.id
  call.carried.forgetHead()
  const ping = { partnership, user: user.name, authorization, request, ending, inbox }
  return parts.pings.hold(ping, body).then(pingAnswer)
}

const pingAnswer = (answer: PingAnswer): EasAnswer => ({
  status: 200,
  headers: wbxmlHeaders,
  body: writePing(answer),
})

// Success is HTTP 200 without a body (MS-ASCMD 2.2.1.17).
const passMail = (parts: Parts, call: EasCall, taken: () => void) =>
  pipe(parts, call, 'enforcing', undefined, undefined, (status, start) => {
    if (status === 200 && start === undefined) taken()
  })

async function pipe(
  parts: Parts,
  call: EasCall,
  mode: 'observing' | 'enforcing',
  body: Uint8Array | undefined,
  seen: Seen | undefined,
  glance?: RelayOptions['glance'],
): Promise<EasAnswer | undefined> {
  const { request, ending } = call
  const { id } = call.partnership
  const options: RelayOptions = {
    body,
    repeatable: body !== undefined && !changing.includes(request.command) && !seen?.changes,
    passPolicyKey: mode === 'observing',
    // An empty Sync means "as last time", the wait included.
    held:
      request.command === 'Ping' ||
      (request.command === 'Sync' && (seen?.waits || body?.length === 0)),
    ...(request.command === 'FolderSync' && { learn: learnInbox(parts, id) }),
    ...(request.command === 'Sync' && { glance: noteSuccess(parts, id) }),
    ...(glance && { glance }),
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
