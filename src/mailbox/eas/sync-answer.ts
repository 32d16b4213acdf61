import type { BodyWish } from '../../wire/eas/body.ts'
import type {
  SyncChange,
  SyncCollection,
  SyncCollectionAnswer,
  SyncResponse,
} from '../../wire/eas/sync.ts'
import { atLeast, type EasVersion } from '../../wire/eas/version.ts'
import {
  type Change,
  type Content,
  type ContentFolder,
  readServerId,
  writeServerId,
} from '../content.ts'
import { renderFlags, renderItem } from './render.ts'
import type { CollectionStep } from './sync-state.ts'

interface Reader {
  readonly version: EasVersion
  readonly content: Content
}

/** Fills a decided step with what is in its items. */
export async function answerCollection(
  reader: Reader,
  sent: SyncCollection,
  folder: ContentFolder | undefined,
  step: CollectionStep,
): Promise<SyncCollectionAnswer> {
  const collectionId = folder?.collection ?? sent.collectionId
  const named = atLeast(reader.version, '14.0')
    ? { collectionId }
    : { collectionId, class: 'Email' }
  if (step.kind === 'refused') {
    return { ...named, syncKey: step.status === 3 ? '0' : sent.syncKey, status: step.status }
  }
  if (step.kind === 'quiet' || !folder) return { ...named, syncKey: step.syncKey, status: 1 }
  const { mimeSupport, mimeTruncation, truncation, bodyPreferences } = step.options
  const wish: BodyWish = { mimeSupport, mimeTruncation, truncation, bodyPreferences }
  const changes: SyncChange[] = []
  for (const change of step.changes) {
    const told = await tellChange(reader, folder, change, wish)
    if (told) changes.push(told)
  }
  const responses = [...step.responses]
  for (const serverId of step.fetches) responses.push(await fetch(reader, serverId, wish))
  return {
    ...named,
    syncKey: step.syncKey,
    status: 1,
    moreAvailable: step.more,
    changes,
    responses,
  }
}

// An item that vanished since the step was taken is left out; the next step tells the client that it is gone.
async function tellChange(
  { content, version }: Reader,
  folder: ContentFolder,
  change: Change,
  wish: BodyWish,
): Promise<SyncChange | undefined> {
  const serverId = writeServerId(folder, change.item)
  if (change.kind === 'delete' || change.kind === 'softDelete') {
    return { kind: change.kind, serverId }
  }
  const item = await content.find(change.item)
  if (!item || item.folder !== folder.collection) return undefined
  if (change.kind === 'change') {
    return { kind: 'change', serverId, data: renderFlags(item, version) }
  }
  return { kind: 'add', serverId, data: await renderItem(item, wish, version) }
}

async function fetch(
  { content, version }: Reader,
  serverId: string,
  wish: BodyWish,
): Promise<SyncResponse> {
  const place = readServerId(content.folders, serverId)
  const item = place && (await content.find(place.item))
  if (!item || item.folder !== place.folder.collection) {
    return { kind: 'fetch', serverId, status: 8 }
  }
  return { kind: 'fetch', serverId, status: 1, data: await renderItem(item, wish, version) }
}
