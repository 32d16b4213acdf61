import type { SignIn, Target } from '../sign-in.ts'
import { clientStates } from './clients.ts'
import { Kept } from './kept.ts'
import { askRow, type Material, nobody, sideOf } from './material.ts'
import { Numbers } from './numbers.ts'
import { Rows } from './rows.ts'
import type { Row } from './side.ts'

/** A target reached by a client: the policies whose conditions on both are met. */
export interface Scenes {
  readonly rows: Rows
  /** The number of a row. */
  of(signIn: SignIn, client: number): number
  /** The words of a row that are not zero. */
  wordsOf(row: number): Uint16Array
}

export function createScenes(material: Material): Scenes {
  const { places } = material
  const targets = sideOf(material, 'target')
  const clients = sideOf(material, 'client')
  const clientRows: (Row | undefined)[] = []
  const rows = new Rows(targets.width)
  let words: Uint16Array[] = []
  const kept = new Kept<string, Numbers>(() => {
    rows.clear()
    words = []
  })
  const makeScene = (name: string, target: Target, client: number): number => {
    const clientRow = (clientRows[client] ??= askRow(
      clients,
      { ...nobody, ...clientStates[client] },
      places,
    ))
    const row = askRow(targets, { ...nobody, target }, places).map(
      (bits, word) => bits & (clientRow[word] ?? 0),
    )
    kept.grow(2 * row.length)
    const scenes = kept.get(name) ?? kept.put(name, clientStates.length, () => new Numbers())
    const number = rows.add(row)
    words[number] = Uint16Array.from([...row.keys()].filter((word) => row[word] !== 0))
    scenes.set(client, number)
    return number
  }
  return {
    rows,
    of({ target }, client) {
      const name = nameOf(target)
      const known = kept.get(name)?.at(client) ?? -1
      return known < 0 ? makeScene(name, target, client) : known
    },
    wordsOf: (row) => words[row] ?? none,
  }
}

const none = new Uint16Array()

function nameOf(target: Target): string {
  if (target.kind !== 'application') return `${target.kind} ${target.id}`
  const [only = ''] = target.ids
  // No application id has a space.
  return target.ids.length < 2 ? only : target.ids.join(' ')
}
