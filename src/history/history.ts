import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Store, Tx } from '../store/store.ts'
import { canonicalJson } from './canonical.ts'
import {
  type Entry,
  type EntryDraft,
  filedAs,
  type Head,
  readEntry,
  type SignedEntry,
  type ThingKind,
} from './entry.ts'
import type { HistoryRow } from './migrations.ts'
import {
  countHistory,
  type HistoryFilter,
  insertHistory,
  readHistory,
  readLast,
} from './records.ts'
import { hashOf, newSiteKey, readSiteKey, type SiteKey } from './seal.ts'
import { type FoundEntry, type Verification, verifyChain } from './verify.ts'

/** Where the key that signs is kept, with the other keys of the site. */
interface Keys {
  read(name: string): Promise<string | undefined>
  write(name: string, pem: string, once?: boolean): Promise<void>
}

/** What of the history is wanted. */
export interface HistoryPage extends HistoryFilter {
  readonly order?: 'oldest' | 'newest'
  readonly limit: number
}

/**
 * Who changed what, and how it differs: a chain of signed entries. An entry is written in the transaction of the change, so
 * that neither is there without the other; a change that changes nothing has none. Nothing is ever taken out.
 */
export interface History {
  /** Adds an entry for each change, in their order. */
  append(tx: Tx, actor: string, changes: readonly EntryDraft[]): Promise<void>
  /** The same in a transaction of its own: for what changes nothing else. */
  record(actor: string, changes: readonly EntryDraft[]): Promise<void>
  /** The newest first unless asked otherwise. */
  list(page: HistoryPage): Promise<readonly SignedEntry[]>
  count(filter: HistoryFilter): Promise<number>
  find(seq: number): Promise<SignedEntry | undefined>
  head(): Promise<Head | undefined>
  /** Holds all of it against this site's key, and against a head that was noted down earlier. */
  verify(noted?: Head): Promise<Verification>
  /** What proves the signatures elsewhere: its PEM, and what entries name it by. */
  readonly publicKey: { readonly id: string; readonly pem: string }
}

/** What rooms whose changes are told of it are given. */
export type HistoryWriter = Pick<History, 'append'>

/** The history of a site; its key is made at the first start. Throws `config.invalid` where the key cannot be read. */
export async function createHistory(given: {
  readonly store: Store
  readonly keys: Keys
  readonly clock: Clock
  readonly log: Log
}): Promise<History> {
  const { store, clock, log } = given
  const key = await keyOf(given.keys)
  const last = await readLast(store.db)
  const signedBy = last && signedOf(last).entry.key
  // A restored database, or a node without the others' keys: its entries are not believed by the others.
  if (signedBy !== undefined && signedBy !== key.id)
    log.warn('history.otherKey', { ours: key.id, signedBy })

  const page = ({ order = 'newest', limit, ...filter }: HistoryPage) =>
    readHistory(store.db, { filter, order, limit: Math.min(limit, limits.historyPage.value) })

  const append = createAppend({ key, clock })
  return {
    append,
    record: (actor, changes) => store.transact((tx) => append(tx, actor, changes)),
    list: async (asked) => (await page(asked)).map(signedOf),
    count: (filter) => countHistory(store.db, filter),
    async find(seq) {
      const [row] = await page({ after: seq - 1, order: 'oldest', limit: 1 })
      return row?.seq === seq ? signedOf(row) : undefined
    },
    async head() {
      const row = await readLast(store.db)
      return row && { seq: row.seq, hash: hashOf(row.document) }
    },
    verify: (noted) => verifyChain(foundIn(page), [key], noted),
    publicKey: { id: key.id, pem: key.pem },
  }
}

const keyName = 'history'

async function keyOf(keys: Keys): Promise<SiteKey> {
  const kept = await keys.read(keyName)
  if (kept !== undefined) return readSiteKey(kept)
  // Of two nodes that start at once one wins, and both sign with its key.
  await keys.write(keyName, newSiteKey(), true)
  return readSiteKey((await keys.read(keyName)) ?? '')
}

/** The store lets one transaction write at a time, on whatever node: the last entry that it reads stays the last. */
function createAppend({ key, clock }: { key: SiteKey; clock: Clock }): History['append'] {
  // By executor, which every view of one transaction shares.
  const correlations = new WeakMap<object, string>()
  return async (tx, actor, changes) => {
    if (changes.length === 0) return
    const executor = tx.getExecutor()
    const correlation = correlations.get(executor) ?? randomUUID()
    correlations.set(executor, correlation)
    const last = await readLast(tx)
    let seq = last?.seq ?? 0
    let previous = last ? hashOf(last.document) : ''
    const at = clock.now()
    const rows = changes.map((change): HistoryRow => {
      seq += 1
      const entry: Entry = { ...change, seq, at, actor, correlation, previous, key: key.id }
      const document = canonicalJson(entry)
      previous = hashOf(document)
      return { seq, ...filedAs(entry), document, signature: key.sign(document) }
    })
    await insertHistory(tx, rows)
  }
}

function signedOf({ document, signature, ...filed }: HistoryRow): SignedEntry {
  return { entry: readEntry(document) ?? lostEntry(filed), hash: hashOf(document), signature }
}

/** Somebody made another text of it: what is left is where it was filed. */
function lostEntry({
  seq,
  at,
  actor,
  kind,
  subject: id,
  name,
}: Omit<HistoryRow, 'document' | 'signature'>): Entry {
  const what = { seq, at, actor, kind: kind as ThingKind, id, name } // nobody believes it: `verify` names it
  return { ...what, change: 'changed', difference: [], correlation: '', previous: '', key: '' }
}

async function* foundIn(
  page: (asked: HistoryPage) => Promise<readonly HistoryRow[]>,
): AsyncGenerator<readonly FoundEntry[]> {
  let after = -Infinity
  for (;;) {
    const rows = await page({
      ...(after > -Infinity && { after }),
      order: 'oldest',
      limit: limits.historyPage.value,
    })
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(({ seq, document, signature, ...filed }) => ({
      seq,
      document,
      signature,
      filed,
    }))
    after = last.seq
  }
}
