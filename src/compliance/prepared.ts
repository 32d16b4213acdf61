import type { DeviceId } from '../devices/devices.ts'
import type { Tx } from '../store/store.ts'
import type { Verdict } from './verdict.ts'

/** How a device stands by the rules in force, and how it would by a draft of them. */
export interface Shift {
  readonly before: Verdict
  readonly after: Verdict
}

/** The devices that a draft would judge otherwise. */
export type Shifts = ReadonlyMap<DeviceId, Shift>

/** A change that can be looked at before it is made. */
export interface Prepared<T> {
  /** What it says, whatever ids and moments it will get. */
  readonly draft: object
  /** Which devices it would judge otherwise. */
  shifts(): Promise<Shifts>
  /** Makes it; `undefined` where it would no longer be the change that was prepared, and nothing was written. */
  write(tx: Tx): Promise<T | undefined>
}
