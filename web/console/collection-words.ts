import type { CollectionRow } from '../../src/graph/collections-contract.ts'
import { counted } from './words.ts'

/** Leads to the page of a collection. */
export const collectionLink = (id: string): string =>
  `/console/?${new URLSearchParams({ view: 'collections', collection: id })}`

export const kindName = ({ collectionType }: CollectionRow): string =>
  collectionType === 'user' ? 'Users' : 'Devices'

/** What makes somebody a member, part by part. */
export function partsOf(row: CollectionRow): readonly (readonly [name: string, value: string])[] {
  const { directMembers, rule, include, exclude, limiting } = row
  const parts: readonly (readonly [string, string])[] = [
    ['By name', directMembers.length > 0 ? counted(directMembers.length, 'member') : ''],
    ['Rule', rule ?? ''],
    ['Includes', include.join(', ')],
    ['Excludes', exclude.join(', ')],
    ['Only members of', limiting ?? ''],
  ]
  return parts.filter(([, value]) => value !== '')
}
