import type { Instant } from '../base/clock.ts'
import { and, atom, not } from '../logic/formula.ts'
import { assumeLocations } from './analysis/assumed.ts'
import { type Change, findChanges } from './analysis/changes.ts'
import { type Counted, type Counting, countedAs } from './analysis/counted.ts'
import { findHoles, type Hole, type Holes } from './analysis/holes.ts'
import { noneOf, openInquiry } from './analysis/inquiry.ts'
import { classesOf, classesOfPeople, exceptionsAmong, type Person } from './analysis/people.ts'
import { findSessionChanges, type SessionChange } from './analysis/sessions.ts'
import { findSurplus, type Surplus } from './analysis/surplus.ts'
import { evaluatorsOf, pairUp } from './analysis/two-sets.ts'
import { type Disagreement, Trial, type Witness } from './analysis/witness.ts'
import { createWorld } from './analysis/world.ts'
import type { Atom } from './atom.ts'
import { createEvaluator, type PolicySet } from './conditional.ts'
import type { Prepared } from './evaluate.ts'
import { exchangeOnline } from './policy.ts'

/** How sets of policies are looked at. */
export interface Viewpoint {
  /** Which policies count as enabled. */
  readonly counting: Counting
  readonly now: Instant
}

/** Users whom holes shall name, and which groups contain which, near and far; ids in lower case. */
export interface Directory {
  readonly people: readonly Person[]
  readonly groupsAbove: ReadonlyMap<string, readonly string[]>
}

/** Ways in that were tried: each as a sign-in that decides as the analysis says. */
export type Tried<T> = Omit<T, 'ways'> & { readonly ways: readonly Witness[] }

/** A policy that counts, and its place in the set that was given. */
export interface CountedPolicy {
  readonly prepared: Prepared
  readonly place: number
}

/** What is to be said of a set of policies. */
export interface Analysis {
  /** The policies that count: all that is told of policies by number is their place here. */
  readonly policies: readonly CountedPolicy[]
  /** Locations that policies name and the set does not bring along: assumed to be somewhere. */
  readonly assumed: readonly string[]
  /** Ways to mail without a compliant or hybrid joined device. */
  readonly holes: readonly Tried<Hole>[]
  /** Those that only exceptions open: meant, one may hope. */
  readonly exceptions: readonly Tried<Hole>[]
  /** Where the solver gave up; to be taken for open. */
  readonly undecided: Holes['undecided']
  readonly surplus: readonly Surplus[]
  /** Ways in that deciding does not confirm: faults of the analysis. */
  readonly disagreements: readonly Disagreement[]
}

const mail = atom<Atom>({ kind: 'app', id: exchangeOnline })
const unknownDevice = and(
  not(atom<Atom>({ kind: 'compliant' })),
  not(atom<Atom>({ kind: 'hybridJoined' })),
)

/** Finds every way to mail without a device that we know, and every policy that changes nothing. */
export function analyse(set: PolicySet, view: Viewpoint, directory?: Directory): Analysis {
  const counted = countedAs(set, view.counting)
  const { set: whole, locations, assumed } = assumeLocations(counted.set)
  const evaluator = createEvaluator(whole)
  const { prepared, known } = evaluator
  const world = createWorld(formulasOf(prepared), {
    places: known.places,
    locations,
    ...(directory && { groupsAbove: directory.groupsAbove }),
  })
  const inquiry = openInquiry(world)
  const claims = prepared.map((one) => inquiry.claimsOf(one))
  const excepted = exceptionsAmong(prepared)
  const { holes, exceptions, undecided } = findHoles(
    inquiry,
    [...claims.map(({ passes }) => passes), inquiry.claim(and(mail, unknownDevice))],
    directory
      ? classesOfPeople(directory.people, world.atoms, excepted)
      : classesOf(world.atoms, excepted),
  )
  const trial = new Trial(world, view.now)
  const people = new Map(directory?.people.map(({ name, identity }) => [name, identity]))
  const tried = (hole: Hole): Tried<Hole> => {
    const [who] = hole.who
    const as = who?.kind === 'people' ? people.get(who.names[0] ?? '') : undefined
    return { ...hole, ways: trial.try(hole.ways, [{ evaluator, expected: 'grant' }], as) }
  }
  return {
    policies: placed(prepared, counted),
    assumed,
    holes: holes.map(tried),
    exceptions: exceptions.map(tried),
    undecided,
    surplus: findSurplus(inquiry, claims),
    disagreements: trial.disagreements,
  }
}

