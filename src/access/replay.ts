import type { Instant } from '../base/clock.ts'
import type { Shift, Shifts } from '../compliance/prepared.ts'
import { countedState, type Finding, type Verdict } from '../compliance/verdict.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { UserId } from '../directory/directory.ts'
import { type DecisionTable, decisionTable } from './conditions/table.ts'
import { decide, refusal } from './decide.ts'
import type { Decision } from './decision.ts'
import type { AccessPolicies } from './policy.ts'
import { indexOf } from './policy-index.ts'
import type { Circumstances } from './request.ts'

/** A client to whom two sets of policies give different answers, and the first attempt of it that shows so. */
export interface Difference {
  readonly partnership: PartnershipId
  readonly user: UserId
  /** What the client calls itself over EAS. */
  readonly deviceId: string
  /** From where it came in that attempt; `undefined` where that is not known. */
  readonly address: string | undefined
  readonly before: Decision
  readonly after: Decision
  /** What its device would not meet, where the draft judges it otherwise than now. */
  readonly findings: readonly Finding[]
  /** When the grace ends that would begin for its device. */
  readonly graceUntil: Instant | undefined
}

/** What a draft of policies would do to everybody who is known. */
export interface Replay {
  readonly clients: number
  /** A client is asked about once for each place that it came from. */
  readonly attempts: number
  /** Clients that reach mail now, from some place of theirs. */
  readonly letIn: number
  /** They reach mail now, and from some place of theirs would not any more. */
  readonly newlyBlocked: readonly Difference[]
  /** The other way round, and nothing is taken from them. */
  readonly newlyAllowed: readonly Difference[]
  /** Nothing is taken from them until a grace ends that begins with the draft; `after` is what follows then. */
  readonly newlyInGrace: readonly Difference[]
  /** Users who have a client. */
  readonly users: ReadonlySet<UserId>
  /** Users of whom some client reaches mail now, and then. */
  readonly usersBefore: ReadonlySet<UserId>
  readonly usersAfter: ReadonlySet<UserId>
}

/** Two sets of policies, and the moment at which they are compared. */
export interface Comparison {
  readonly before: AccessPolicies
  readonly after: AccessPolicies
  /** Devices that the draft judges otherwise than now. */
  readonly shifts?: Shifts | undefined
  readonly now: Instant
  /** The account as it would be after, where accounts change and not policies alone. */
  readonly become?: ((account: Circumstances['user']) => Circumstances['user']) | undefined
  readonly table?: DecisionTable
  /** What `before` says of this very attempt at `now`, where somebody knows it already. */
  readonly known?: (partnership: PartnershipId, attempt: Circumstances) => Decision | undefined
  /** Hears what was thrown while deciding; such an attempt is refused, as at the gate. */
  readonly failed?: (thrown: unknown) => void
}

/** Asks both sets of policies about one client after another; pure but for what it has counted so far. */
export class Replaying {
  readonly #comparison: Comparison
  readonly #newlyBlocked: Difference[] = []
  readonly #newlyAllowed: Difference[] = []
  readonly #newlyInGrace: Difference[] = []
  readonly #users = new Set<UserId>()
  readonly #usersBefore = new Set<UserId>()
  readonly #usersAfter = new Set<UserId>()
  #clients = 0
  #attempts = 0
  #letIn = 0

  constructor(comparison: Comparison) {
    this.#comparison = comparison
  }

