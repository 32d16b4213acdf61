import { AirSync, GetItemEstimate } from '../wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf, writeWbxml } from '../wbxml/wbxml.ts'
import { expectRoot, requiredText, wholeNumber } from './fields.ts'

/** One collection of a GetItemEstimate request (MS-ASCMD 2.2.1.9). */
export interface EstimateCollection {
  readonly collectionId: string
  readonly class: string | undefined
  readonly syncKey: string
  readonly filterType: number | undefined
}

/** Status 1 ok (+ estimate), 2 unknown collection, 3 not yet synchronized, 4 bad key. */
export interface EstimateAnswer {
  readonly collectionId: string
  /** Sent only when given; up to 12.1. */
  readonly class?: string | undefined
  readonly status: number
  readonly estimate?: number
}

/** Reads a GetItemEstimate request in either layout: Options below the collection (14.0 on), or the fields side by side. */
export function readEstimate(root: Element): readonly EstimateCollection[] {
  expectRoot(root, GetItemEstimate.GetItemEstimate)
  const collections = find(root, GetItemEstimate.Collections)
  if (!collections) return []
  return findAll(collections, GetItemEstimate.Collection).map((collection) => {
    const options = find(collection, AirSync.Options)
    return {
      collectionId: textOf(collection, GetItemEstimate.CollectionId) ?? '',
      class:
        textOf(collection, GetItemEstimate.Class) ?? (options && textOf(options, AirSync.Class)),
      syncKey: requiredText(collection, AirSync.SyncKey),
      filterType: wholeNumber(options ?? collection, AirSync.FilterType),
    }
  })
}

/** Writes its answer. */
export function writeEstimate(answers: readonly EstimateAnswer[]): Uint8Array {
  return writeWbxml(
    element(
      GetItemEstimate.GetItemEstimate,
      answers.map((answer) =>
        element(
          GetItemEstimate.Response,
          element(GetItemEstimate.Status, answer.status),
          element(
            GetItemEstimate.Collection,
            answer.class !== undefined && element(GetItemEstimate.Class, answer.class),
            element(GetItemEstimate.CollectionId, answer.collectionId),
            answer.estimate !== undefined && element(GetItemEstimate.Estimate, answer.estimate),
          ),
        ),
      ),
    ),
  )
}
