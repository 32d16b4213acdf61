import type { Admission, Gate } from '../access/gate.ts'
import { asFailure } from '../base/failures.ts'
import type { PartnershipId } from '../devices/devices.ts'
import type { Awaiting, EasAnswer, HeldAnswer } from '../mailbox/mailbox.ts'
import type { EasRequest } from '../wire/eas/request.ts'
import type { Carried } from './carried.ts'
import type { Bell, Ending, Why } from './ending.ts'
import { goodbye } from './refusals.ts'

/** What an answer must know of its request; the same object for all that are alike. */
export type Brief = Pick<EasRequest, 'command' | 'version' | 'policyKeySent'>

const briefs = new Map<string, Brief>()

// As many as there are commands and versions: whatever else a request says is let go of while it is held.
function briefOf({ command, version, policyKeySent }: Brief): Brief {
  const name = `${command} ${version} ${policyKeySent}`
  const known = briefs.get(name)
  if (known) return known
  const brief = { command, version, policyKeySent }
  briefs.set(name, brief)
  return brief
}

/** What a held request still needs: no head, no body, no caller. */
interface Parked {
  readonly carried: Pick<Carried, 'reply'>
  readonly request: Brief
  readonly partnership: PartnershipId
  readonly admission: Pick<Admission, 'release'>
  readonly ending: Ending
}

/** What the door does for all that is parked. */
export interface ParkingDoor {
  readonly gate: Pick<Gate, 'fault'>
  /** What a throw is answered with. */
  readonly failed: (thrown: unknown, request: Brief) => EasAnswer
}

/**
 * Lets the request rest until its answer comes: one record hears of it, and no frame waits. When we stop, it is answered as
 * if nothing had happened, before the answer's own goodbye.
 */
export function park(parked: Parked, held: HeldAnswer, door: ParkingDoor): void {
  const request = new ParkedRequest(parked, door)
  parked.ending.ring(request)
  held.tell(request)
}

class ParkedRequest implements Awaiting, Bell {
  readonly #carried: Parked['carried']
  readonly #request: Brief
  readonly #partnership: PartnershipId
  readonly #admission: Parked['admission']
  readonly #ending: Ending
  readonly #door: ParkingDoor
  #over = false

  constructor({ carried, request, partnership, admission, ending }: Parked, door: ParkingDoor) {
    this.#carried = carried
    this.#request = briefOf(request)
    this.#partnership = partnership
    this.#admission = admission
    this.#ending = ending
    this.#door = door
  }

  rung(why: Why): void {
    if (why === 'stopping') this.answered(goodbye(this.#request, why))
  }

  answered(answer: EasAnswer): void {
    if (this.#over) return
    this.#over = true
    this.#ending.release()
    this.#admission.release()
    this.#carried.reply(answer)
  }

  failed(thrown: unknown): void {
    const { gate, failed } = this.#door
    if (asFailure(thrown).code === 'internal') void gate.fault(this.#partnership)
    this.answered(failed(thrown, this.#request))
  }
}
