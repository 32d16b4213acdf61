import type { SignIn, Target } from '../sign-in.ts'
import { clientStates } from './clients.ts'
import { Kept } from './kept.ts'
import { askRow, type Material, nobody } from './material.ts'
import { Numbers } from './numbers.ts'
import type { Regular } from './regular.ts'
import { Rows } from './rows.ts'
import { createSide, type Row } from './side.ts'

/** A target reached by a client: the policies whose conditions on both are met. */
export interface Scenes {
  readonly rows: Rows
  add(policy: number, parts: Regular['parts']): void
  /** The number of a row. */
  of(signIn: SignIn, client: number): number
  /** The words of a row that are not zero. */
  wordsOf(row: number): Uint16Array
}

/** There are few: after another policy, all begin anew. */
export function createScenes({ places, width }: Material): Scenes {
  const targets = createSide(width)
  const clients = createSide(width)
  let clientRows: (Row | undefined)[] = []
  const rows = new Rows(width)
  let words: Uint16Array[] = []
  const kept = new Kept<string, Numbers>(() => {
    rows.clear()
    words = []
    clientRows = []
  })
  const makeScene = (name: string, target: Target, client: number): number => {
    kept.grow(2 * width)
    const clientRow = (clientRows[client] ??= askRow(
      clients,
      { ...nobody, ...clientStates[client] },
      places,
    ))
    const row = askRow(targets, { ...nobody, target }, places).map(
      (bits, word) => bits & (clientRow[word] ?? 0),
    )
    const scenes = kept.get(name) ?? kept.put(name, clientStates.length, () => new Numbers())
    const number = rows.add(row)
    words[number] = Uint16Array.from([...row.keys()].filter((word) => row[word] !== 0))
    scenes.set(client, number)
    return number
  }
  return {
    rows,
    add(policy, { target, client }) {
      targets.add(policy, target)
      clients.add(policy, client)
      kept.clear()
    },
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
