import type { EasClient } from '../phone/phone.ts'
import { confirmAll, type Stage } from './stage.ts'

export interface Ended {
  readonly count: number
  /** Milliseconds from the given moment until a held connection ended. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Many healthy phones, each with a Ping and a waiting Sync held open. */
export interface Crowd {
  hold(): Promise<void>
  /** Resolves when every held connection has ended. `since` is of `performance.now()`. */
  ended(since: number): Promise<Ended>
}

const perUser = 50

/** Enrolls `count` phones of several users through notice and portal. */
export async function crowd(stage: Stage, count: number): Promise<Crowd> {
  const phones: EasClient[] = []
  for (let first = 0; first < count; first += perUser) {
    const user = `crowd${first / perUser}`
    await stage.addUser(user)
    const own = Array.from({ length: Math.min(perUser, count - first) }, (_, at) =>
      stage.phone(user, `CROWD${first + at}`),
    )
    await inTurns(own, async (phone) => {
      await phone.folderSync('0')
      await phone.provision({ model: 'iPhone14C2', os: 'iOS 17.5 21F79' })
      await phone.folderSync('0')
    })
    await confirmAll(await stage.portal(user))
    await inTurns(own, async (phone) => {
      await phone.folderSync('0')
      await phone.syncAll()
    })
    phones.push(...own)
  }
  let endings: Promise<number>[] = []
  return {
    async hold() {
      const at = async (request: Promise<unknown>) => {
        await request
        return performance.now()
      }
      endings = phones.flatMap((phone) => [
        at(phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })),
        at(phone.sync(phone.inbox, { heartbeatSeconds: 600 })),
      ])
      // Every request has its own TLS handshake before it is held.
      await new Promise((resolve) => setTimeout(resolve, 300 + count * 15))
    },
    async ended(since) {
      const times = (await Promise.all(endings)).map((at) => at - since).sort((a, b) => a - b)
      const at = (share: number) =>
        times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
      return { count: times.length, p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? 0 }
    },
  }
}

/** Eight at a time: a thousand handshakes at once would only measure the handshakes. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const one = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, one))
}
