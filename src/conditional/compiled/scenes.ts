import type { SignIn, Target } from '../sign-in.ts'
import { clientStates } from './clients.ts'
import { Kept } from './kept.ts'
import { askRow, type Material, nobody, sideOf } from './material.ts'
import type { Row } from './side.ts'

/** A target reached by a client. */
export interface Scene {
  readonly row: Row
  /** The words of `row` that are not zero. */
  readonly words: Uint16Array
}

/** The policies whose conditions on the target and on the client are met. */
export function createScenes(material: Material): (signIn: SignIn, client: number) => Scene {
  const { places } = material
  const targets = sideOf(material, 'target')
  const clients = sideOf(material, 'client')
  const clientRows: (Row | undefined)[] = []
  const kept = new Kept<string, (Scene | undefined)[]>()
  const makeScene = (scenes: (Scene | undefined)[], target: Target, client: number): Scene => {
    const clientRow = (clientRows[client] ??= askRow(
      clients,
      { ...nobody, ...clientStates[client] },
      places,
    ))
    const row = askRow(targets, { ...nobody, target }, places)
    for (const [word, bits] of clientRow.entries()) row[word] = (row[word] ?? 0) & bits
    const words = Uint16Array.from([...row.keys()].filter((word) => row[word] !== 0))
    const scene = { row, words }
    scenes[client] = scene
    kept.grow(2 * row.length)
    return scene
  }
  return ({ target }, client) => {
    const name = nameOf(target)
    const scenes = kept.get(name) ?? kept.put(name, [], 0)
    return scenes[client] ?? makeScene(scenes, target, client)
  }
}

function nameOf(target: Target): string {
  if (target.kind !== 'application') return `${target.kind} ${target.id}`
  const [only = ''] = target.ids
  // No application id has a space.
  return target.ids.length < 2 ? only : target.ids.join(' ')
}

/** The policies whose condition on the place is met. */
export function createPlaceRows(material: Material): (signIn: SignIn) => Row {
  const { places } = material
  const side = sideOf(material, 'place')
  const anywhere = side.atoms.length === 0 ? askRow(side, nobody, places) : undefined
  const kept = new Kept<number, Row>()
  return (signIn) => {
    if (anywhere) return anywhere
    const spot = places.spotOf(signIn)
    const known = kept.get(spot)
    if (known) return known
    const row = askRow(side, signIn, places)
    return kept.put(spot, row, row.length)
  }
}
