import type { Decision } from '../access/decision.ts'
import type { Gate } from '../access/gate.ts'
import { type Clock, type Instant, second } from '../base/clock.ts'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Devices, EasIdentity, PartnershipId } from '../devices/devices.ts'
import type { EasAnswer, Mailbox, MailView } from '../mailbox/mailbox.ts'
import type { Notices } from '../notices/notices.ts'
import { commandOfName } from '../wire/eas/commands.ts'
import { type EasRequest, EasRequestFailure, readEasRequest } from '../wire/eas/request.ts'
import { plainBody } from './body.ts'
import { type EasCall, isMessage } from './call.ts'
import type { Carried } from './carried.ts'
import type { Credentials } from './credentials.ts'
import { Ending, UnderWay } from './ending.ts'
import { informationOf, inspect, tellsSuccess } from './inspect.ts'
import type { Offer } from './offer.ts'
import { type Brief, park, type ParkingDoor } from './parked.ts'
import type { Outcome, Piped, Served } from './piped.ts'
import type { Provisioning } from './provisioning.ts'
import { type ProvisionDemand, type Refusal, refuse, refuseUnread, refuseWild } from './refusals.ts'
import { answerTrial, isTrial } from './trial.ts'

/** The EAS door. */
export interface EasDoor {
  handle(carried: Carried): void
  /** Ends held requests politely. */
  stop(): void
  /** Requests under way, held ones included. */
  readonly count: number
}

export interface EasParts {
  readonly rooms: {
    readonly devices: Pick<Devices, 'partner' | 'seen'>
    readonly gate: Pick<Gate, 'admit' | 'fault'>
    readonly mailbox: Pick<Mailbox, 'own' | 'quarantine'>
    readonly notices: Pick<Notices, 'quarantineNotice'>
  }
  readonly credentials: Credentials
  readonly offer: Offer
  readonly provisioning: Provisioning
  /** `undefined`: no upstream, the built-in mailbox answers. */
  readonly piped: Piped | undefined
  readonly demand: ProvisionDemand
  readonly clock: Clock
  readonly log: Log
}

/**
 * Authenticates, reads, finds the partnership, asks the gate, and does what it says. A throw anywhere refuses; nothing is
 * ever passed on because something failed.
 */
export function createEasDoor(parts: EasParts): EasDoor {
  const { log, offer, credentials } = parts
  const underWay = new UnderWay()
  const parking: ParkingDoor = {
    gate: parts.rooms.gate,
    failed: (thrown, request) => failed(thrown, '', request, log),
  }
  const handle = async (carried: Carried): Promise<void> => {
    let request: EasRequest | undefined
    try {
      const checking = credentials.check(carried)
      const checked = checking instanceof Promise ? await checking : checking
      if ('answer' in checked) return carried.reply(checked.answer)
      if (carried.method === 'OPTIONS') return carried.reply(await offer.answer(checked.caller))
      if (carried.method !== 'POST') return carried.reply({ status: 501 })
      request = readRequest(carried)
      const answer = await serve(
        parts,
        { underWay, parking },
        { carried, request, caller: checked.caller },
      )
      if (answer) carried.reply(answer)
    } catch (thrown) {
      carried.reply(failed(thrown, carried.url, request, log))
    }
  }
  return {
    // `handle` itself never rejects: every path ends in `reply`, and `reply` does not throw.
    handle: (carried) => void handle(carried),
    stop: () => underWay.stop(),
    get count() {
      return underWay.count
    },
  }
}

function readRequest({ url, headers }: Carried): EasRequest {
  const mark = url.indexOf('?')
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  return readEasRequest({
    query: mark < 0 ? '' : url.slice(mark + 1),
    protocolVersion: header('ms-asprotocolversion'),
    policyKey: header('x-ms-policykey'),
    acceptMultiPart: header('ms-asacceptmultipart'),
  })
}

type Asked = Pick<EasCall, 'carried' | 'request' | 'caller'>

