/** What the closure needs of a group. */
interface Membership<G extends string, M extends string> {
  readonly id: G
  readonly members: readonly (M | G)[]
}

/** A matrix of bits: row `i` has bit `j` when group `i` lies in group `j`. */
interface Bits {
  readonly words: number
  readonly rows: Uint32Array
}

/**
 * All groups of each member, nested ones included; members of no group are absent. Harmless on cycles: the groups of a
 * cycle lie in each other. Warshall's closure over rows of bits: for 500 groups some milliseconds, however they nest.
 * Members with the same direct groups get the same set object, so 10,000 users cost a few hundred sets.
 */
export function closeGroups<G extends string, M extends string>(
  groups: readonly Membership<G, M>[],
): ReadonlyMap<M | G, ReadonlySet<G>> {
  const numbers = new Map<string, number>(groups.map(({ id }, number) => [id, number]))
  const bits = closeBits(groups, numbers)
  const direct = new Map<M | G, number[]>()
  groups.forEach(({ members }, number) => {
    for (const member of new Set(members)) {
      const known = direct.get(member)
      if (known) known.push(number)
      else direct.set(member, [number])
    }
  })
  const sets = new Map<string, ReadonlySet<G>>()
  const closed = new Map<M | G, ReadonlySet<G>>()
  for (const [member, own] of direct) {
    const key = own.join()
    let set = sets.get(key)
    if (!set) {
      set = new Set(own.flatMap((number) => groupsAt(groups, bits, number)))
      sets.set(key, set)
    }
    closed.set(member, set)
  }
  return closed
}

/** Whether `group` would, by also holding `added`, come to lie in itself. */
export function wouldCycle<G extends string, M extends string>(
  groups: readonly Membership<G, M>[],
  group: G,
  added: readonly (M | G)[],
): boolean {
  // It would if it is added itself, or if it lies, however deep, in one of the added.
  const around = closeGroups(groups).get(group)
  return added.some((one) => one === group || around?.has(one as G)) // a user's id is in no set of groups
}

/** Everyone who lies in these, however deep; those who are no group themselves. `everyone` for more than `most`. */
export function lyingIn<G extends string, M extends string>(
  groups: readonly Membership<G, M>[],
  members: Iterable<M | G>,
  most: number,
): readonly M[] | 'everyone' {
  const byId = new Map<M | G, Membership<G, M>>(groups.map((group) => [group.id, group]))
  const seen = new Set<M | G>(members)
  const found: M[] = []
  for (const one of seen) {
    const group = byId.get(one)
    if (group) for (const member of group.members) seen.add(member)
    else if (found.push(one as M) > most) return 'everyone' // no group, so a member
  }
  return found
}

function closeBits(
  groups: readonly Membership<string, string>[],
  numbers: ReadonlyMap<string, number>,
): Bits {
  const words = (groups.length + 31) >>> 5
  const rows = new Uint32Array(words * groups.length)
  const set = (row: number, bit: number) => {
    const at = row * words + (bit >>> 5)
    rows[at] = (rows[at] ?? 0) | (1 << (bit & 31))
  }
  groups.forEach(({ members }, holder) => {
    set(holder, holder)
    for (const member of members) {
      const number = numbers.get(member)
      if (number !== undefined) set(number, holder)
    }
  })
  for (let middle = 0; middle < groups.length; middle++) {
    for (let row = 0; row < groups.length; row++) {
      if (row === middle || !has(rows, words, row, middle)) continue
      for (let word = 0; word < words; word++) {
        const at = row * words + word
        rows[at] = (rows[at] ?? 0) | (rows[middle * words + word] ?? 0)
      }
    }
  }
  return { words, rows }
}

function has(rows: Uint32Array, words: number, row: number, bit: number): boolean {
  return (((rows[row * words + (bit >>> 5)] ?? 0) >>> (bit & 31)) & 1) === 1
}

function groupsAt<G extends string>(
  groups: readonly Membership<G, string>[],
  { words, rows }: Bits,
  row: number,
): G[] {
  return groups.flatMap(({ id }, bit) => (has(rows, words, row, bit) ? [id] : []))
}
