import { pause } from '../base/clock.ts'
import type { EasClient } from '../phone/phone.ts'
import { confirmAll, type Stage } from './stage.ts'

/** How held connections ended. */
export interface Ended {
  readonly count: number
  /** Milliseconds on the given stopwatch when a held connection ended. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Many healthy phones, each with a Ping and a waiting Sync held open. */
export interface Crowd {
  hold(): Promise<void>
  /** Resolves when every held connection has ended, with the readings of the stopwatch. */
  ended(read: () => number): Promise<Ended>
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
  let endings: readonly Promise<unknown>[] = []
  return {
    async hold() {
      endings = phones.flatMap((phone) => [
        phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] }),
        phone.sync(phone.inbox, { heartbeatSeconds: 600 }),
      ])
      // Every request has its own TLS handshake before it is held.
      await pause(300 + count * 15)
    },
    async ended(read) {
      const readings = await Promise.all(endings.map((ending) => ending.then(read)))
      const times = readings.toSorted((a, b) => a - b)
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
