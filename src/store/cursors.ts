import { systemClock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { askAgainMs, within } from './patience.ts'
import { saveCursors } from './records.ts'
import type { Database } from './store.ts'

/** Saves where durable followers stand: a little behind, all together. A crash in between only means taking again. */
export interface Cursors {
  /** Saves soon. */
  note(name: string, seq: number): void
  /** Saves along with the next that must be saved: nothing was taken, there is only less to look through. */
  noteIdle(name: string, seq: number): void
  /** Saves what is noted, or logs why it cannot be. */
  settle(): Promise<void>
}

/** Cursors of one node. */
export function createCursors(db: Database, log: Log): Cursors {
  let noted = new Map<string, number>()
  let timer: (() => void) | undefined
  let last = Promise.resolve()

  const save = async () => {
    timer?.()
    timer = undefined
    if (noted.size === 0) return
    const batch = noted
    noted = new Map()
    try {
      await saveCursors(db, batch)
    } catch (thrown) {
      noted = new Map([...batch, ...noted])
      throw thrown
    }
  }
  // One after another, so that a slow save never holds up a connection twice.
  const flush = () => {
    const next = last.then(save)
    last = next.catch(() => {}) // whoever asked for that save has the error
    return next
  }
  const later = (failed: number) => {
    const ms = failed > 0 ? askAgainMs(failed) : limits.cursorSaveMs.value
    timer ??= systemClock.after(ms, () => {
      timer = undefined
      flush().catch((thrown: unknown) => {
        log.error('journal.cursor', thrown)
        later(failed + 1)
      })
    })
  }

  return {
    note(name, seq) {
      noted.set(name, seq)
      later(0)
    },
    noteIdle(name, seq) {
      noted.set(name, seq)
    },
    async settle() {
      try {
        if (await within(limits.storeStopMs.value, flush())) return
        log.warn('journal.cursor', { late: true })
      } catch (thrown) {
        log.error('journal.cursor', thrown)
      }
    },
  }
}
