import { parseArgs } from 'node:util'
import type { Admission } from '../src/access/gate.ts'
import { defaultAccessPolicies } from '../src/access/policy.ts'
import { sleep, systemClock } from '../src/base/clock.ts'
import type { UserId } from '../src/directory/directory.ts'
import {
  openJudgingRooms,
  type Phone,
  policyOf,
  storeFile,
  until,
} from '../test/fake/judging-rooms.ts'

/** The store answers without leaving the turn, so a row of awaits must let others in by itself. */
const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

/** How long judging takes with many users, and how long it keeps others waiting. */
const { values } = parseArgs({ options: { users: { type: 'string', default: '10000' } } })
const users = Number(values.users)
const { url, remove } = storeFile()
const rooms = await openJudgingRooms({ url })
const { gate, access, compliance, directory } = rooms

const line = (what: string, figure: string) => console.log(`${what.padEnd(64)}${figure}`)
const ms = (value: number) => `${value.toFixed(value < 1 ? 4 : 1)} ms`
const at = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0

/** Runs the work and tells the longest time for which nothing else could run. */
async function watched(what: string, work: () => Promise<unknown>): Promise<void> {
  let longest = 0
  let last = performance.now()
  let over = false
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!over) setImmediate(tick)
  }
  tick()
  const begun = performance.now()
  await work()
  const took = performance.now() - begun
  over = true
  longest = Math.max(longest, performance.now() - last)
  line(what, `${ms(took)}, longest turn ${ms(longest)}`)
}

const phones: Phone[] = []
const staff = await directory.addGroup('staff')
await watched(`${users} users with an enrolled phone each, made`, async () => {
  const ids: UserId[] = []
  for (let count = 0; count < users; count++) {
    const { id } = await rooms.user(`user${count}`)
    ids.push(id)
    await pause()
    phones.push(await rooms.phone(id, { passwordRequired: true, osVersion: '17.4' }))
  }
  for (let from = 0; from < ids.length; from += 1000)
    await directory.changeMembers(staff.id, { add: ids.slice(from, from + 1000) })
})
const { exchangeOnline } = defaultAccessPolicies
await compliance.deploy([policyOf({ passwordRequired: true })], 'test')
await access.change(
  {
    enforcement: { state: 'enforcing', scope: 'all' },
    exchangeOnline: { ...exchangeOnline, enabled: true, targeted: [staff.id] },
  },
  'bench',
)
const ask = ({ user, partnership }: Phone) => ({ protocol: 'eas', user, partnership }) as const
const first = phones.at(-1)
if (!first) throw new Error('no phones')
await until(async () => (await gate.admit(ask(first))).decision.outcome === 'allow')
await watched('first decision on each, saved', async () => {
  for (const phone of phones) {
    ;(await gate.admit(ask(phone))).release()
    await pause()
  }
})

const times: number[] = []
for (let round = 0; round < 5; round++) {
  for (const phone of phones) {
    const begun = performance.now()
    const admission = await gate.admit(ask(phone))
    times.push(performance.now() - begun)
    admission.release()
  }
}
times.sort((a, b) => a - b)
line('admit() of a known client: p50, p99', `${ms(at(times, 0.5))}, ${ms(at(times, 0.99))}`)

const [reported] = phones
const held = await gate.admit(ask(reported ?? first))
const cuts: number[] = []
for (let round = 0; round < 100; round++) {
  const healthy = round % 2 === 1
  const admission = await gate.admit(ask(reported ?? first))
  const ended = new Promise((resolve) => admission.withdrawn.addEventListener('abort', resolve))
  const begun = performance.now()
  await rooms.report(reported ?? first, { passwordRequired: healthy })
  await ended
  await pause()
  cuts.push(performance.now() - begun)
}
held.release()
cuts.sort((a, b) => a - b)
line('device report -> withdrawn: p50, p99', `${ms(at(cuts, 0.5))}, ${ms(at(cuts, 0.99))}`)

const admissions: Admission[] = []
for (const phone of phones) admissions.push(await gate.admit(ask(phone)))
await watched('compliance policy -> every admission withdrawn', async () => {
  const open = new Set(admissions)
  for (const admission of admissions)
    admission.withdrawn.addEventListener('abort', () => open.delete(admission))
  await compliance.deploy([policyOf({ passwordRequired: true, osMinimumVersion: '18.0' })], 'test')
  const end = performance.now() + 60_000
  while (open.size > 0 && performance.now() < end) await pause()
  if (open.size > 0) throw new Error(`${open.size} are still held`)
})
const memory = process.memoryUsage()
line(
  'memory with all of it: resident, heap',
  `${(memory.rss / 2 ** 20).toFixed(0)} MB, ${(memory.heapUsed / 2 ** 20).toFixed(0)} MB`,
)
await watched('and until every saved state says so', async () => {
  const all = async () => [...(await access.decisions()).values()]
  while ((await all()).some(({ outcome }) => outcome === 'allow')) await sleep(systemClock, 100)
})
await rooms.stop()
remove()
