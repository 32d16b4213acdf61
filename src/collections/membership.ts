import { type Attributes, type Comparison, meets, readFilter } from '../logic/filter.ts'
import { type Formula, holds, never } from '../logic/formula.ts'
import type { Collection, CollectionId } from './collection.ts'
import { deviceVocabulary, userVocabulary } from './properties.ts'

/** A user or a device, as collections see it. */
export interface Subject {
  readonly kind: Collection['kind']
  readonly id: string
  readonly attributes: Attributes
}

/** Tells the collections that a user, or a device with its owner, is in. */
export type MembershipOf = (subject: Subject, owner?: Subject) => ReadonlySet<CollectionId>

/** The rule of a collection as a formula. Throws `filter.invalid`, naming the place. */
export function ruleOf({ kind, rule }: Pick<Collection, 'kind' | 'rule'>): Formula<Comparison> {
  if (rule === undefined || rule.trim() === '') return never
  return readFilter(rule, kind === 'user' ? userVocabulary : deviceVocabulary)
}

interface Ready {
  readonly collection: Collection
  readonly direct: ReadonlySet<string>
  readonly rule: Formula<Comparison>
}

/**
 * Makes collections ready to be asked. Membership is a function of one subject and its owner alone: nothing is kept of it,
 * so nothing can lag. The collections have been checked: no cycle, nothing unknown. Where they are not, whoever is asked
 * about is in none of what cannot be known.
 */
export function createMembership(collections: readonly Collection[]): MembershipOf {
  const ready = new Map<CollectionId, Ready>()
  for (const collection of collections) {
    const direct = new Set<string>(collection.direct)
    ready.set(collection.id, { collection, direct, rule: ruleOf(collection) })
  }
  return (subject, owner) => {
    const answers = new Map<CollectionId, boolean>()
    const isIn = (id: CollectionId): boolean => {
      const known = answers.get(id)
      if (known !== undefined) return known
      // Also the answer to a cycle, which a check has kept out.
      answers.set(id, false)
      const one = ready.get(id)
      const answer = one !== undefined && isMember(one, subject, owner, isIn)
      answers.set(id, answer)
      return answer
    }
    const all = new Set<CollectionId>()
    for (const id of ready.keys()) if (isIn(id)) all.add(id)
    return all
  }
}

function isMember(
  { collection, direct, rule }: Ready,
  subject: Subject,
  owner: Subject | undefined,
  isIn: (id: CollectionId) => boolean,
): boolean {
  const { kind, include, exclude, limiting } = collection
  const own = subject.kind === kind ? subject : owner?.kind === kind ? owner : undefined
  if (!own) return false
  if (limiting !== undefined && !isIn(limiting)) return false
  if (exclude.some(isIn)) return false
  return (
    direct.has(own.id) ||
    include.some(isIn) ||
    holds(rule, (comparison) => meets(comparison, own.attributes))
  )
}
