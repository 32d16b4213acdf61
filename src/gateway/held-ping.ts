import { type Clock, type Ends, EndsBySecond } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Secret } from '../base/secret.ts'
import type { PartnershipId } from '../devices/devices.ts'
import {
  type PingAnswer,
  type PingFolder,
  type PingParameters,
  planPing,
  readPing,
  writePing,
} from '../wire/eas/ping.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import { readWbxml } from '../wire/wbxml/wbxml.ts'
import type { Awaiting, EasAnswer, HeldAnswer } from '../mailbox/mailbox.ts'
import type { Ending } from './ending.ts'
import type { NewMail, Waiting } from './new-mail.ts'
import { wbxmlHeaders } from './refusals.ts'

/** One Ping to hold. */
export interface PingCall {
  readonly partnership: PartnershipId
  /** The authenticated user's name. */
  readonly user: string
  readonly authorization: Secret
  readonly request: EasRequest
  readonly ending: Pick<Ending, 'why' | 'addEventListener'>
  /** ServerId of the Inbox at the upstream; '' while unknown. */
  readonly inbox: string
}

/** Holds Pings ourselves, so that none occupies a worker of the mail server. */
export interface HeldPings {
  /** The answer, or what tells it when there is something to answer. */
  hold(call: PingCall, body: Uint8Array): EasAnswer | HeldAnswer
  /** A Sync of these collections begins; none given: of those of last time. */
  syncing(partnership: PartnershipId, collections: readonly string[], inbox: string): void
  /** The Inbox of this user at the upstream, where a Ping made us ask for it; '' while unknown. */
  inboxOf(user: string): string
  /** The client's folders are no longer those of the upstream: until `hierarchySent` its Pings are told so (Status 7). */
  hierarchyLost(partnership: PartnershipId): void
  hierarchySent(partnership: PartnershipId): void
  /** Pings held at this moment. */
  readonly count: number
}

/** What is kept of a client between its Pings. Lost at a restart: then Status 3 asks for the parameters again. */
interface Kept {
  parameters: PingParameters | undefined
  syncedAt: number | undefined
  hierarchy: 'upstream' | 'lost'
}

const bounds = {
  minHeartbeatSeconds: limits.pingMinSeconds.value,
  maxHeartbeatSeconds: limits.pingMaxSeconds.value,
  maxFolders: limits.pingFolders.value,
}

interface Parts {
  readonly newMail: NewMail
  readonly clock: Clock
}

/** Holds each Ping until mail comes, its time is over, a newer one of the same partnership arrives, or it must end. */
export function createHeldPings({ newMail, clock }: Parts): HeldPings {
  const kept = new Map<PartnershipId, Kept>()
  const held = new Map<PartnershipId, HeldPing>()
  const ends = new EndsBySecond<HeldPing>(clock)
  const keptOf = (partnership: PartnershipId): Kept => {
    const found = kept.get(partnership)
    if (found) return found
    if (kept.size >= limits.gatewayClients.value) {
      const [oldest] = kept.keys()
      if (oldest !== undefined) kept.delete(oldest)
    }
    const fresh: Kept = { parameters: undefined, syncedAt: undefined, hierarchy: 'upstream' }
    kept.set(partnership, fresh)
    return fresh
  }
  const over = (ping: HeldPing, status: number) => {
    const { partnership } = ping
    if (held.get(partnership) === ping) held.delete(partnership)
    newMail.leave(ping)
    ends.delete(ping)
    // Told once: what the client does not sync now, it would not sync if told in a circle.
    if (status === 2) keptOf(partnership).syncedAt = newMail.moment()
  }
  return {
    hold(call, body) {
      const known = keptOf(call.partnership)
      const plan = planOf(body, known.parameters)
      if ('answer' in plan) return easAnswer(plan.answer)
      known.parameters = plan.hold
      if (known.hierarchy === 'lost') return easAnswer({ status: 7 })
      held.get(call.partnership)?.end({ status: 1 })
      const ping = new HeldPing(call, plan.hold.folders, known.syncedAt, over)
      ends.add(ping, plan.hold.heartbeatSeconds * 1000)
      held.set(call.partnership, ping)
      if (call.ending.why) ping.handleEvent()
      else {
        call.ending.addEventListener('abort', ping)
        newMail.watch(ping)
      }
      return ping
    },
    syncing(partnership, collections, inbox) {
      if (collections.length === 0 || collections.includes(inbox))
        keptOf(partnership).syncedAt = newMail.moment()
    },
    inboxOf: (user) => newMail.inboxOf(user),
    hierarchyLost(partnership) {
      const known = keptOf(partnership)
      known.hierarchy = 'lost'
      known.parameters = undefined
    },
    hierarchySent(partnership) {
      keptOf(partnership).hierarchy = 'upstream'
    },
    get count() {
      return held.size
    },
  }
}

type Plan = ReturnType<typeof planPing>

function planOf(body: Uint8Array, kept: PingParameters | undefined): Plan {
  try {
    const asked = readPing(body.length > 0 ? readWbxml(body) : undefined)
    return planPing(asked, kept, bounds)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'request.malformed')
      return { answer: { status: 4 } }
    throw thrown
  }
}

function easAnswer(answer: PingAnswer): EasAnswer {
  return { status: 200, headers: wbxmlHeaders, body: writePing(answer) }
}

/** One held Ping. Small: it keeps no body, and the folders are those that are kept anyway. */
class HeldPing implements Waiting, HeldAnswer, Ends {
  readonly partnership: PartnershipId
  readonly user: string
  readonly authorization: Secret
  readonly request: EasRequest
  readonly folders: readonly PingFolder[]
  readonly inbox: string
  readonly syncedAt: number | undefined
  second = 0
  readonly #ending: PingCall['ending']
  readonly #over: (ping: HeldPing, status: number) => void
  #awaiting: Awaiting | undefined
  #answer: PingAnswer | undefined

  constructor(
    call: PingCall,
    folders: readonly PingFolder[],
    syncedAt: number | undefined,
    over: (ping: HeldPing, status: number) => void,
  ) {
    this.partnership = call.partnership
    this.user = call.user
    this.authorization = call.authorization
    this.request = call.request
    this.inbox = call.inbox
    this.folders = folders
    this.syncedAt = syncedAt
    this.#ending = call.ending
    this.#over = over
  }

  get ended(): boolean {
    return this.#answer !== undefined
  }

  tell(awaiting: Awaiting): void {
    this.#awaiting = awaiting
    if (this.#answer) awaiting.answered(easAnswer(this.#answer))
  }

  late(): void {
    this.end({ status: 1 })
  }

  handleEvent(): void {
    this.end({ status: this.#ending.why === 'withdrawn' ? 7 : 1 })
  }

  changed(folders: readonly string[]): void {
    this.end({ status: 2, folders })
  }

  hierarchyChanged(): void {
    this.end({ status: 7 })
  }

  end(answer: PingAnswer): void {
    if (this.#answer) return
    this.#answer = answer
    this.#over(this, answer.status)
    this.#awaiting?.answered(easAnswer(answer))
  }
}