  /** One client, as each of its attempts would find it. */
  take(partnership: PartnershipId, attempts: readonly Circumstances[]): void {
    let blocked: Difference | undefined
    let allowed: Difference | undefined
    let inGrace: Difference | undefined
    let isLetIn = false
    for (const circumstances of attempts) {
      const known = this.#comparison.known?.(partnership, circumstances)
      const [before, after] = compare(this.#comparison, circumstances, known)
      const { user, eas, address } = circumstances
      const shift = shiftOf(this.#comparison, circumstances)
      const difference = (then = after) => ({
        partnership,
        user: user.id,
        deviceId: eas.deviceId,
        address,
        before,
        after: then,
        findings: shift?.after.findings ?? [],
        graceUntil: shift?.after.graceUntil,
      })
      this.#users.add(user.id)
      if (isOpen(before)) this.#usersBefore.add(user.id)
      if (isOpen(after)) this.#usersAfter.add(user.id)
      isLetIn ||= isOpen(before)
      if (isOpen(before) && !isOpen(after)) blocked ??= difference()
      if (!isOpen(before) && isOpen(after)) allowed ??= difference()
      const then = isOpen(before) && isOpen(after) && afterGrace(this.#comparison, circumstances)
      if (then && !isOpen(then)) inGrace ??= difference(then)
    }
    this.#clients += 1
    this.#attempts += attempts.length
    if (isLetIn) this.#letIn += 1
    if (blocked) this.#newlyBlocked.push(blocked)
    else if (allowed) this.#newlyAllowed.push(allowed)
    else if (inGrace) this.#newlyInGrace.push(inGrace)
  }

  result(): Replay {
    return {
      clients: this.#clients,
      attempts: this.#attempts,
      letIn: this.#letIn,
      newlyBlocked: this.#newlyBlocked,
      newlyAllowed: this.#newlyAllowed,
      newlyInGrace: this.#newlyInGrace,
      users: this.#users,
      usersBefore: this.#usersBefore,
      usersAfter: this.#usersAfter,
    }
  }
}

/** What both sets say of one attempt. */
function compare(
  comparison: Comparison,
  circumstances: Circumstances,
  known?: Decision,
): [Decision, Decision] {
  const { before, after } = comparison
  const shift = shiftOf(comparison, circumstances)
  return [
    (shift ? undefined : known) ?? say(comparison, before, judgedSo(circumstances, shift?.before)),
    say(comparison, after, becomes(comparison, judgedSo(circumstances, shift?.after))),
  ]
}

/** What the draft says once the grace is over that begins with it; `undefined` where none does. */
function afterGrace(comparison: Comparison, circumstances: Circumstances): Decision | undefined {
  const shift = shiftOf(comparison, circumstances)
  if (!shift?.after.graceUntil || shift.before.graceUntil !== undefined) return undefined
  const { graceUntil: _, heldState: _held, ...rest } = shift.after
  const over = judgedSo(circumstances, { ...rest, state: 'noncompliant' })
  return say(comparison, comparison.after, becomes(comparison, over))
}

function say(
  { now, table = decisionTable, failed }: Comparison,
  policies: AccessPolicies,
  circumstances: Circumstances,
): Decision {
  try {
    return decide(approvedBy(policies, circumstances), policies, now, table)
  } catch (thrown) {
    failed?.(thrown)
    return refusal('internal')
  }
}

function becomes({ become }: Comparison, circumstances: Circumstances): Circumstances {
  const { user } = circumstances
  const account = become?.(user) ?? user
  return account === user ? circumstances : { ...circumstances, user: account }
}

const shiftOf = ({ shifts }: Comparison, { device }: Circumstances): Shift | undefined =>
  device && shifts?.get(device.id)

/** The attempt with its device as such a judgement would have it. */
function judgedSo(circumstances: Circumstances, judged: Verdict | undefined): Circumstances {
  const { device } = circumstances
  if (!device || !judged) return circumstances
  const { findings, graceUntil } = judged
  return {
    ...circumstances,
    device: { ...device, compliance: countedState(judged), findings, graceUntil },
  }
}

/** Whether this attempt reaches mail before, and not after. */
export function isShut(comparison: Comparison, circumstances: Circumstances): boolean {
  const [before, after] = compare(comparison, circumstances)
  return isOpen(before) && !isOpen(after)
}

/** Whether mail is reached by it. */
const isOpen = ({ outcome }: Decision): boolean => outcome === 'allow'

/** An approval is an entry in a list of the mailbox, and so a part of the policies. */
function approvedBy(policies: AccessPolicies, circumstances: Circumstances): Circumstances {
  const { user, eas } = circumstances
  const allowed = indexOf(policies).mailboxes.get(user.id)?.allowed
  const approved = allowed?.has(eas.deviceId.toLowerCase()) ?? false
  return approved === circumstances.approved ? circumstances : { ...circumstances, approved }
}

/** The same client at each of these places; where none is known, as it is. */
export function attemptsOf(
  circumstances: Circumstances,
  addresses: Iterable<string>,
): readonly Circumstances[] {
  const places = new Set(addresses)
  if (circumstances.address !== undefined) places.add(circumstances.address)
  if (places.size === 0) return [circumstances]
  return [...places].map((address) =>
    address === circumstances.address ? circumstances : { ...circumstances, address },
  )
}
