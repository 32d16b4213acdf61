import type { Instant } from '../../base/clock.ts'
import type { Tx } from '../../store/store.ts'
import { keepFollowUp, readFollowUp } from '../../wire/eas/follow-up.ts'
import {
  optionsFor,
  type SyncCollection,
  type SyncCommand,
  type SyncOptions,
  type SyncResponse,
} from '../../wire/eas/sync.ts'
import {
  type Change,
  type Content,
  type ContentFolder,
  type Difference,
  type ItemChange,
  readServerId,
} from '../content.ts'
import { compareKey, newNonce, type Source, writeSyncKey } from '../keys.ts'
import {
  type CollectionId,
  clearHeld,
  findSync,
  findUnsettled,
  heldVersion,
  type SyncRecord,
  saveSync,
  settleHeld,
  tellHeld,
} from '../state/records.ts'

/** One collection of a Sync, decided but not yet written: which items, not what is in them. */
export type CollectionStep =
  | { readonly kind: 'refused'; readonly status: 3 | 4 | 12 }
  /** Nothing to tell, and the client's key stays. */
  | { readonly kind: 'quiet'; readonly syncKey: string }
  | {
      readonly kind: 'told'
      readonly syncKey: string
      readonly changes: readonly Change[]
      readonly more: boolean
      readonly responses: readonly SyncResponse[]
      /** Server ids of items that the client asked for in the same request. */
      readonly fetches: readonly string[]
      readonly options: SyncOptions
    }

export interface CollectionAsk {
  readonly partnership: string
  readonly source: Source
  readonly content: Content
  readonly folder: ContentFolder
  readonly sent: SyncCollection
  /** How many changes the answer may still hold. */
  readonly window: number
  readonly now: Instant
}

/**
 * Takes one collection of a Sync a step further (MS-ASCMD 2.2.1.21). The key that the client sends says which answer it
 * received: the current one settles the last answer, the one before it makes us say the same again under the same key.
 */
export async function stepCollection(tx: Tx, ask: CollectionAsk): Promise<CollectionStep> {
  const { partnership, source, folder, sent } = ask
  const client: CollectionId = { partnership, source, collection: folder.collection }
  const kept = await findSync(tx, client)
  const options = chooseOptions(sent, kept)
  const days = daysOfFilter(options.filterType)
  if (days === undefined) return { kind: 'refused', status: 4 }
  if (sent.syncKey === '0') return await begin(tx, client, options)

  const compared = compareKey(sent.syncKey, kept && { source, ...kept })
  if (!kept || compared === 'unknown') return { kind: 'refused', status: 3 }
  if (compared === 'current') await settleHeld(tx, client)

  const applied = await applyCommands(tx, client, ask)
  const repeated = compared === 'previous' ? await findUnsettled(tx, client) : undefined
  const look = { client, folder, days, now: ask.now, limit: ask.window, before: kept }
  const difference = repeated
    ? {
        changes: repeated.flatMap(repeatChange),
        more: kept.seen === -1,
        seen: kept.seen,
        since: kept.since,
      }
    : sent.getChanges
      ? await ask.content.difference(tx, look)
      : undefined
  const changes = difference?.changes ?? []
  const isQuiet = changes.length === 0 && sent.commands.length === 0 && !repeated
  const optionsText = JSON.stringify(options)
  if (isQuiet && !needsSaving(kept, difference, optionsText)) {
    return { kind: 'quiet', syncKey: sent.syncKey }
  }
  if (!repeated) await tellHeld(tx, client, changes.map(toldOf))
  const serial = isQuiet || repeated ? kept.serial : kept.serial + 1
  const { seen, since } = difference ?? kept
  const looked = difference && !repeated ? { days, since, seen } : {}
  await saveSync(tx, client, { ...kept, ...looked, serial, options: optionsText })
  const syncKey = writeSyncKey({ source, nonce: kept.nonce, serial })
  if (isQuiet) return { kind: 'quiet', syncKey }
  return {
    kind: 'told',
    syncKey,
    changes,
    more: difference?.more ?? false,
    ...applied,
    options,
  }
}

