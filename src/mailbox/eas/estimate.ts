import type { Clock } from '../../base/clock.ts'
import { limits } from '../../base/limits.ts'
import type { Store } from '../../store/store.ts'
import {
  type EstimateAnswer,
  type EstimateCollection,
  readEstimate,
  writeEstimate,
} from '../../wire/eas/estimate.ts'
import { FolderType } from '../../wire/eas/folder-sync.ts'
import { atLeast } from '../../wire/eas/version.ts'
import { folderOf } from '../content.ts'
import { compareKey } from '../keys.ts'
import { findSync } from '../state/records.ts'
import { type Call, type Command, refuse, wbxmlAnswer } from './answer.ts'
import { daysOfFilter, keptOptions } from './sync-state.ts'

/** GetItemEstimate (MS-ASCMD 2.2.1.9): how many changes the next Sync of a collection would bring. */
export function createEstimate(deps: { store: Store; clock: Clock }): Command {
  return async (call) => {
    if (!call.root) return refuse(call.request, 103)
    const asked = readEstimate(call.root)
    if (asked.length > limits.estimateCollections.value) return refuse(call.request, 103)
    const answers: EstimateAnswer[] = []
    for (const one of asked) answers.push(await estimate(deps, call, one))
    return wbxmlAnswer(writeEstimate(answers))
  }
}

async function estimate(
  { store, clock }: { store: Store; clock: Clock },
  { request, content, partnership, source }: Call,
  asked: EstimateCollection,
): Promise<EstimateAnswer> {
  const wanted = asked.collectionId === '' ? FolderType.inbox : asked.collectionId
  const folder = folderOf(content.folders, wanted)
  const collectionId = folder?.collection ?? asked.collectionId
  const named = atLeast(request.version, '14.0')
    ? { collectionId }
    : { collectionId, class: 'Email' }
  const client = { partnership, source, collection: collectionId }
  const kept = await findSync(store.db, client)
  if (asked.syncKey === '0') return { ...named, status: folder ? 3 : 2 }
  // A key of another mailbox comes with folders of another mailbox: the key is what the client must hear of.
  if (!folder || !kept || compareKey(asked.syncKey, { source, ...kept }) === 'unknown') {
    return { ...named, status: 4 }
  }
  const days = daysOfFilter(asked.filterType ?? keptOptions(kept)?.filterType) ?? 0
  const limit = limits.estimateItems.value
  const look = { client, folder, days, now: clock.now(), limit, before: kept }
  const { changes } = await content.difference(store.db, look)
  return { ...named, status: 1, estimate: changes.length }
}
