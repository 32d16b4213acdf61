import type { Formula } from '../../logic/formula.ts'
import { type Atom, keyOf } from '../atom.ts'
import type { Prepared } from '../evaluate.ts'
import type { Places } from '../places.ts'
import type { SignIn } from '../sign-in.ts'
import { clientStates, numberOfClient } from './clients.ts'
import { createDevices, type Devices } from './devices.ts'
import { createIdentities, type Identities } from './identities.ts'
import type { Regular } from './regular.ts'
import { createScenes, type Scenes } from './scenes.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSpots, type Spots } from './spots.ts'

/**
 * Policies, side by side; each side says by a row which of them have their condition on it met. More can be added, and none is
 * ever taken out: a set of policies is some of those that are in its tables.
 */
export interface Tables {
  readonly scenes: Scenes
  readonly identities: Identities
  readonly spots: Spots
  readonly devices: Devices
  readonly sessions: Sessions
  /** By number. */
  readonly policies: readonly Regular[]
  /** Words of a row. */
  readonly width: number
  /** `undefined` for one that was not added. */
  numberOf(policy: Prepared): number | undefined
  /** False, and nothing is added, where there is no room for all. */
  add(policies: readonly Regular[]): boolean
  /** Writes where a sign-in stands: five numbers of rows, in the order above, from this place on. */
  find(signIn: SignIn, standing: Int32Array, from: number): void
}

/** Numbers that tell where a sign-in stands. */
export const numbersOfStanding = 5

/** Tables that fill themselves from the policies' own formulas, at the first question of a kind. */
export function createTables(first: readonly Regular[], places: Places): Tables {
  const width = widthFor(first.length)
  const material = { places, width }
  const scenes = createScenes(material)
  const identities = createIdentities(material)
  const spots = createSpots(material)
  const devices = createDevices(material)
  const sessions = createSessions(material)
  const clients = clientStates.length
  const policies: Regular[] = []
  const numbers = new Map<Prepared, number>()
  const add: Tables['add'] = (more) => {
    if (policies.length + more.length > width * 32) return false
    for (const regular of more) {
      const policy = policies.push(regular) - 1
      numbers.set(regular.prepared, policy)
      scenes.add(policy, regular.parts)
      identities.add({ policy, formula: regular.parts.identity })
      spots.add({ policy, formula: regular.parts.place })
      devices.add({ policy, formula: regular.parts.device })
      sessions.add(policy, regular)
    }
    return true
  }
  add(neighbours(first))
  return {
    scenes,
    identities,
    spots,
    devices,
    sessions,
    policies,
    width,
    numberOf: (policy) => numbers.get(policy),
    add,
    find(signIn, standing, from) {
      const client = numberOfClient(signIn)
      const device = devices.of(signIn.device)
      standing[from] = scenes.of(signIn, client)
      standing[from + 1] = identities.of(signIn.identity, client)
      standing[from + 2] = spots.of(signIn)
      standing[from + 3] = device
      standing[from + 4] = sessions.of(signIn, devices.demandOf(device) * clients + client)
    },
  }
}

/**
 * Policies for the same applications and clients one after the other, so that they share words and the others' words are not
 * looked at.
 */
function neighbours(policies: readonly Regular[]): readonly Regular[] {
  const named = policies.map((one) => ({
    one,
    name: `${textOf(one.parts.target)} ${textOf(one.parts.client)}`,
  }))
  return named
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ one }) => one)
}

/** Statements that begin alike are about the same. */
function textOf(formula: Formula<Atom>): string {
  switch (formula.op) {
    case 'always':
    case 'never':
      return formula.op
    case 'atom':
      return keyOf(formula.atom)
    case 'not':
      return `not ${textOf(formula.of)}`
    default:
      return `${formula.op} ${formula.of.map(textOf).sort().join(' ')}`
  }
}

/** With room for some edits, until all begins anew. */
const widthFor = (policies: number): number => Math.ceil((policies * 1.0625) / 32) + 1

/** Numbers of the policies of `asked` that apply to whoever stands there, ascending. */
export function applyingAt(
  standing: Int32Array,
  tables: Tables,
  asked: Int32Array,
): readonly number[] {
  const { scenes, identities, spots, devices, sessions } = tables
  const sides = [scenes, identities, spots, devices, sessions]
  const applying: number[] = []
  for (const word of scenes.wordsOf(standing[0] ?? 0)) {
    let bits = sides.reduce((left, { rows }, side) => {
      const row = standing[side] ?? 0
      return left & (rows.words[row * rows.width + word] ?? 0)
    }, asked[word] ?? 0)
    while (bits !== 0) {
      applying.push(word * 32 + 31 - Math.clz32(bits & -bits))
      bits &= bits - 1
    }
  }
  return applying
}