/** `undefined`: the answer has gone out in pieces, or goes out when what is held ends. */
async function serve(
  parts: EasParts,
  { underWay, parking }: { underWay: UnderWay; parking: ParkingDoor },
  asked: Asked,
): Promise<EasAnswer | undefined> {
  const { devices, gate } = parts.rooms
  const { carried, request, caller } = asked
  if (isTrial(request))
    return await answerTrial(request, await carried.readBody(), parts.provisioning)
  const partnership = await devices.partner(caller.user.id, identityOf(asked)).catch(orTooMany)
  if (!partnership) return refuse('tooManyDevices', request)
  devices.seen(partnership.id, parts.clock.now(), false)
  // Whatever `User` said: the authenticated user is judged, and nobody else.
  const user = caller.user.id
  const admission = await gate.admit({
    user,
    protocol: 'eas',
    partnership: partnership.id,
    address: caller.address,
    command: request.command,
    userAgent: String(carried.headers['user-agent'] ?? ''),
  })
  const ending = new Ending(admission, carried, underWay)
  let parked = false
  try {
    const outcome = await act(parts, { carried, request, caller, partnership, admission, ending })
    if (!outcome || !('tell' in outcome)) return outcome
    parked = true
    const rest = { carried, request, partnership: partnership.id, admission, ending }
    park(rest, outcome, parking)
    return undefined
  } catch (thrown) {
    if (asFailure(thrown).code === 'internal') await gate.fault(partnership.id)
    throw thrown
  } finally {
    if (!parked) {
      ending.release()
      admission.release()
    }
  }
}

/** How the client names itself. */
function identityOf({ carried: { headers }, request }: Asked): EasIdentity {
  const wlHeader = headers['x-ms-wl']
  const told = {
    deviceId: request.deviceId,
    deviceType: request.deviceType,
    userAgent: String(headers['user-agent'] ?? ''),
    protocolVersion: request.version,
  }
  return typeof wlHeader === 'string' ? { ...told, wlHeader } : told
}

function orTooMany(thrown: unknown): undefined {
  if (thrown instanceof Failure && thrown.code === 'limit.exceeded') return undefined
  throw thrown
}

function act(parts: EasParts, call: EasCall): Served {
  const { decision } = call.admission
  const { request, partnership } = call
  if (!decision.enforced) return pass(parts, call, 'observing')
  const overPolicy = decision.stateReason === 'exchangeMailboxPolicy'
  if (decision.outcome === 'block' && !overPolicy) {
    const wild = throttled(decision, parts.clock.now())
    if (wild) return refuseWild(wild, request)
    // A fault of ours must not read as a verdict on the device: phones drop the account at 129.
    const ours = decision.stateReason === 'internal' || decision.stateReason === 'behind'
    return refuse(ours ? 'later' : 'blocked', request)
  }
  if (request.command === 'Provision') return provision(parts, call)
  // Blocked for refusing the policy: the way back is to be asked again, so this is no 129.
  if (decision.outcome === 'block') return refuse('notProvisioned', request, parts.demand)
  // Ping carries no mail and no key (MS-ASHTTP R61103); everything else waits for the policy.
  const unprovisioned =
    request.command === 'Ping' ? undefined : parts.provisioning.check(request, partnership.id)
  return unprovisioned instanceof Promise
    ? unprovisioned.then((found) => showMail(parts, call, found))
    : showMail(parts, call, unprovisioned)
}

/** The mail, or what stands in for it; first the policy, where it is not provisioned. */
function showMail(parts: EasParts, call: EasCall, unprovisioned: Refusal | undefined): Served {
  if (unprovisioned) return refuse(unprovisioned, call.request, parts.demand)
  const { outcome } = call.admission.decision
  return outcome === 'allow' ? pass(parts, call, 'enforcing') : quarantine(parts, call)
}

/** The client ran wild: Exchange's word for how, and the seconds until it may come again. */
function throttled({ stateReason, recheckAt }: Decision, now: Instant) {
  const reason = throttleReasons[stateReason]
  return reason && { reason, seconds: Math.ceil(((recheckAt ?? now) - now) / second) }
}

const throttleReasons: Readonly<Record<string, string>> = {
  userAgentsChanges: 'UserAgentsChanges',
  recentCommands: 'RecentCommands',
  syncCommands: 'SyncCommands',
  watsons: 'Watsons',
}

