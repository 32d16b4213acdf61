import { limits } from '../../base/limits.ts'
import {
  attachmentProperties,
  type ItemOperation,
  type ItemOperationAnswer,
  readItemOperations,
  writeItemOperations,
} from '../../wire/eas/item-operations.ts'
import { multipartType, takeParts, writeMultipart } from '../../wire/eas/multipart.ts'
import { atLeast, type EasVersion } from '../../wire/eas/version.ts'
import {
  type Content,
  type ContentFolder,
  folderOf,
  readServerId,
  writeServerId,
} from '../content.ts'
import { type Attachment, readMessage } from '../message.ts'
import { type Command, type EasAnswer, refuse, wbxmlAnswer } from './answer.ts'
import { readFileReference, renderItem } from './render.ts'

type Fetch = Extract<ItemOperation, { kind: 'fetch' }>

/** Deletes all messages of a folder. */
export type EmptyFolder = (folder: ContentFolder) => Promise<void>

/**
 * ItemOperations (MS-ASCMD 2.2.1.10): messages and attachments by id, inline or in parts. Without `emptyFolder` the mailbox
 * is one to look at: whatever does not name something that it shows refuses the whole command.
 */
export function createItemOperations(emptyFolder: EmptyFolder | undefined): Command {
  return async ({ request, root, content }) => {
    if (!root) return refuse(request, 103)
    const operations = readItemOperations(root)
    if (operations.length > limits.itemOperations.value) return refuse(request, 103)
    const answers: ItemOperationAnswer[] = []
    for (const operation of operations) {
      answers.push(await answerOperation(operation, content, request.version, emptyFolder))
    }
    if (!emptyFolder && answers.some((answer) => answer.status !== 1)) return refuse(request, 130)
    return request.acceptMultiPart ? inParts(answers) : wbxmlAnswer(writeItemOperations(1, answers))
  }
}

/** GetAttachment (MS-ASCMD 2.2.1.7), up to 12.1: the bytes as the body; 500 for what is gone (R166). */
export function createGetAttachment(): Command {
  return async ({ request, content }) => {
    if (atLeast(request.version, '14.0')) return refuse(request, 137)
    const found = await findAttachment(content, request.attachmentName ?? '')
    if (!found) return { status: 500 }
    return { status: 200, headers: { 'content-type': found.type }, body: found.bytes }
  }
}

function inParts(answers: readonly ItemOperationAnswer[]): EasAnswer {
  const parts: Uint8Array[] = []
  const split = answers.map((answer) =>
    answer.kind === 'fetch' && answer.properties
      ? { ...answer, properties: takeParts(answer.properties, parts) }
      : answer,
  )
  const body = writeMultipart([writeItemOperations(1, split), ...parts])
  return { status: 200, headers: { 'content-type': multipartType }, body }
}

async function answerOperation(
  operation: ItemOperation,
  content: Content,
  version: EasVersion,
  emptyFolder: EmptyFolder | undefined,
): Promise<ItemOperationAnswer> {
  if (operation.kind === 'fetch') {
    return operation.fileReference === undefined
      ? await fetchItem(operation, content, version)
      : await fetchAttachment(operation, operation.fileReference, content)
  }
  // Conversations are not kept together here; 156 is "action not supported".
  if (operation.kind === 'move') return { ...operation, status: 156 }
  const { collectionId } = operation
  const folder = folderOf(content.folders, collectionId)
  if (!folder || !emptyFolder) return { kind: 'emptyFolder', status: 16, collectionId }
  await emptyFolder(folder)
  return { kind: 'emptyFolder', status: 1, collectionId }
}

// Status 6 is "not found", for mail as well as for documents (MS-ASCMD 2.2.3.177.8).
async function fetchItem(
  { store, collectionId, serverId, longId, wish }: Fetch,
  content: Content,
  version: EasVersion,
): Promise<ItemOperationAnswer> {
  const named = { kind: 'fetch', collectionId, serverId, longId } as const
  if (store.toLowerCase() !== 'mailbox') return { ...named, status: 9 }
  const place = readServerId(content.folders, serverId ?? longId ?? '')
  const item = place && (await content.find(place.item))
  if (!item || item.folder !== place.folder.collection) return { ...named, status: 6 }
  const properties = await renderItem(item, wish, version)
  return {
    ...named,
    ...(longId === undefined && {
      collectionId: item.folder,
      serverId: writeServerId(place.folder, item.item),
    }),
    status: 1,
    class: 'Email',
    properties,
  }
}

async function fetchAttachment(
  { range }: Fetch,
  fileReference: string,
  content: Content,
): Promise<ItemOperationAnswer> {
  const named = { kind: 'fetch', fileReference } as const
  const found = await findAttachment(content, fileReference)
  if (!found) return { ...named, status: 15 }
  const { type, bytes } = found
  if (!range) return { ...named, status: 1, properties: attachmentProperties(type, bytes) }
  if (range.first >= bytes.length || range.last < range.first) return { ...named, status: 8 }
  const last = Math.min(range.last, bytes.length - 1)
  const piece = bytes.subarray(range.first, last + 1)
  const total = bytes.length
  const properties = attachmentProperties(type, piece, { first: range.first, last, total })
  return { ...named, status: 1, properties }
}

async function findAttachment(
  content: Content,
  fileReference: string,
): Promise<Attachment | undefined> {
  const place = readFileReference(fileReference)
  const item = place && (await content.find(place.item))
  return item && (await readMessage(await item.raw())).attachments[place.index]
}
