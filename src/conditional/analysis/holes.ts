import { limits } from '../../base/limits.ts'
import { and, atom, type Formula, not } from '../../logic/formula.ts'
import type { Literal } from '../../logic/solver.ts'
import { type Atom, keyOf } from '../atom.ts'
import { type ClientAppType, clientAppTypes, type DevicePlatform, platforms } from '../policy.ts'
import { ofKind } from './dimension.ts'
import type { Inquiry } from './inquiry.ts'
import { ofUsers, type UserClass, type Who } from './people.ts'
import type { Example } from './world.ts'

/** A client on a platform; `unknown` is one that cannot be told. */
export interface Cell {
  readonly client: ClientAppType
  readonly platform: DevicePlatform | 'unknown'
}

/** A way in through one cell. */
export interface Way extends Cell {
  /** All that is true of the sign-in; nothing can be left out, and no sign-in of the same kind needs less. */
  readonly example: Example
}

/** Ways in that differ in client and platform only. */
export interface Hole {
  readonly who: readonly Who[]
  /** What must be true besides: locations, groups, satisfied controls, properties of the device. */
  readonly given: Example
  readonly ways: readonly Way[]
}

/** All ways in. What could not be decided counts as open. */
export interface Holes {
  readonly holes: readonly Hole[]
  /** What only exceptions open: meant, one may hope. */
  readonly exceptions: readonly Hole[]
  readonly undecided: readonly (Cell & { readonly who: Who })[]
}

const cells: readonly (Cell & { readonly is: Formula<Atom> })[] = clientAppTypes.flatMap((type) =>
  ([...platforms, 'unknown'] as const).map((platform) => ({
    client: type,
    platform,
    is: and(
      atom<Atom>({ kind: 'client', type }),
      platform === 'unknown'
        ? and(...platforms.map((one) => not(atom<Atom>({ kind: 'platform', platform: one }))))
        : atom<Atom>({ kind: 'platform', platform }),
    ),
  })),
)

/** Each cell with the literal that demands it. */
export function cellsIn(inquiry: Inquiry): (Cell & { readonly demanded: Literal })[] {
  return cells.map(({ client, platform, is }) => ({
    client,
    platform,
    demanded: inquiry.claim(is),
  }))
}

/** Every way in for each class of users; `asked`: that the sign-in is granted, and what else makes it a hole. */
export function findHoles(
  inquiry: Inquiry,
  asked: readonly Literal[],
  classes: readonly UserClass[],
): Holes {
  const holes: Hole[] = []
  const exceptions: Hole[] = []
  const undecided: (Cell & { who: Who })[] = []
  const isOpen = remembered(
    (who: Formula<Atom>, cell: Literal) =>
      inquiry.ask([...asked, inquiry.claim(who), cell]) !== 'unsatisfiable',
  )
  for (const { who, is, usually, exceptionsOnly } of classes) {
    const ways: Way[] = []
    const excused: Way[] = []
    for (const { client, platform, demanded } of cellsIn(inquiry)) {
      const isUsual = !usually || usually.some((other) => isOpen(other, demanded))
      if (isUsual && exceptionsOnly) continue
      const found = waysThrough(inquiry, [...asked, inquiry.claim(is), demanded])
      if (found === 'gaveUp') undecided.push({ client, platform, who })
      else
        for (const example of found) (isUsual ? ways : excused).push({ client, platform, example })
    }
    holes.push(...grouped(who, ways))
    exceptions.push(...grouped(who, excused))
  }
  return { holes: merged(holes), exceptions: merged(exceptions), undecided }
}

function remembered(
  answer: (who: Formula<Atom>, cell: Literal) => boolean,
): (who: Formula<Atom>, cell: Literal) => boolean {
  const known = new Map<Formula<Atom>, Map<Literal, boolean>>()
  return (who, cell) => {
    const of = known.get(who) ?? new Map<Literal, boolean>()
    known.set(who, of)
    const is = of.get(cell) ?? answer(who, cell)
    of.set(cell, is)
    return is
  }
}

/** The shortest way in, then the shortest for other users or from elsewhere, and so on. */
function waysThrough(inquiry: Inquiry, asked: readonly Literal[]): Example[] | 'gaveUp' {
  const found: Example[] = []
  const others: Literal[] = []
  while (found.length < limits.waysThroughCell.value) {
    const example = inquiry.example([...asked, ...others])
    if (example === 'gaveUp') return found.length > 0 ? found : 'gaveUp'
    if (example === 'unsatisfiable') break
    found.push(example)
    const chosen = [...ofUsers(example), ...ofKind(example, 'location', 'trusted')]
    if (chosen.length === 0) break
    others.push(inquiry.claim(not(and(...chosen.map((one) => atom<Atom>(one))))))
  }
  return found
}

/** What a sign-in to mail always has is not told. */
const untold = new Set(['person', 'application', 'app', 'client', 'platform'])

function grouped(who: Who, ways: readonly Way[]): Hole[] {
  const told = ({ example }: Way) =>
    example.filter((one) => !untold.has(one.kind) && !isOwn(who, one))
  return [...Map.groupBy(ways, (way) => told(way).map(keyOf).join('\n')).values()].flatMap(
    (alike) => {
      const [first] = alike
      return first ? [{ who: [who], given: told(first), ways: alike }] : []
    },
  )
}

/** What the class of users says already. */
function isOwn(who: Who, one: Atom): boolean {
  if (who.kind === 'people') return ofUsers([one]).length > 0
  if (who.kind === 'guest') return one.kind === 'guest'
  return who.kind === 'exception' && keyOf(who.atom) === keyOf(one)
}

/** Holes of several classes that are alike otherwise are told once. */
function merged(holes: readonly Hole[]): Hole[] {
  const alike = Map.groupBy(holes, ({ who, given, ways }) =>
    [
      who[0]?.kind,
      ...given.map(keyOf),
      ...ways.map(({ client, platform }) => `${client} ${platform}`),
    ].join('\n'),
  )
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    return first ? [{ ...first, who: group.flatMap(({ who }) => who) }] : []
  })
}
