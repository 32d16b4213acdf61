import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { HolesBody } from './conditional-contract.ts'
import type { HolesAsked } from './holes.ts'

/** Searches for holes beside the thread that decides, which waits for nobody's analysis. */
export interface HolesThread {
  /** One search at a time. Throws `internal` where it fails. */
  find(asked: HolesAsked): Promise<HolesBody>
  stop(): Promise<void>
}

// Beside this file both as a source and in the bundle.
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const file = new URL(`./holes-worker.${ending}`, import.meta.url)

export function createHolesThread(): HolesThread {
  let last: Promise<unknown> = Promise.resolve()
  let running: Worker | undefined

  async function search(asked: HolesAsked): Promise<HolesBody> {
    const maxOldGenerationSizeMb = limits.analysisMegabytes.value
    const worker = new Worker(file, {
      workerData: asked,
      resourceLimits: { maxOldGenerationSizeMb },
    })
    running = worker
    try {
      const ended = once(worker, 'exit').then(() => {
        throw new Error('the search was ended')
      })
      const [found] = (await Promise.race([once(worker, 'message'), ended])) as [HolesBody] // as holes-worker.ts posts it
      return found
    } catch (cause) {
      throw new Failure('internal', 'the search for holes failed', { cause })
    } finally {
      running = undefined
      await worker.terminate()
    }
  }

  return {
    find(asked) {
      const next = last.then(() => search(asked))
      // Who asked hears of it.
      last = next.catch(() => {})
      return next
    },
    async stop() {
      await running?.terminate()
    },
  }
}
