import { limits } from '../base/limits.ts'

/** A question about a text, whatever its case. */
export interface TextTest {
  readonly op: 'is' | 'startsWith' | 'endsWith' | 'contains'
  readonly value: string
}

/**
 * Texts, in lower case and each as short as can be, such that every text answers all tests as one of them does; `gaveUp` where
 * too many would have to be begun. Each test is a small machine that reads a text letter by letter; the search walks all of
 * them in step.
 */
export function tellApart(tests: readonly TextTest[]): readonly string[] | 'gaveUp' {
  const machines = tests.map(({ op, value }) => machineOf(op, value.toLowerCase()))
  const letters = lettersOf(tests)
  const texts = new Map<string, string>()
  const start = machines.map(() => 0)
  const seen = new Set([start.join()])
  let edge: { states: number[]; text: string }[] = [{ states: start, text: '' }]
  while (edge.length > 0) {
    const next: typeof edge = []
    for (const { states, text } of edge) {
      const answers = machines.map((machine, n) => machine.accepts(states[n] ?? 0)).join()
      if (!texts.has(answers)) texts.set(answers, text)
      for (const letter of letters) {
        const after = machines.map((machine, n) => machine.read(states[n] ?? 0, letter))
        const name = after.join()
        if (seen.has(name)) continue
        if (seen.size >= limits.textsBegun.value) return 'gaveUp'
        seen.add(name)
        next.push({ states: after, text: text + letter })
      }
    }
    edge = next
  }
  return [...texts.values()]
}

/** The letters that any test speaks of, and one that none does. */
function lettersOf(tests: readonly TextTest[]): string[] {
  const spoken = new Set(tests.flatMap(({ value }) => [...value.toLowerCase()]))
  const other = [...'xyzqj0123456789'].find((letter) => !spoken.has(letter)) ?? '\u00b7'
  return [...spoken, other]
}

/** A state is how much of the value stands at the end of what was read; `lost` where nothing can help any more. */
interface Machine {
  read(state: number, letter: string): number
  accepts(state: number): boolean
}

const lost = -1

function machineOf(op: TextTest['op'], value: string): Machine {
  const word = [...value]
  const whole = word.length
  const accepts = (state: number) => state === whole
  /** The longest beginning of the value that what was read, then `letter`, ends with (Knuth, Morris and Pratt). */
  const follow = (state: number, letter: string): number => {
    const read = [...word.slice(0, state), letter]
    for (let length = Math.min(read.length, whole); length > 0; length--)
      if (word.slice(0, length).every((own, n) => own === read[read.length - length + n]))
        return length
    return 0
  }
  if (op === 'contains')
    return { accepts, read: (state, letter) => (state === whole ? whole : follow(state, letter)) }
  if (op === 'endsWith') return { accepts, read: follow }
  const after = op === 'startsWith' ? whole : lost
  return {
    accepts,
    read: (state, letter) => (state === whole ? after : word[state] === letter ? state + 1 : lost),
  }
}
