import { Failure } from '../base/failures.ts'

/** One at a time, in order of arrival. */
export interface Queue {
  /** Resolves with the function that lets the next one in. */
  enter(): Promise<() => void>
  /** Runs `last` once everyone who waits has left; whoever comes later is turned away. */
  close(last: () => void): Promise<void>
}

/** A fair queue; `beforeWaiting` may throw where waiting would never end. */
export function createQueue(beforeWaiting: () => void): Queue {
  const waiting: (() => void)[] = []
  let taken = false
  let closed = false

  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else taken = false
  }
  const enter = async () => {
    if (taken) {
      beforeWaiting()
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    taken = true
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }
  return {
    async enter() {
      if (closed) throw new Failure('store.unavailable', 'the store is stopped')
      return await enter()
    },
    async close(last) {
      if (closed) return
      closed = true
      const done = await enter()
      last()
      done()
    },
  }
}