async function provision(parts: EasParts, call: EasCall): Promise<EasAnswer> {
  const { partnership, caller, request } = call
  const body = await wholeBody(call)
  const { answer, policyRefused } = await parts.provisioning.answer(request, partnership, body)
  if (policyRefused !== undefined) {
    // The client's word on the policy is the gate's to weigh, now and until it gives another.
    const word = { user: caller.user.id, protocol: 'eas', partnership: partnership.id } as const
    const admission = await parts.rooms.gate.admit({ ...word, policyRefused })
    admission.release()
  }
  return answer
}

/** To the mail: the upstream, or the built-in mailbox. */
function pass(parts: EasParts, call: EasCall, mode: 'observing' | 'enforcing'): Served {
  return parts.piped ? parts.piped.serve(call, mode) : answerOwn(parts, call)
}

async function answerOwn(parts: EasParts, call: EasCall): Promise<Outcome> {
  const { request, caller, partnership } = call
  const body = await wholeBody(call)
  await noteInformation(parts, call, body)
  if (request.command === 'Provision') return parts.provisioning.decline(request, body)
  const view = parts.rooms.mailbox.own(caller.user.id, partnership.id)
  const outcome = await answerFrom(view, call, body)
  return request.command === 'Sync' ? noteSync(parts, partnership.id, outcome) : outcome
}

/** To the one notice. What is uploaded is refused unread. */
async function quarantine(parts: EasParts, call: EasCall): Promise<Outcome> {
  const { notices, mailbox } = parts.rooms
  const { id } = call.partnership
  const { stateReason, reasons } = call.admission.decision
  parts.piped?.quarantined(id)
  const body = isMessage(call.request) ? new Uint8Array(0) : await wholeBody(call)
  await noteInformation(parts, call, body)
  const view = mailbox.quarantine(id, {
    about: JSON.stringify([stateReason, reasons]),
    compose: () => notices.quarantineNotice(id),
  })
  return answerFrom(view, call, body)
}

function answerFrom(view: MailView, { carried, request, ending }: EasCall, body: Uint8Array) {
  carried.forgetHead()
  return view.answer(request, body, ending)
}

function noteSync(parts: EasParts, partnership: PartnershipId, outcome: Outcome): Outcome {
  const note = (answer: EasAnswer) => {
    if (answer.status === 200 && tellsSuccess(answer.body))
      parts.rooms.devices.seen(partnership, parts.clock.now(), true)
    return answer
  }
  if (!('tell' in outcome)) return note(outcome)
  return {
    tell: (awaiting) =>
      outcome.tell({
        answered: (answer) => awaiting.answered(note(answer)),
        failed: (thrown) => awaiting.failed(thrown),
      }),
  }
}

async function wholeBody(call: EasCall): Promise<Uint8Array> {
  const most = isMessage(call.request) ? limits.easMessageBytes.value : limits.wbxmlBytes.value
  return await plainBody(call.carried, await call.carried.readBody(most), most)
}

async function noteInformation(parts: EasParts, call: EasCall, body: Uint8Array): Promise<void> {
  if (call.request.command !== 'Settings' && call.request.command !== 'Provision') return
  if (!inspect(body).deviceInformation) return
  await parts.provisioning.note(call.partnership, informationOf(body))
}

/** What a throw is answered with. What the client did wrong is told; of our own faults only an id goes out, to the log. */
function failed(thrown: unknown, url: string, request: Brief | undefined, log: Log): EasAnswer {
  if (thrown instanceof EasRequestFailure) {
    const [, name = ''] = /[?&]cmd=([a-z]{1,32})(?:&|$)/i.exec(url) ?? []
    return refuseUnread(thrown.easStatus, commandOfName(name))
  }
  const code = thrown instanceof Failure ? thrown.code : 'internal'
  if (!request) {
    log.error('eas.refused', thrown)
    return { status: 503, headers: { 'retry-after': String(limits.retryAfterSeconds.value) } }
  }
  switch (code) {
    case 'request.malformed':
      return refuse('malformed', request)
    case 'limit.exceeded':
      return refuse('tooLarge', request)
    case 'upstream.unavailable':
      log.warn('eas.upstream', { command: request.command, detail: (thrown as Failure).detail }) // by its code
      return refuse('later', request)
    case 'store.unavailable':
    case 'access.behind':
      log.error('eas.refused', thrown, { command: request.command })
      return refuse('later', request)
    default:
      log.error('eas.refused', thrown, { command: request.command })
      return refuse('fault', request)
  }
}
