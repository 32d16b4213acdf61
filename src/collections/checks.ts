import { z } from 'zod'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Collection, CollectionId } from './collection.ts'
import { ruleOf } from './membership.ts'

const ids = (prefix: string, what: string) =>
  z
    .array(z.string().regex(new RegExp(`^${prefix}_`), `is no ${what}`))
    .max(limits.collectionMembers.value)

const collectionIds = ids('col', 'collection id').max(limits.policyListItems.value)

const shape = z.object({
  name: z.string().trim().min(1).max(256),
  description: z.string().max(1024).optional(),
  kind: z.enum(['user', 'device']),
  direct: ids('(usr|dev)', 'user or device id'),
  rule: z.string().max(limits.filterChars.value).optional(),
  include: collectionIds,
  exclude: collectionIds,
  limiting: z.string().regex(/^col_/, 'is no collection id').optional(),
})

/**
 * Throws `collection.invalid`, naming the collection and the property: a name twice, a member of the other kind, a
 * collection that is not there or of the wrong kind, a cycle; `filter.invalid` for a rule.
 */
export function checkCollections(collections: readonly Collection[]): void {
  if (collections.length > limits.collections.value)
    throw new Failure('limit.exceeded', `more than ${limits.collections.value} collections`)
  const byId = new Map(collections.map((one) => [one.id, one]))
  const names = new Set<string>()
  for (const one of collections) {
    const called = JSON.stringify(one.name)
    const refuse = (why: string): never => {
      throw new Failure('collection.invalid', `collection ${called}: ${why}`)
    }
    const parsed = shape.safeParse(one)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      refuse(`${issue?.path.join('.')}: ${issue?.message}`)
    }
    if (names.has(one.name.toLowerCase())) refuse('there is another one of this name')
    names.add(one.name.toLowerCase())
    const prefix = one.kind === 'user' ? 'usr_' : 'dev_'
    const stranger = one.direct.find((id) => !id.startsWith(prefix))
    if (stranger !== undefined) refuse(`${stranger} is no ${one.kind}`)
    for (const id of linksOf(one)) {
      const other = byId.get(id)
      if (!other) refuse(`no collection has the id ${id}`)
      if (one.kind === 'user' && other?.kind === 'device')
        refuse(`${JSON.stringify(other.name)} holds devices`)
    }
    checkRule(one)
  }
  refuseCycle(collections, byId)
}

function checkRule(one: Collection): void {
  try {
    ruleOf(one)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    const where = `collection ${JSON.stringify(one.name)}: ${thrown.detail}`
    throw new Failure(thrown.code, where, { cause: thrown })
  }
}

/** All collections that this one speaks of. */
export const linksOf = ({ include, exclude, limiting }: Collection): readonly CollectionId[] => [
  ...include,
  ...exclude,
  ...(limiting === undefined ? [] : [limiting]),
]

function refuseCycle(
  collections: readonly Collection[],
  byId: ReadonlyMap<CollectionId, Collection>,
): void {
  const done = new Set<CollectionId>()
  const open = new Set<CollectionId>()
  const visit = (one: Collection): void => {
    if (done.has(one.id)) return
    if (open.has(one.id))
      throw new Failure(
        'collection.invalid',
        `collection ${JSON.stringify(one.name)}: it would be made of itself`,
      )
    open.add(one.id)
    for (const id of linksOf(one)) {
      const next = byId.get(id)
      if (next) visit(next)
    }
    open.delete(one.id)
    done.add(one.id)
  }
  for (const one of collections) visit(one)
}
