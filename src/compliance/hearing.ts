import type { DirectoryNews } from '../directory/directory.ts'
import type { Entry } from '../store/journal.ts'
import type { Reach } from './memberships.ts'
import type { Noting } from './packed/noting.ts'

/** What every node hears, for whoever judges there: of what it remembers something may have changed. */
export const newsOfReach = ['directory.changed', 'collections.changed', 'profile.changed']

/** The same, of what a device is judged by that is its own. */
export const newsOfDevices = [
  'device.enrolled',
  'device.observed',
  'device.retired',
  'partnership.activated',
]

/** Makes this node forget what may have changed. */
export function createHearing(reach: Reach, noting: Noting): (entry: Entry) => Promise<void> {
  return async ({ kind, body }) => {
    if (newsOfReach.includes(kind)) reach.forget()
    if (kind === 'directory.changed') {
      const { users, members } = body as DirectoryNews // as the directory appends it
      noting.doubt(members === 'everyone' ? 'all' : { owners: [...users, ...members] })
    } else if (newsOfReach.includes(kind)) noting.doubt('all')
    else {
      const { device } = body as { device?: string } // as the devices room appends it
      if (device) noting.doubt({ device })
    }
  }
}
