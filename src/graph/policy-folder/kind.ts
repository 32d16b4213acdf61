import type { Collection } from '../../collections/collection.ts'
import type { Everybody } from '../../directory/directory.ts'
import type { AuthenticationStrength } from '../../conditional/policy.ts'
import type { PropertyChange } from './difference.ts'
import type { Names } from './names.ts'

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>

/** What documents refer to, and what new things get. */
export interface Surroundings {
  readonly everybody: Everybody
  readonly collections: readonly Collection[]
  /** Locations among them: those that there will be. */
  readonly names: Names
  readonly strengths: readonly AuthenticationStrength[]
  /** In ISO 8601. */
  readonly now: string
  freshId(prefix: string): string
}

/** How one kind of policy is read from documents, written, and compared. */
export interface Kind<T> {
  /** The name of a thing; '' where a site has one of the kind. */
  nameOf(value: T): string
  /** What a file holds of it: names in the place of ids, and nothing that is only so on this server. */
  write(value: T, around: Surroundings): Json
  /** In the place of `old`, where there is one of the name. Throws `policy.invalid`. */
  read(document: Json, old: T | undefined, around: Surroundings): T
  compare(before: T, after: T, around: Surroundings): readonly PropertyChange[]
  /** Why this one may not be deleted. */
  readonly refuseDelete?: (value: T) => string | undefined
}
