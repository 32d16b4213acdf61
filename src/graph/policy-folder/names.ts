import { Failure } from '../../base/failures.ts'
import type { Collection } from '../../collections/collection.ts'
import type { Everybody } from '../../directory/directory.ts'

/**
 * Who or what a policy refers to, by name in a folder and by id on the server; `target`: a group, or a collection as
 * `collection: NAME`.
 */
export type Referred = 'group' | 'target' | 'user' | 'location'

/** Names and ids of one kind of thing, both ways. */
export interface Names {
  /** The id of this name, or the id itself. Throws `policy.invalid`. */
  id(kind: Referred, name: string): string
  /** The name of this id; an id of nothing that is here stays. */
  name(kind: Referred, id: string): string
}

interface Named {
  readonly id: string
  /** The first is the one to be written. */
  readonly names: readonly string[]
}

// Graph's words for many, and its id of the trusted addresses of an older page.
const words = {
  group: /^$/,
  target: /^$/,
  user: /^(all|none|guestsorexternalusers|allagentidusers)$/i,
  location: /^(all|alltrusted|00000000-0000-0000-0000-000000000000)$/i,
}

/** Names of the directory, and of locations. Where two have one name, only their ids will do. */
export function createNames(
  { users, groups }: Everybody,
  collections: readonly Collection[],
  locations: readonly { readonly id: string; readonly displayName?: string | null | undefined }[],
): Names {
  const named = groups.map(({ id, name }) => ({ id, names: [name] }))
  const kinds: Readonly<Record<Referred, Lookup>> = {
    group: createLookup(named),
    // Where a group has the name of a collection, the name alone is the group's.
    target: createLookup([
      ...named,
      ...collections.map(({ id, name }) => ({ id, names: [`collection: ${name}`, name] })),
    ]),
    user: createLookup(users.map(({ id, name, mail }) => ({ id, names: [name, mail] }))),
    location: createLookup(
      locations.map(({ id, displayName }) => ({ id, names: [displayName ?? id] })),
    ),
  }
  return {
    id(kind, name) {
      if (words[kind].test(name)) return name
      const { byId, byName } = kinds[kind]
      const found = byId.get(fold(name))?.id ?? byName.get(fold(name))
      if (found) return found
      const how =
        found === several
          ? `more than one ${kind} is`
          : `no ${kind === 'target' ? 'group or collection' : kind} is`
      throw new Failure('policy.invalid', `${how} named ${JSON.stringify(name)}`)
    },
    name: (kind, id) => kinds[kind].byId.get(fold(id))?.names[0] ?? id,
  }
}

interface Lookup {
  readonly byId: ReadonlyMap<string, Named>
  /** `several` where more than one has the name. */
  readonly byName: ReadonlyMap<string, string>
}

const several = ''

function createLookup(all: readonly Named[]): Lookup {
  const byName = new Map<string, string>()
  // What is written comes first: a mail address finds a user only where no other has it for a name.
  for (const place of [0, 1]) {
    const found = new Map<string, string>()
    for (const { id, names } of all) {
      const name = names[place] && fold(names[place])
      if (name !== undefined && !byName.has(name)) found.set(name, found.has(name) ? several : id)
    }
    for (const [name, id] of found) byName.set(name, id)
  }
  return { byId: new Map(all.map((one) => [fold(one.id), one])), byName }
}

const fold = (name: string): string => name.toLowerCase()
