/** Lets a few pieces of work run at a time; the others wait in order. */
export interface Turns {
  run<T>(work: () => Promise<T>): Promise<T>
}

/** At most `most` at once. */
export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async run(work) {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        return await work()
      } finally {
        // The place goes on to the next in line without being free in between, so nobody can slip in.
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
