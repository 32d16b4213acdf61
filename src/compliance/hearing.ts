import type { DeviceId } from '../devices/devices.ts'
import type { DirectoryNews } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Noting } from './packed/noting.ts'

/** What every node hears, for whoever judges there: of what it remembers something may have changed. */
export const newsOfReach = ['directory.changed', 'collections.changed', 'profile.changed']

/** What it says in these. */
export interface DeviceNews {
  readonly device?: DeviceId
  /** Who has judged the device in the transaction of the news. */
  readonly judgedBy?: string
}

/** The same, of what a device is judged by that is its own. */
export const newsOfDevices = [
  'device.enrolled',
  'device.observed',
  'device.retired',
  'partnership.activated',
]

/** Makes this node forget what may have changed. What `here` has judged in the transaction of the news is known already. */
export function createHearing(given: {
  readonly reach: { forget(): void }
  readonly look: { forget(seq: number): void }
  readonly noting: Noting
  readonly here: string
}): (entry: Entry) => Promise<void> {
  const { reach, look, noting, here } = given
  return async ({ seq, kind, body }) => {
    if (newsOfReach.includes(kind)) reach.forget()
    if (newsOfReach.includes(kind) || kind === 'compliance.policies') look.forget(seq)
    if (kind === 'directory.changed') {
      const { users, members } = body as DirectoryNews // as the directory appends it
      noting.doubt(members === 'everyone' ? 'all' : { owners: [...users, ...members] })
    } else if (newsOfReach.includes(kind)) noting.doubt('all')
    else {
      const { device, judgedBy } = body as DeviceNews // as the devices room appends it
      if (device && judgedBy !== here) noting.doubt({ device })
    }
  }
}
