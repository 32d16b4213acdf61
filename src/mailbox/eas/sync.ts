import type { Clock } from '../../base/clock.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Store, Tx } from '../../store/store.ts'
import {
  planSyncWait,
  readSync,
  type SyncAnswer,
  type SyncCollection,
  type SyncRequest,
  writeSync,
} from '../../wire/eas/sync.ts'
import { atLeast, type EasVersion } from '../../wire/eas/version.ts'
import type { Element } from '../../wire/wbxml/wbxml.ts'
import { FolderType } from '../../wire/eas/folder-sync.ts'
import { type Content, type ContentFolder, folderOf } from '../content.ts'
import type { Source } from '../keys.ts'
import { findClient, saveClient } from '../state/records.ts'
import { type Command, type EasAnswer, emptyAnswer, wbxmlAnswer } from './answer.ts'
import { endOf, type Hold, type Holds, type Watch } from './holds.ts'
import type { Queue } from './queue.ts'
import { answerCollection } from './sync-answer.ts'
import { type CollectionStep, stepCollection } from './sync-state.ts'

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly holds: Holds
  readonly queue: Queue
}

/** What a held Sync needs to look again: no body, no tree of it. */
interface Client {
  readonly partnership: string
  readonly source: Source
  readonly version: EasVersion
  readonly content: Content
}

const bounds = {
  minHeartbeatSeconds: limits.pingMinSeconds.value,
  maxHeartbeatSeconds: limits.pingMaxSeconds.value,
}

/** Sync (MS-ASCMD 2.2.1.21), holding it when the client asks for that and there is nothing to tell. */
export function createSync(deps: Deps): Command {
  const { store, clock, holds } = deps
  return async ({ request, root, ended, partnership, source, content }) => {
    const { version } = request
    const answer = (value: SyncAnswer) => wbxmlAnswer(writeSync(value, version))
    const client: Client = { partnership, source, version, content }
    const kind = `sync ${source}` as const
    // Whatever this client still holds open belongs to an older state.
    holds.supersede(kind, partnership)
    const sent = tryRead(root)
    if (!sent) return answer({ status: 4 })
    const asked = await complete(store, client, sent, root)
    if (!asked) return answer({ status: 13 })
    const refusal = refusalOf(asked)
    if (refusal) return answer(refusal)
    const plan = planSyncWait(asked, bounds)
    if ('answer' in plan) return answer(plan.answer)

    const ms = plan.holdSeconds * 1000
    if (ms === 0 || !atLeast(version, '12.1')) {
      const told = await look(deps, client, asked)
      return told === 'quiet' ? quietAnswer(client, asked) : answer(told)
    }
    const watch: Watch = {
      kind,
      client: partnership,
      watched: content.watched,
      folders: foldersOf(content, asked),
      arrivalsOnly: false,
      ms,
      ended,
    }
    // Listen first, look second: what changes in between is not missed.
    const hold = holds.hold(watch)
    const told = await look(deps, client, asked)
    if (told === 'quiet') {
      const deadline = clock.now() + ms
      return {
        tell(awaiting) {
          const waited = wait(deps, client, asked, watch, hold, deadline)
          waited.then(
            (end) => awaiting.answered(end),
            (thrown: unknown) => awaiting.failed(thrown),
          )
        },
      }
    }
    hold.release({ kind: 'stopped' })
    return answer(told)
  }
}

// Status 12 sends the client to FolderSync, where it learns whose mailbox it now looks at.
async function wait(
  deps: Deps,
  client: Client,
  asked: SyncRequest,
  watch: Watch,
  first: Hold,
  deadline: number,
): Promise<EasAnswer> {
  const answer = (value: SyncAnswer) => wbxmlAnswer(writeSync(value, client.version))
  let hold = first
  for (;;) {
    const end = await endOf(hold)
    if (end.kind === 'ended') return answer({ status: 12 })
    if (end.kind !== 'news') return emptyAnswer
    hold = deps.holds.hold({ ...watch, ms: Math.max(0, deadline - deps.clock.now()) })
    const told = await deps.queue.run(client.partnership, () => look(deps, client, asked))
    if (told === 'quiet') continue
    hold.release({ kind: 'stopped' })
    return answer(told)
  }
}

async function look(deps: Deps, client: Client, asked: SyncRequest): Promise<SyncAnswer | 'quiet'> {
  await client.content.prepare()
  const steps = await deps.store.transact((tx) => takeSteps(tx, deps, client, asked))
  if (steps.some(({ step }) => step.kind === 'refused' && step.status === 12)) return { status: 12 }
  const loud = steps.filter(({ step }) => step.kind !== 'quiet')
  if (loud.length === 0) return 'quiet'
  const collections = []
  for (const { sent, folder, step } of loud) {
    collections.push(await answerCollection(client, sent, folder, step))
  }
  return { collections }
}