// Key 0: whatever was known is forgotten, and the first answer carries a key only (MS-ASCMD 2.2.1.21 R648).
async function begin(tx: Tx, client: CollectionId, options: SyncOptions): Promise<CollectionStep> {
  const nonce = newNonce()
  await clearHeld(tx, client)
  // `seen` -1: everything is still to come.
  const record = { nonce, serial: 1, days: 0, since: 0, seen: -1, options: JSON.stringify(options) }
  await saveSync(tx, client, record)
  const syncKey = writeSyncKey({ source: client.source, nonce, serial: 1 })
  const nothing = { changes: [], more: false, responses: [], fetches: [] }
  return { kind: 'told', syncKey, ...nothing, options }
}

const needsSaving = (kept: SyncRecord, difference: Difference | undefined, options: string) =>
  kept.options !== options || (difference !== undefined && difference.seen !== kept.seen)

const toldOf = (change: Change) => ({
  item: change.item,
  sent: change.version,
  manner: change.kind === 'softDelete' ? 2 : 0,
})

function repeatChange(row: {
  item: number
  acknowledged: number
  sent: number
  manner: number
}): Change[] {
  if (row.manner === 1) return []
  const gone = row.manner === 2 ? 'softDelete' : 'delete'
  const kind = row.sent === 0 ? gone : row.acknowledged === 0 ? 'add' : 'change'
  return [{ kind, item: row.item, version: row.sent }]
}

// Options hold until the client sends others (MS-ASCMD 2.2.3.125.5).
function chooseOptions(sent: SyncCollection, kept: SyncRecord | undefined): SyncOptions {
  const before = sent.options.length > 0 ? undefined : keptOptions(kept)
  return before ?? optionsFor(sent, 'Email')
}

/** The options that a client sent last. */
export function keptOptions(kept: SyncRecord | undefined): SyncOptions | undefined {
  // Written by ourselves from a `SyncOptions`.
  return kept?.options ? (JSON.parse(kept.options) as SyncOptions) : undefined
}

/** Days of a FilterType (MS-ASCMD 2.2.3.68.2): 0 to 5 apply to mail; `undefined` for any other, a protocol error. */
export function daysOfFilter(filterType: number | undefined): number | undefined {
  return [0, 1, 3, 7, 14, 30][filterType ?? 0]
}

interface Applied {
  readonly responses: SyncResponse[]
  readonly fetches: string[]
}

async function applyCommands(tx: Tx, client: CollectionId, ask: CollectionAsk): Promise<Applied> {
  const applied: Applied = { responses: [], fetches: [] }
  for (const command of ask.sent.commands) {
    if (command.kind === 'fetch') applied.fetches.push(command.serverId)
    else if (command.kind === 'add') {
      // Mail is made by sending it; 6 tells the client to stop offering this item.
      applied.responses.push({ kind: 'add', clientId: command.clientId, status: 6 })
    } else {
      const status = await applyToItem(tx, client, ask, command)
      if (status !== 1)
        applied.responses.push({ kind: command.kind, serverId: command.serverId, status })
    }
  }
  return applied
}

type ItemCommand = Extract<SyncCommand, { kind: 'change' | 'delete' }>

// Status 1 done, 6 refused for good, 8 not there (MS-ASCMD 2.2.3.177.17).
async function applyToItem(
  tx: Tx,
  client: CollectionId,
  ask: CollectionAsk,
  command: ItemCommand,
): Promise<1 | 6 | 8> {
  const { content, folder } = ask
  const place = readServerId(content.folders, command.serverId)
  if (!place || place.folder !== folder) return 8
  const { item } = place
  const held = await heldVersion(tx, client, item)
  const note = async (sent: number) => {
    if (held !== 0) await tellHeld(tx, client, [{ item, sent, manner: 1 }])
  }
  if (command.kind === 'delete') {
    const result = await content.remove(tx, folder, item, !ask.sent.deletesAsMoves)
    // The client has dropped it, allowed or not: a refused one is sent again.
    await note(0)
    // Deleting what is gone already is what the client wanted: a repeated request must not fail.
    return result === 'refused' ? 6 : 1
  }
  const version = await content.change(tx, folder, item, itemChangeOf(command))
  if (version === 'missing') return 8
  if (version === 'refused') return 6
  await note(version)
  return 1
}

function itemChangeOf(command: Extract<SyncCommand, { kind: 'change' }>): ItemChange {
  const followUp = readFollowUp(command.data)
  return {
    ...(command.read === undefined ? {} : { read: command.read }),
    ...(followUp === undefined ? {} : { flag: keepFollowUp(followUp) }),
  }
}
