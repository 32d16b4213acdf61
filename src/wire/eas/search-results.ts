import { Failure } from '../../base/failures.ts'
import { AirSync, Find, Gal, ItemOperations, Search } from '../wbxml/tokens.ts'
import { type Element, element, find, findAll, textOf, writeWbxml } from '../wbxml/wbxml.ts'

/** First and last result that the client wants to see, counted from 0. */
export interface ResultRange {
  readonly first: number
  readonly last: number
}

/** What a Search (MS-ASCMD 2.2.1.16) or a Find (2.2.1.2, 16.1) looks for. */
export interface SearchQuestion {
  readonly store: 'mailbox' | 'people' | 'other'
  readonly text: string
  /** Only below this folder. */
  readonly collectionId: string | undefined
  readonly range: ResultRange
  /** The Options element, for body preferences; absent in Find. */
  readonly options: Element | undefined
  /** A query that is more than words and a folder. */
  readonly tooComplex: boolean
}

/** A person of the address list. */
export interface PersonFound {
  readonly displayName: string
  readonly alias: string
  readonly emailAddress: string
}

/** A message that was found; `properties` are the children of Properties. */
export interface MessageFound {
  readonly serverId: string
  readonly collectionId: string
  readonly properties: readonly Element[]
}

/** Results in the order of the range, and how many there are in all. */
export interface SearchFound {
  readonly range: ResultRange
  readonly total: number
  readonly people?: readonly PersonFound[]
  readonly messages?: readonly MessageFound[]
}

const defaultRange: ResultRange = { first: 0, last: 99 }

/** Reads the question of a Search; throws Failure request.malformed for another document. */
export function readSearchQuestion(root: Element): SearchQuestion {
  const store = root.tag === Search.Search ? find(root, Search.Store) : undefined
  if (!store) throw new Failure('request.malformed', 'no Search with a Store')
  const query = find(store, Search.Query)
  const options = find(store, Search.Options)
  const name = textOf(store, Search.Name)?.toLowerCase()
  const range = options && textOf(options, Search.Range)
  if (name !== 'mailbox' || !query) {
    const text = (query && textOf(query)) ?? ''
    const kind = name === 'gal' ? 'people' : 'other'
    return {
      store: kind,
      text,
      collectionId: undefined,
      range: readRange(range),
      options,
      tooComplex: false,
    }
  }
  const inner = find(query, Search.And) ?? query
  return {
    store: 'mailbox',
    text: textOf(inner, Search.FreeText) ?? '',
    collectionId: textOf(inner, AirSync.CollectionId),
    range: readRange(range),
    options,
    tooComplex: find(inner, Search.Or) !== undefined || findAll(inner, Search.And).length > 0,
  }
}

/** Reads the question of a Find; throws Failure request.malformed for another document. */
export function readFindQuestion(root: Element): SearchQuestion {
  const execute = root.tag === Find.Find ? find(root, Find.ExecuteSearch) : undefined
  const mailbox = execute && find(execute, Find.MailBoxSearchCriterion)
  const people = execute && find(execute, Find.GalSearchCriterion)
  const criterion = mailbox ?? people
  if (!criterion) throw new Failure('request.malformed', 'no Find with a criterion')
  const text = mailbox
    ? textOf(mailbox, Find.Query, Find.FreeText)
    : people && textOf(people, Find.Query)
  return {
    store: mailbox ? 'mailbox' : 'people',
    text: text ?? '',
    collectionId: textOf(criterion, Find.Query, AirSync.CollectionId),
    range: readRange(textOf(criterion, Find.Options, Find.Range)),
    options: undefined,
    tooComplex: false,
  }
}

function readRange(text: string | undefined): ResultRange {
  const found = /^(\d{1,3})-(\d{1,3})$/.exec(text ?? '')
  if (!found) return defaultRange
  const first = Number(found[1])
  return { first, last: Math.max(first, Number(found[2])) }
}

/** Writes a Search answer. */
export function writeSearchFound(found: SearchFound): Uint8Array {
  const people = (found.people ?? []).map((person) =>
    element(Search.Result, element(Search.Properties, galElements(person))),
  )
  const messages = (found.messages ?? []).map((message) =>
    element(
      Search.Result,
      element(AirSync.Class, 'Email'),
      element(Search.LongId, message.serverId),
      element(AirSync.CollectionId, message.collectionId),
      element(Search.Properties, message.properties),
    ),
  )
  const results = [...people, ...messages]
  const store = element(
    Search.Store,
    element(Search.Status, '1'),
    // "Nothing found" is one empty Result (MS-ASCMD 2.2.3.151).
    results.length > 0 ? results : element(Search.Result),
    results.length > 0 && element(Search.Range, rangeText(found.range, results.length)),
    results.length > 0 && element(Search.Total, String(found.total)),
  )
  return writeWbxml(
    element(Search.Search, element(Search.Status, '1'), element(Search.Response, store)),
  )
}

/** Writes a Search answer that tells only why there is none: 2 request invalid, 5 denied, 8 too complex, 12 range. */
export function writeSearchStatus(storeStatus: number): Uint8Array {
  const store = element(Search.Store, element(Search.Status, String(storeStatus)))
  return writeWbxml(
    element(Search.Search, element(Search.Status, '1'), element(Search.Response, store)),
  )
}

/** Writes a Find answer. */
export function writeFindFound(found: SearchFound): Uint8Array {
  const people = (found.people ?? []).map((person) =>
    element(Find.Result, element(Find.Properties, galElements(person))),
  )
  const messages = (found.messages ?? []).map((message) =>
    element(
      Find.Result,
      element(AirSync.Class, 'Email'),
      element(AirSync.ServerId, message.serverId),
      element(AirSync.CollectionId, message.collectionId),
      element(Find.Properties, message.properties),
    ),
  )
  const results = [...people, ...messages]
  const response = element(
    Find.Response,
    element(ItemOperations.Store, found.people ? 'GAL' : 'Mailbox'),
    element(Find.Status, '1'),
    results,
    results.length > 0 && element(Find.Range, rangeText(found.range, results.length)),
    results.length > 0 && element(Find.Total, String(found.total)),
  )
  return writeWbxml(element(Find.Find, element(Find.Status, '1'), response))
}

/** A Find property: the start of the text of a message. */
export function previewElements(preview: string, hasAttachments: boolean): readonly Element[] {
  return [
    element(Find.Preview, preview),
    ...(hasAttachments ? [element(Find.HasAttachments, '1')] : []),
  ]
}

const rangeText = (range: ResultRange, count: number) => `${range.first}-${range.first + count - 1}`

function galElements(person: PersonFound): readonly Element[] {
  return [
    element(Gal.DisplayName, person.displayName),
    element(Gal.Alias, person.alias),
    element(Gal.EmailAddress, person.emailAddress),
  ]
}
