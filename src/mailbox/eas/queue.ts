/** Runs the work of one key in order, and that of different keys side by side. */
export interface Queue {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

/**
 * A client that sends two requests at once (a retry that overtakes its original) must not have both answered from the
 * same state: each waits for the one before it.
 */
export function createQueue(): Queue {
  const tails = new Map<string, Promise<void>>()
  return {
    async run(key, work) {
      const before = tails.get(key)
      const { promise, resolve } = Promise.withResolvers<void>()
      tails.set(key, promise)
      if (before) await before
      try {
        return await work()
      } finally {
        if (tails.get(key) === promise) tails.delete(key)
        resolve()
      }
    },
  }
}
