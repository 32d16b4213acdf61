import type { PartnershipId } from '../devices/devices.ts'
import type { Entry } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import type { AccessNews } from './access.ts'
import type { Deciding } from './deciding.ts'
import { recheckAlarm } from './keeping.ts'
import { newsKinds } from './live.ts'
import type { Redeciding } from './redeciding.ts'

/** Hears what changes decisions, and what other nodes have kept. Returns the end of it. */
export async function followNews(given: {
  store: Store
  deciding: Deciding
  redeciding: Redeciding
}): Promise<() => Promise<void>> {
  const { store, redeciding } = given
  const { live, keeping } = given.deciding

  async function take({ kind, at, body }: Entry): Promise<void> {
    const { partnership } = body as { partnership: PartnershipId } // as this room and devices append them
    await live.caughtUp()
    if (kind === 'partnership.removed') await keeping.forget(partnership)
    // A node that is behind may have kept what no longer holds; the one that acts for all has the last word.
    if (kind === 'access.changed') await redeciding.some([partnership], at)
    else await redeciding.drain(at)
  }
  const hearing = await store.journal.follow({
    name: 'access.kept',
    kinds: ['access.changed', 'partnership.removed'],
    durable: false,
    async take({ kind, body }) {
      const news = body as AccessNews // the other kind has a partnership too
      if (kind === 'access.changed') await keeping.heard(news)
      else keeping.gone(news.partnership)
    },
  })
  const kinds = [...newsKinds, 'access.changed']
  const following = await store.journal.follow({ name: 'access', kinds, durable: true, take })
  store.alarms.on(recheckAlarm, async (partnership, at) => {
    await live.caughtUp()
    await redeciding.some([partnership as PartnershipId], at) // set for partnerships only
  })
  return async () => {
    await Promise.all([following.stop(), hearing.stop()])
  }
}
