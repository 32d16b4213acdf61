import type { SignIn } from '../sign-in.ts'
import { clientStates, numberOfClient } from './clients.ts'
import { createDevices } from './devices.ts'
import { createIdentities } from './identities.ts'
import type { Material } from './material.ts'
import { createPlaceRows, createScenes, type Scene } from './scenes.ts'
import { createSessions, type Demands } from './sessions.ts'
import { widthOf } from './side.ts'

/** Which policies apply to a sign-in, and what those that do make of it. */
export interface Found {
  /** Words of `applying` that may have bits; the others hold what was found before. */
  words: Scene['words']
  readonly applying: Int32Array
  demands: Demands
}

/** Looks a sign-in up side by side. Fills the same value each time, so that a question leaves nothing behind. */
export function createLook(material: Material): (signIn: SignIn) => Found {
  const identityRow = createIdentities(material)
  const sceneOf = createScenes(material)
  const placeRow = createPlaceRows(material)
  const devices = createDevices(material)
  const sessions = createSessions(material)
  const clients = clientStates.length
  const applying = new Int32Array(widthOf(material.policies.length))
  const none: Demands = { unmet: applying, hard: applying, timed: applying, judged: [] }
  const found: Found = { words: new Uint16Array(), applying, demands: none }
  return (signIn) => {
    const client = numberOfClient(signIn)
    const scene = sceneOf(signIn, client)
    const identity = identityRow(signIn.identity, client)
    const place = placeRow(signIn)
    const device = devices.of(signIn.device)
    const session = sessions.of(signIn)
    const kind = device.demand * clients + client
    found.demands = session.demands[kind] ?? sessions.demandsOf(session, kind, signIn)
    found.words = scene.words
    for (let n = 0; n < scene.words.length; n++) {
      const word = scene.words[n] ?? 0
      applying[word] =
        (scene.row[word] ?? 0) &
        (identity[word] ?? 0) &
        (place[word] ?? 0) &
        (device.row[word] ?? 0) &
        (session.row[word] ?? 0)
    }
    return found
  }
}
