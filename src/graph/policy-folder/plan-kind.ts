import { isDeepStrictEqual } from 'node:util'
import { asFailure, Failure } from '../../base/failures.ts'
import type { FolderDocument, PlannedChange } from '../folder-contract.ts'
import type { Kind, Surroundings } from './kind.ts'

/** What the documents of one kind make of what there is. */
export interface PlannedKind<T> {
  readonly next: readonly T[]
  readonly changes: readonly PlannedChange[]
}

/**
 * Plans one kind. Who has the name of a document is changed, in its place; who has none is added at the end; those that no
 * document names stay, or go where `prune` says so and there is a document of their kind at all. Throws `policy.invalid`,
 * naming the document.
 */
export function planKind<T>(
  kind: Kind<T>,
  before: readonly T[],
  { documents, prune }: { documents: readonly FolderDocument[]; prune: boolean },
  around: Surroundings,
): PlannedKind<T> {
  const given = unique(documents)
  if (given.length === 0) return { next: before, changes: [] }
  const byName = new Map(before.map((value) => [fold(kind.nameOf(value)), value]))
  const next = new Map<T, T>(before.map((value) => [value, value]))
  const added: T[] = []
  const changes: PlannedChange[] = []
  const named = new Set<T>()
  for (const document of given) {
    const what = { kind: document.kind, name: document.name, source: document.source }
    const old = byName.get(fold(document.name))
    const value = said(document, () => {
      if (old && before.filter((one) => sameName(kind, one, old)).length > 1)
        throw new Failure('policy.invalid', `several are called ${JSON.stringify(document.name)}`)
      return kind.read(document.document, old, around)
    })
    if (old === undefined) {
      added.push(value)
      changes.push({ ...what, action: 'create', properties: [] })
      continue
    }
    named.add(old)
    const properties = kind.compare(old, value, around)
    if (properties.length === 0) continue
    next.set(old, value)
    changes.push({ ...what, action: 'change', properties })
  }
  const { kind: kindName } = given[0] as FolderDocument // there is one
  for (const value of before) {
    if (named.has(value)) continue
    const name = kind.nameOf(value)
    const action = prune ? 'delete' : 'unmanaged'
    changes.push({ kind: kindName, name, action, properties: [] })
    if (!prune) continue
    const why = kind.refuseDelete?.(value)
    if (why !== undefined)
      throw new Failure('policy.invalid', `${kindName} ${JSON.stringify(name)}: ${why}`)
    next.delete(value)
  }
  return { next: [...next.values(), ...added], changes }
}

/** Exports hold one policy in several folders; two different ones of one name are a mistake. */
function unique(documents: readonly FolderDocument[]): readonly FolderDocument[] {
  const byName = new Map<string, FolderDocument>()
  for (const one of documents) {
    const other = byName.get(fold(one.name))
    if (!other) byName.set(fold(one.name), one)
    else if (!isDeepStrictEqual(other.document, one.document))
      throw new Failure(
        'policy.invalid',
        `${one.source}: ${JSON.stringify(one.name)} is in ${other.source} too, and differs`,
      )
  }
  return [...byName.values()]
}

function said<T>({ source, name }: FolderDocument, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    const { code, detail } = asFailure(thrown)
    throw new Failure(code, `${source}: ${name ? `${name}: ` : ''}${detail}`, { cause: thrown })
  }
}

const sameName = <T>(kind: Kind<T>, one: T, other: T): boolean =>
  fold(kind.nameOf(one)) === fold(kind.nameOf(other))

const fold = (name: string): string => name.toLowerCase()
