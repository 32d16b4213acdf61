import type { Clock } from '../base/clock.ts'
import { isId } from '../base/id.ts'
import type { Store, Tx } from '../store/store.ts'
import type { Device, Devices } from './devices.ts'
import type { Known } from './known.ts'
import { observe } from './observation.ts'

/** What an observation does in a transaction, once or again after a rollback: the device, where there is news of it. */
type Observation = (tx: Tx, judgedBy?: string) => Promise<Device | undefined>

/**
 * Runs an observation in a transaction, and adds to that what follows for the device. `judgedBy`, where a judgement is added,
 * says who judged; `device.observed` repeats it.
 */
export type Observing = (observation: Observation) => Promise<void>

/** Takes what devices and EAS clients tell: each in a transaction of its own, until somebody else runs them. */
export function createObserving({
  store,
  clock,
  known,
}: {
  readonly store: Store
  readonly clock: Clock
  readonly known: Known
}): Pick<Devices, 'observe' | 'observeThrough'> {
  const alone: Observing = async (observation) => {
    await store.transact((tx) => observation(tx))
  }
  let observing = alone
  return {
    async observe(subject, facts, reported) {
      const told = { facts, reported, now: clock.now() }
      await observing((tx, judgedBy) => observe(tx, store.journal, subject, { ...told, judgedBy }))
      if (isId('prt', subject)) known.drop(subject)
    },
    observeThrough(through = alone) {
      observing = through
    },
  }
}
