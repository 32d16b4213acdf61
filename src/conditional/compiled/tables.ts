import type { SignIn } from '../sign-in.ts'
import { clientStates, numberOfClient } from './clients.ts'
import { createDevices, type Devices } from './devices.ts'
import { createIdentities, type Identities } from './identities.ts'
import type { Material } from './material.ts'
import { createScenes, type Scenes } from './scenes.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSpots, type Spots } from './spots.ts'

/** All policies, side by side; each side says by a row which of them have their condition on it met. */
export interface Tables {
  readonly scenes: Scenes
  readonly identities: Identities
  readonly spots: Spots
  readonly devices: Devices
  readonly sessions: Sessions
  /** Writes where a sign-in stands: five numbers of rows, in the order above, from this place on. */
  find(signIn: SignIn, standing: Int32Array, from: number): void
}

/** Numbers that tell where a sign-in stands. */
export const numbersOfStanding = 5

/** Tables that fill themselves from the policies' own formulas, at the first question of a kind. */
export function createTables(material: Material): Tables {
  const scenes = createScenes(material)
  const identities = createIdentities(material)
  const spots = createSpots(material)
  const devices = createDevices(material)
  const sessions = createSessions(material)
  const clients = clientStates.length
  return {
    scenes,
    identities,
    spots,
    devices,
    sessions,
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

/** Numbers of the policies that apply to whoever stands there, ascending. */
export function applyingAt(standing: Int32Array, tables: Tables): readonly number[] {
  const { scenes, identities, spots, devices, sessions } = tables
  const sides = [scenes, identities, spots, devices, sessions]
  const applying: number[] = []
  for (const word of scenes.wordsOf(standing[0] ?? 0)) {
    let bits = sides.reduce((left, { rows }, side) => {
      const row = standing[side] ?? 0
      return left & (rows.words[row * rows.width + word] ?? 0)
    }, -1)
    while (bits !== 0) {
      applying.push(word * 32 + 31 - Math.clz32(bits & -bits))
      bits &= bits - 1
    }
  }
  return applying
}
