import { Failure, impossible } from '../../base/failures.ts'
import { AirSync, AirSyncBase, ItemOperations, Search } from '../wbxml/tokens.ts'
import {
  bytesOf,
  childrenOf,
  type Element,
  element,
  find,
  textOf,
  writeWbxml,
} from '../wbxml/wbxml.ts'
import { type BodyWish, readBodyPreferences } from './body.ts'
import { expectRoot, requiredText, wholeNumber } from './fields.ts'

/** First and last byte of a part of an attachment or body, counted from 0. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** One operation of an ItemOperations request (MS-ASCMD 2.2.1.10). */
export type ItemOperation =
  | {
      readonly kind: 'fetch'
      /** 'Mailbox' or 'DocumentLibrary'. */
      readonly store: string
      readonly collectionId: string | undefined
      readonly serverId: string | undefined
      readonly longId: string | undefined
      /** An attachment. */
      readonly fileReference: string | undefined
      readonly range: ByteRange | undefined
      readonly wish: BodyWish
    }
  | {
      readonly kind: 'emptyFolder'
      readonly collectionId: string
      readonly deleteSubFolders: boolean
    }
  | { readonly kind: 'move'; readonly conversationId: Uint8Array; readonly folderId: string }

/** What became of it: status 1 ok, 2 malformed, 3 server, 6 not found, 8 range, 15 attachment gone, or 101 and up. */
export type ItemOperationAnswer =
  | {
      readonly kind: 'fetch'
      readonly status: number
      readonly collectionId?: string | undefined
      readonly serverId?: string | undefined
      readonly longId?: string | undefined
      readonly fileReference?: string | undefined
      /** Class of the item, for a message 'Email'. */
      readonly class?: string | undefined
      /** Children of Properties: `writeEmail`, or `attachmentProperties`. */
      readonly properties?: readonly Element[] | undefined
    }
  | { readonly kind: 'emptyFolder'; readonly status: number; readonly collectionId: string }
  | { readonly kind: 'move'; readonly status: number; readonly conversationId: Uint8Array }

/** Reads an ItemOperations request. */
export function readItemOperations(root: Element): readonly ItemOperation[] {
  expectRoot(root, ItemOperations.ItemOperations)
  return childrenOf(root).flatMap(readOperation)
}

function readOperation(operation: Element): ItemOperation[] {
  switch (operation.tag) {
    case ItemOperations.Fetch:
      return [readFetch(operation)]
    case ItemOperations.EmptyFolderContents:
      return [
        {
          kind: 'emptyFolder',
          collectionId: requiredText(operation, AirSync.CollectionId),
          deleteSubFolders:
            find(operation, ItemOperations.Options, ItemOperations.DeleteSubFolders) !== undefined,
        },
      ]
    case ItemOperations.Move:
      return [
        {
          kind: 'move',
          conversationId: bytesOf(operation, ItemOperations.ConversationId) ?? new Uint8Array(0),
          folderId: requiredText(operation, ItemOperations.DstFldId),
        },
      ]
    default:
      return []
  }
}

function readFetch(fetch: Element): ItemOperation {
  const options = find(fetch, ItemOperations.Options)
  return {
    kind: 'fetch',
    store: textOf(fetch, ItemOperations.Store) ?? 'Mailbox',
    collectionId: textOf(fetch, AirSync.CollectionId),
    serverId: textOf(fetch, AirSync.ServerId),
    longId: textOf(fetch, Search.LongId),
    fileReference: textOf(fetch, AirSyncBase.FileReference),
    range: options && readRange(textOf(options, ItemOperations.Range)),
    wish: {
      bodyPreferences: options ? readBodyPreferences(options) : [],
      mimeSupport: options && wholeNumber(options, AirSync.MIMESupport),
      truncation: options && wholeNumber(options, AirSync.Truncation),
      mimeTruncation: options && wholeNumber(options, AirSync.MIMETruncation),
    },
  }
}

function readRange(text: string | undefined): ByteRange | undefined {
  if (!text) return undefined
  const found = /^(\d{1,10})-(\d{1,10})$/.exec(text.trim())
  const first = Number(found?.[1])
  const last = Number(found?.[2])
  if (!found || last < first)
    throw new Failure('request.malformed', 'ItemOperations: Range is not first-last')
  return { first, last }
}

/** Writes an ItemOperations answer; without operations only the Status of the whole. */
export function writeItemOperations(
  status: number,
  answers: readonly ItemOperationAnswer[],
): Uint8Array {
  return writeWbxml(
    element(
      ItemOperations.ItemOperations,
      element(ItemOperations.Status, status),
      answers.length > 0 && element(ItemOperations.Response, answers.map(writeAnswer)),
    ),
  )
}

function writeAnswer(answer: ItemOperationAnswer): Element {
  const status = element(ItemOperations.Status, answer.status)
  switch (answer.kind) {
    case 'emptyFolder':
      return element(
        ItemOperations.EmptyFolderContents,
        status,
        element(AirSync.CollectionId, answer.collectionId),
      )
    case 'move':
      return element(
        ItemOperations.Move,
        status,
        element(ItemOperations.ConversationId, answer.conversationId),
      )
    case 'fetch': {
      const { collectionId, serverId, longId, fileReference, properties } = answer
      return element(
        ItemOperations.Fetch,
        status,
        collectionId !== undefined && element(AirSync.CollectionId, collectionId),
        serverId !== undefined && element(AirSync.ServerId, serverId),
        longId !== undefined && element(Search.LongId, longId),
        answer.class !== undefined && element(AirSync.Class, answer.class),
        fileReference !== undefined && element(AirSyncBase.FileReference, fileReference),
        properties !== undefined && element(ItemOperations.Properties, properties),
      )
    }
    default:
      return impossible(answer)
  }
}

/** Properties of a fetched attachment: content type, and the bytes as base64 text (MS-ASCMD 2.2.3.41). */
export function attachmentProperties(
  contentType: string,
  bytes: Uint8Array,
  range?: ByteRange & { readonly total: number },
): readonly Element[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
  return [
    ...(range
      ? [
          element(ItemOperations.Range, `${range.first}-${range.last}`),
          element(ItemOperations.Total, range.total),
        ]
      : []),
    element(AirSyncBase.ContentType, contentType),
    element(ItemOperations.Data, text),
  ]
}
