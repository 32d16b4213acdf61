import type { Fleet, PackedDevice, PackedRules } from './fleet.ts'

/** Of what something may have changed: a device, the devices of some owners, or every device. */
export type Doubt = { readonly device: string } | { readonly owners: readonly string[] } | 'all'

/** The time from before devices are read until they are judged. */
export interface Span {
  /** Notes what these rules made of devices, but of none of which there was news in the span. */
  put(devices: readonly PackedDevice[], rules: PackedRules): void
  /** The same for devices of which there is news by whoever has judged them: others who judge them now are not to note them. */
  putNews(devices: readonly PackedDevice[], rules: PackedRules): void
  end(): void
}

/**
 * Who keeps a fleet true. News is heard in its own time: a device that was read before a change and noted after it would
 * stand there as if it had been judged by what is true now.
 */
export interface Noting {
  doubt(about: Doubt): void
  begin(): Span
}

/** Notes in this fleet. */
export function createNoting(fleet: Fleet): Noting {
  const open = new Set<Doubt[]>()
  const doubt = (about: Doubt) => {
    for (const doubts of open) doubts.push(about)
    if (about === 'all') fleet.doubtAll()
    else if ('device' in about) fleet.doubt(about.device)
    else for (const owner of about.owners) fleet.doubtOwner(owner)
  }
  return {
    doubt,
    begin() {
      const doubts: Doubt[] = []
      open.add(doubts)
      const end = () => void open.delete(doubts)
      const put = (devices: readonly PackedDevice[], rules: PackedRules) => {
        if (doubts.includes('all')) return
        const ids = new Set(doubts.flatMap((one) => idsOf(one)))
        for (const device of devices)
          if (!ids.has(device.id) && !ids.has(device.owner)) fleet.put(device, rules)
      }
      return {
        put,
        putNews(devices, rules) {
          end()
          for (const { id } of devices) doubt({ device: id })
          put(devices, rules)
        },
        end,
      }
    },
  }
}

function idsOf(about: Doubt): readonly string[] {
  if (about === 'all') return []
  return 'device' in about ? [about.device] : about.owners
}
