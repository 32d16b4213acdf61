import { type Clock, endTurn, type Instant } from '../base/clock.ts'
import { asFailure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { NodeAccess } from './access.ts'
import { explain, refusal } from './decide.ts'
import type { Decision } from './decision.ts'
import { createEntering, refuse } from './entering.ts'
import { HeldAdmissions } from './held.ts'
import { createLooking } from './looking.ts'
import { type AccessRequest, bareAttempt, type Circumstances } from './request.ts'

/** Hears that an admission is withdrawn. */
export interface Ear {
  withdrawn(): void
}

/** A decision plus the signal that withdraws it. */
export interface Admission {
  readonly decision: Decision
  /**
   * Fires when the outcome is no longer this one, or mail is withheld for another reason: end the connection with the
   * protocol's polite goodbye.
   */
  readonly withdrawn: AbortSignal
  /** Tells `ear` when `withdrawn` would fire, or at once when it has. Costs nothing; there is one ear, and it must not throw. */
  heed(ear: Ear): void
  /** The door is done with this attempt. Idempotent. */
  release(): void
}

/** Every step with what it looked at and what it said; made by the same matchers that decide. */
export interface Explanation {
  readonly decision: Decision
  readonly circumstances: Circumstances
  readonly steps: readonly {
    readonly step: string
    readonly matched: boolean
    readonly because: string
  }[]
}

/** What decides. The one thing of `access/` that a mail door may call. Never throws: a fault is a block with reason `internal`. */
export interface Gate {
  admit(request: AccessRequest): Promise<Admission>
  explain(request: AccessRequest, at: Instant): Promise<Explanation>
  /** Serving this client failed by a fault of ours: too many of those may be its doing. Never throws. */
  fault(partnership: PartnershipId): Promise<void>
}

/** The gate of this node, over the access room of the same node. */
export function createGate(given: {
  access: NodeAccess
  compliance: Pick<Compliance, 'check'>
  clock: Clock
  log: Log
}): Gate {
  const { access, compliance, clock, log } = given
  const { live, places, table, watching, reviews, decideNow } = access.deciding
  const isBehind = () => clock.now() - live.freshAt() > limits.journalLagMs.value
  const held = new HeldAdmissions({ clock, log, decideNow, isBehind, reviews, pause: endTurn })
  // Before the decision is saved, and on every node: what no longer holds ends at once.
  const changed = (partnerships: readonly PartnershipId[]) => held.review(partnerships)
  live.onChange(changed)
  const look = createLooking({ live, compliance, clock, changed })
  const enter = createEntering({ deciding: access.deciding, held, clock })

  return {
    async admit(request) {
      try {
        const since = clock.now()
        if (isBehind()) return refuse(refusal('behind'))
        // Most requests find all that they need at hand: a promise is awaited only where there is one.
        const looked = look(request)
        if (!(looked instanceof Promise ? await looked : looked)) return refuse(refusal('unknown'))
        const { partnership, address } = request
        if (address !== undefined) places.seen(partnership, address)
        const watched = watching.request(request)
        if (watched) await watched
        const entered = enter(request, since)
        return entered instanceof Promise ? await entered : entered
      } catch (thrown) {
        return refuse(faultOf('access.admit', thrown, request, log))
      }
    },
    async fault(partnership) {
      try {
        await watching.fault(partnership)
      } catch (thrown) {
        log.error('access.fault', thrown, { partnership })
      }
    },
    async explain(request, at) {
      let circumstances = unknown(request)
      try {
        const found = await look(request)
        if (!found) return { decision: refusal('unknown'), circumstances, steps: [] }
        circumstances = found
        return explain(circumstances, live.snapshot.policies, at, table)
      } catch (thrown) {
        const decision = faultOf('access.explain', thrown, request, log)
        return { decision, circumstances, steps: [] }
      }
    },
  }
}

/** The refusal that a fault becomes, with the id of its log line. */
function faultOf(event: string, thrown: unknown, request: AccessRequest, log: Log): Decision {
  const { partnership, user } = request
  const id = log.error(event, thrown, { partnership, user })
  return asFailure(thrown).code === 'access.behind' ? refusal('behind') : refusal('internal', id)
}

/** All that can be said of a client that is not known here. */
function unknown({ user, policyRefused = false }: AccessRequest): Circumstances {
  const bare = bareAttempt({ id: user, enabled: false, groups: new Set() })
  return { ...bare, eas: { ...bare.eas, policyRefused } }
}