/** How two sets of policies differ: not in what they say, but in whom they let in. */
export interface Difference {
  readonly first: readonly CountedPolicy[]
  readonly second: readonly CountedPolicy[]
  readonly assumed: readonly string[]
  /** Granted by the second set; refused by these policies of the first. */
  readonly opened: readonly Tried<Change>[]
  /** Granted by the first set; refused by these policies of the second. */
  readonly closed: readonly Tried<Change>[]
  /** Session controls that the second set adds or removes where both grant. */
  readonly sessions: readonly SessionChange[]
  /** The solver gave up: the sets must be taken for different. */
  readonly undecided: boolean
  readonly disagreements: readonly Disagreement[]
}

/** Finds sign-ins, to mail first, that one set grants and the other refuses. */
export function compare(one: PolicySet, other: PolicySet, view: Viewpoint): Difference {
  const [a, b] = [countedAs(one, view.counting), countedAs(other, view.counting)]
  const first = assumeLocations(a.set, b.set)
  const second = assumeLocations(b.set, a.set)
  const evaluators = evaluatorsOf(first, second)
  const pair = pairUp(first, second, evaluators)
  const world = createWorld(formulasOf([...evaluators[0].prepared, ...pair.second]), pair)
  const inquiry = openInquiry(world)
  const claims = [
    evaluators[0].prepared.map((each) => inquiry.claimsOf(each)),
    pair.second.map((each) => inquiry.claimsOf(each)),
  ] as const
  const trial = new Trial(world, view.now)
  // What an exception is let off is of less interest than what everybody is.
  const excepted = exceptionsAmong([...evaluators[0].prepared, ...evaluators[1].prepared])
  const targets = [and(mail, noneOf(excepted)), mail, not(mail)].map((one) => [inquiry.claim(one)])
  const between = (granting: 0 | 1, refusing: 0 | 1) => {
    const found = findChanges(inquiry, targets, claims[granting], claims[refusing])
    if (found === 'gaveUp') return found
    return found.map((change) => ({
      ...change,
      ways: trial.try(change.ways, [
        { evaluator: evaluators[granting], expected: 'grant' },
        { evaluator: evaluators[refusing], expected: 'refuse' },
      ]),
    }))
  }
  const opened = between(1, 0)
  const closed = between(0, 1)
  const sessions = findSessionChanges(inquiry, ...claims)
  return {
    first: placed(evaluators[0].prepared, a),
    second: placed(evaluators[1].prepared, b),
    assumed: [...new Set([...first.assumed, ...second.assumed])],
    opened: opened === 'gaveUp' ? [] : opened,
    closed: closed === 'gaveUp' ? [] : closed,
    sessions: sessions === 'gaveUp' ? [] : sessions,
    undecided: opened === 'gaveUp' || closed === 'gaveUp' || sessions === 'gaveUp',
    disagreements: trial.disagreements,
  }
}

/** Condition by condition: of a policy that can never apply, no more than that would be left of all together. */
const formulasOf = (prepared: readonly Prepared[]) =>
  prepared.flatMap(({ parts, grant }) => [...parts.map(({ formula }) => formula), grant.formula])

const placed = (prepared: readonly Prepared[], { places }: Counted): CountedPolicy[] =>
  prepared.map((one, at) => ({ prepared: one, place: places[at] ?? -1 }))
