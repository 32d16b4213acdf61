import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Store } from '../../store/store.ts'
import {
  type PingAnswer,
  type PingParameters,
  type PingRequest,
  planPing,
  readPing,
  writePing,
} from '../../wire/eas/ping.ts'
import type { Element } from '../../wire/wbxml/wbxml.ts'
import { type ContentFolder, folderOf } from '../content.ts'
import { findClient, findSync, saveClient } from '../state/records.ts'
import {
  type Awaiting,
  type Call,
  type Command,
  type EasAnswer,
  type HeldAnswer,
  wbxmlAnswer,
} from './answer.ts'
import type { Hold, HoldEar, HoldEnd, Holds } from './holds.ts'

const bounds = {
  minHeartbeatSeconds: limits.pingMinSeconds.value,
  maxHeartbeatSeconds: limits.pingMaxSeconds.value,
  maxFolders: limits.pingFolders.value,
}

/**
 * Ping (MS-ASCMD 2.2.1.13): tells of arrivals since the client's last Sync answer, and holds until there are some. A
 * newer Ping of the same client answers the older one with Status 1, "nothing happened": the protocol names no status for
 * it, and a client that does still listen to the older one may simply ask again.
 */
export function createPing(deps: { store: Store; clock: Clock; holds: Holds }): Command {
  const { store, clock, holds } = deps

  return async (call) => {
    const request = tryRead(call.root)
    if (!request) return answer({ status: 4 })
    const { partnership, source, content, ended } = call
    const { ping } = await findClient(store.db, partnership, source)
    const plan = planPing(request, readKept(ping), bounds)
    if ('answer' in plan) return answer(plan.answer)
    const kept = JSON.stringify(plan.hold)
    if (kept !== ping) await saveClient(store.db, partnership, source, { ping: kept })

    const folders: ContentFolder[] = []
    for (const { id } of plan.hold.folders) {
      const folder = folderOf(content.folders, id)
      // A folder of another mailbox: the client must look at the hierarchy first.
      if (!folder) return answer({ status: 7 })
      folders.push(folder)
    }
    // Listen first, look second: what arrives in between is not missed.
    const hold = holds.hold({
      kind: `ping ${source}`,
      client: partnership,
      watched: content.watched,
      folders: folders.map((folder) => folder.collection),
      arrivalsOnly: true,
      ms: plan.hold.heartbeatSeconds * 1000,
      ended,
    })
    const arrived = await findArrivals(store, call, folders, clock.now())
    if (arrived.length > 0) hold.release({ kind: 'news', folders: arrived })
    return new HeldPing(hold)
  }
}

const answer = (value: PingAnswer): EasAnswer => wbxmlAnswer(writePing(value))

/** Written once: ten thousand may end in the same second. */
const quiet = answer({ status: 1 })
const lookAgain = answer({ status: 7 })

function answerEnd(end: HoldEnd): EasAnswer {
  if (end.kind === 'news') return answer({ status: 2, folders: end.folders })
  return end.kind === 'ended' ? lookAgain : quiet
}

/** The answer to a Ping that is held. */
class HeldPing implements HeldAnswer, HoldEar {
  readonly #hold: Hold
  #awaiting: Awaiting | undefined

  constructor(hold: Hold) {
    this.#hold = hold
  }

  tell(awaiting: Awaiting): void {
    this.#awaiting = awaiting
    this.#hold.hear(this)
  }

  over(end: HoldEnd): void {
    this.#awaiting?.answered(answerEnd(end))
  }
}

// A folder that the client never synced has no state to compare with: only what arrives from now on counts.
async function findArrivals(
  store: Store,
  call: Call,
  folders: readonly ContentFolder[],
  now: number,
): Promise<string[]> {
  const { partnership, source, content } = call
  const arrived: string[] = []
  for (const folder of folders) {
    const client = { partnership, source, collection: folder.collection }
    const before = await findSync(store.db, client)
    if (!before) continue
    const look = { client, folder, days: before.days, now, limit: 1, before }
    if (await content.hasArrivals(store.db, look)) arrived.push(folder.collection)
  }
  return arrived
}

function tryRead(root: Element | undefined): PingRequest | undefined {
  try {
    return readPing(root)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'request.malformed') return undefined
    throw thrown
  }
}

// Written by ourselves from a `PingParameters`.
const readKept = (text: string) => (text === '' ? undefined : (JSON.parse(text) as PingParameters))
