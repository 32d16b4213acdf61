import { type Entry, filedAs, type Head, readEntry } from './entry.ts'
import { hashOf, type PublicKey } from './seal.ts'

/** An entry as it was found: nothing about it is believed. */
export interface FoundEntry {
  /** The number under which it stood. */
  readonly seq: number
  readonly document: string
  readonly signature: string
  /** What the place where it stood said about it besides: must agree with the document. */
  readonly filed?: Readonly<Record<string, unknown>>
}

/** What is wrong, and from which entry on. */
export interface ChainFault {
  readonly seq: number
  /**
   * `altered`: another text than was signed; `otherKey`: signed by a key that is not trusted here; `misplaced`: stands
   * under another number, or under another name, than it was signed for; `missing`: it is gone, or was never there;
   * `unchained`: follows another entry than the one before it; `head`: is not the entry that somebody noted down.
   */
  readonly fault: 'altered' | 'otherKey' | 'misplaced' | 'missing' | 'unchained' | 'head'
  readonly detail: string
}

/** What a history proves. */
export interface Verification {
  readonly entries: number
  readonly head: Head | undefined
  /** The first of them; empty when the history is whole. */
  readonly faults: readonly ChainFault[]
  readonly faultCount: number
}

const mostFaults = 100

/**
 * Holds every entry against its signature, its number and the one before it, and the whole against a head that was noted
 * down earlier: without one, nobody can tell that entries are gone from the end.
 */
export async function verifyChain(
  pages: AsyncIterable<readonly FoundEntry[]>,
  keys: readonly PublicKey[],
  noted?: Head,
): Promise<Verification> {
  const faults: ChainFault[] = []
  let faultCount = 0
  const fault = (seq: number, what: ChainFault['fault'], detail: string) => {
    faultCount += 1
    if (faults.length < mostFaults) faults.push({ seq, fault: what, detail })
  }
  let last: (Head & { readonly sound: boolean }) | undefined
  let entries = 0
  let notedHash: string | undefined
  for await (const page of pages) {
    const judged = await Promise.all(page.map((found) => judge(found, keys)))
    for (const [index, { seq }] of page.entries()) {
      const { hash, entry, wrong } = judged[index] as Judged // one for each
      entries += 1
      if (last && seq <= last.seq) fault(seq, 'misplaced', `it stands behind entry ${last.seq}`)
      else if (seq !== (last?.seq ?? 0) + 1)
        fault((last?.seq ?? 0) + 1, 'missing', goneOf((last?.seq ?? 0) + 1, seq - 1))
      else if (!wrong && entry && (last?.sound ?? true) && entry.previous !== (last?.hash ?? ''))
        fault(seq, 'unchained', `the entry before it is another than when it was signed`)
      if (wrong) fault(seq, wrong.fault, wrong.detail)
      if (seq === noted?.seq) notedHash = hash
      last = { seq, hash, sound: !wrong }
    }
  }
  if (noted && notedHash === undefined)
    fault(noted.seq, 'head', `it was noted down, and the history ends with ${last?.seq ?? 'none'}`)
  else if (noted && notedHash !== noted.hash)
    fault(noted.seq, 'head', 'it is another entry than the one that was noted down')
  return { entries, head: last && { seq: last.seq, hash: last.hash }, faults, faultCount }
}

interface Judged {
  readonly hash: string
  readonly entry: Entry | undefined
  readonly wrong: Pick<ChainFault, 'fault' | 'detail'> | undefined
}

async function judge(
  { seq, document, signature, filed }: FoundEntry,
  keys: readonly PublicKey[],
): Promise<Judged> {
  const hash = hashOf(document)
  const entry = readEntry(document)
  const wrong = (fault: ChainFault['fault'], detail: string) => ({
    hash,
    entry,
    wrong: { fault, detail },
  })
  if (!entry) return wrong('altered', 'it is no entry any more')
  const key = keys.find(({ id }) => id === entry.key)
  if (!key) return wrong('otherKey', `it names the key ${entry.key}, which is not trusted here`)
  if (!(await key.proves(document, signature)))
    return wrong('altered', 'its signature does not fit what it says')
  if (entry.seq !== seq) return wrong('misplaced', `it was signed as entry ${entry.seq}`)
  const said: Readonly<Record<string, unknown>> = filedAs(entry)
  const odd = Object.entries(filed ?? {}).find(([name, value]) => said[name] !== value)
  if (odd) return wrong('misplaced', `its column ${odd[0]} says ${JSON.stringify(odd[1])}`)
  return { hash, entry, wrong: undefined }
}

const goneOf = (first: number, last: number): string =>
  first === last ? `entry ${first} is gone` : `entries ${first} to ${last} are gone`
