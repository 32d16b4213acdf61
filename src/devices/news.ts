import type { Follower, Journal } from '../store/journal.ts'
import { isId } from '../base/id.ts'
import type { Known } from './known.ts'

/** Keeps the index right when another node changes a partnership. */
export interface News {
  /** Resolves once every later change will be heard of. */
  listen(): Promise<void>
  stop(): Promise<void>
}

const kinds = ['partnership.changed', 'partnership.activated', 'partnership.removed']

/** Listens from the first need on, so that whoever only lists devices follows nothing. */
export function createNews(journal: Journal, known: Known): News {
  let following: Promise<Follower> | undefined

  const follow = () =>
    journal.follow({
      name: 'devices.known',
      kinds,
      durable: false,
      async take({ body }) {
        const id = typeof body === 'object' && body && 'partnership' in body && body.partnership
        if (typeof id === 'string' && isId('prt', id)) known.drop(id)
      },
    })

  return {
    async listen() {
      following ??= follow().catch((thrown: unknown) => {
        // The next request tries again.
        following = undefined
        throw thrown
      })
      await following
    },
    async stop() {
      const follower = await following
      await follower?.stop()
    },
  }
}