interface Taken {
  readonly sent: SyncCollection
  readonly folder: ContentFolder | undefined
  readonly step: CollectionStep
}

async function takeSteps(
  tx: Tx,
  deps: Deps,
  client: Client,
  asked: SyncRequest,
): Promise<readonly Taken[]> {
  const { partnership, source, content } = client
  const taken: Taken[] = []
  // The window is one of each collection and one of the whole answer (MS-ASCMD 2.2.3.199).
  let room = asked.windowSize ?? limits.syncWindow.value
  for (const sent of asked.collections) {
    const folder = findFolder(content, sent)
    if (!folder) {
      const status = sent.syncKey === '0' ? 12 : 3
      taken.push({ sent, folder, step: { kind: 'refused', status } })
      continue
    }
    const window = Math.min(room, sent.windowSize ?? limits.syncWindowDefault.value)
    const now = deps.clock.now()
    const step = await stepCollection(tx, {
      partnership,
      source,
      content,
      folder,
      sent,
      window,
      now,
    })
    if (step.kind === 'told') room = Math.max(0, room - step.changes.length)
    taken.push({ sent, folder, step })
  }
  await keepRequest(tx, client, asked)
  return taken
}

// A request without commands may be repeated by an empty one; any other one ends that (MS-ASCMD 2.2.1.21.1). Key 0 is not
// kept: to begin again is never meant by saying nothing.
async function keepRequest(tx: Tx, client: Client, asked: SyncRequest): Promise<void> {
  const { partnership, source, version } = client
  if (!atLeast(version, '12.1')) return
  const { sync } = await findClient(tx, partnership, source)
  const begins = asked.collections.some((collection) => collection.syncKey === '0')
  const text = begins || commandsIn(asked) > 0 ? '' : JSON.stringify(asked)
  if (text !== sync) await saveClient(tx, partnership, source, { sync: text })
}

// An empty or partial request stands on the kept one (MS-ASCMD 2.2.1.21.1, 2.2.3.130).
async function complete(
  store: Store,
  { partnership, source }: Client,
  sent: SyncRequest,
  root: Element | undefined,
): Promise<SyncRequest | undefined> {
  if (root && !sent.partial) return sent
  const { sync } = await findClient(store.db, partnership, source)
  if (sync === '') return undefined
  // Written by ourselves from a `SyncRequest`.
  const kept = JSON.parse(sync) as SyncRequest
  if (!root) return kept
  const changed = new Set(sent.collections.map((collection) => collection.collectionId))
  const others = kept.collections.filter((collection) => !changed.has(collection.collectionId))
  return {
    collections: [...sent.collections, ...others],
    wait: sent.wait ?? (sent.heartbeatSeconds === undefined ? kept.wait : undefined),
    heartbeatSeconds:
      sent.heartbeatSeconds ?? (sent.wait === undefined ? kept.heartbeatSeconds : undefined),
    windowSize: sent.windowSize ?? kept.windowSize,
    partial: false,
  }
}

function refusalOf(asked: SyncRequest): SyncAnswer | undefined {
  const most = limits.syncCollections.value
  if (asked.collections.length > most) return { status: 15, limit: most }
  if (asked.collections.length === 0) return { status: 4 }
  return commandsIn(asked) > limits.syncCommands.value ? { status: 4 } : undefined
}

const commandsIn = (asked: SyncRequest) =>
  asked.collections.reduce((sum, collection) => sum + collection.commands.length, 0)

// Version 2.5 may name the class alone: mail is then the Inbox.
const findFolder = (content: Content, sent: SyncCollection) =>
  folderOf(
    content.folders,
    sent.collectionId === '' && sent.class === 'Email' ? FolderType.inbox : sent.collectionId,
  )

const foldersOf = (content: Content, asked: SyncRequest) =>
  asked.collections.flatMap((sent) => findFolder(content, sent)?.collection ?? [])

// "Nothing new" has no body from 12.1 on; older clients want to read it (MS-ASCMD 2.2.1.21.2).
function quietAnswer({ version, content }: Client, asked: SyncRequest): EasAnswer {
  if (atLeast(version, '12.1')) return emptyAnswer
  const collections = asked.collections.map((sent) => ({
    class: 'Email',
    collectionId: findFolder(content, sent)?.collection ?? sent.collectionId,
    syncKey: sent.syncKey,
    status: 1,
  }))
  return wbxmlAnswer(writeSync({ collections }, version))
}

function tryRead(root: Element | undefined): SyncRequest | undefined {
  try {
    return readSync(root)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'request.malformed') return undefined
    throw thrown
  }
}
