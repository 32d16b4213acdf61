import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { EasClient } from '../../src/phone/phone.ts'
import type { House } from '../house.ts'
import { arrived, iPhone, openSite, phonesPolicy, settle, soon, subjects } from '../story/site.ts'

const devices = 200
const perUser = 50
/** Phones of an exempt user, which nothing here is about. */
const bystanders = 10
const boundMs = 1000

/** A phone with what it holds. */
interface Holder {
  readonly phone: EasClient
  /** Moments at which its Ping and its Sync ended, with their statuses. */
  ends: Promise<readonly End[]>
  over: number
}

interface End {
  readonly at: number
  readonly status: number | undefined
}

test(`one second: ${devices} devices with 2 held connections each`, async (t) => {
  const { house, ...desk } = await openSite(t)
  await house.addUser('exempt')
  await desk.group('Board', 'exempt')
  const policy = (version: string) => desk.apply(...phonesPolicy(version, { exempt: ['Board'] }))
  await policy('17.0')
  await desk.enforce()
  await house.liftGuard()
  const others = await peopleOf(house, 'exempt', bystanders, false)
  const own: Holder[] = []
  for (let user = 0; own.length < devices; user++) {
    await house.addUser(`user${user}`)
    own.push(...(await peopleOf(house, `user${user}`, perUser, true)))
  }
  await holdAll([...others, ...own])

  const since = performance.now()
  await policy('18.0')
  const all = await Promise.all(own.map((one) => ended(one)))
  say('policy change to the end of all', measured(since, all.flat()))
  assert.equal(overOf(others), 0)

  await policy('17.0')
  await holdAll(own)
  const half = devices / 2
  const inTurn: number[] = []
  for (const one of own.slice(0, half)) inTurn.push(...(await reportBad(one)))
  // Nobody's but those of the devices that have reported.
  assert.equal(overOf(own.slice(half)), 0)
  say('device report to the end of its own, one after the other', inTurn)
  const inBursts: number[] = []
  for (let first = half; first < devices; first += 25) {
    const burst = own.slice(first, first + 25)
    inBursts.push(...(await Promise.all(burst.map(reportBad))).flat())
    assert.equal(overOf(own.slice(first + 25)), 0)
  }
  say('device report to the end of its own, 25 at once', inBursts)

  await aliveAll(house, others)
})

/** Phones of one user; `known` ones are confirmed in the portal. All have their mail. */
async function peopleOf(house: House, user: string, count: number, known: boolean) {
  const phones = Array.from({ length: count }, (_, n) => house.phone(user, `${user}N${n}`))
  await eachOf(phones, (phone) => settle(phone))
  if (known) {
    const person = await house.portal(user)
    const { value } = await person.call<{ value: { id: string }[] }>('GET', '/me/clients')
    await eachOf(value, ({ id }) => person.call('POST', `/me/clients/${id}/confirm`, {}))
    await eachOf(phones, (phone) => settle(phone))
  }
  await house.deliver(user, 'Figures')
  await eachOf(phones, async (phone) => {
    await phone.syncAll()
    assert.deepEqual(subjects(phone), ['Figures'])
  })
  return phones.map((phone): Holder => ({ phone, ends: Promise.resolve([]), over: 0 }))
}

/** Some at a time: a thousand handshakes at once would only measure the handshakes. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = [...items]
  const one = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 8 }, one))
}

async function holdAll(holders: readonly Holder[]): Promise<void> {
  for (const holder of holders) {
    const { phone } = holder
    holder.over = 0
    const end = async (status: Promise<number | undefined>): Promise<End> => {
      const told = await status
      holder.over += 1
      return { at: performance.now(), status: told }
    }
    const ping = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
    const sync = phone.sync(phone.inbox, { heartbeatSeconds: 600 })
    holder.ends = Promise.all([
      end(ping.then(({ status }) => status)),
      end(sync.then(({ status, collection }) => status ?? collection?.status)),
    ])
    await pause(4)
  }
  for (const { phone } of holders.slice(-3)) await arrived(phone)
  // What ended instead of being held.
  assert.equal(overOf(holders), 0)
}

const overOf = (holders: readonly Holder[]) => holders.reduce((sum, { over }) => sum + over, 0)

async function ended({ ends, phone }: Holder): Promise<readonly End[]> {
  const two = await soon(ends, `${phone.deviceId} is still held`, 10_000)
  assert.deepEqual(
    two.map(({ status }) => status),
    [7, 12],
    phone.deviceId,
  )
  return two
}

const measured = (since: number, ends: readonly End[]) => ends.map(({ at }) => at - since)

/** The phone says that its system is an old one. Milliseconds from that until its Ping and its Sync ended. */
async function reportBad(holder: Holder): Promise<readonly number[]> {
  const since = performance.now()
  const [ends] = await Promise.all([
    ended(holder),
    holder.phone.sendDeviceInformation(iPhone('16.0')),
  ])
  return measured(since, ends)
}

/** What is still held is alive: new mail comes through it. */
async function aliveAll(house: House, others: readonly Holder[]): Promise<void> {
  assert.equal(overOf(others), 0)
  await house.deliver('exempt', 'More')
  for (const { ends, phone } of others) {
    const [ping] = await soon(ends, `${phone.deviceId} hears of no mail`)
    assert.equal(ping?.status, 2)
    assert.deepEqual(subjects(phone), ['Figures', 'More'])
  }
}

function say(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
  const [p50, p99, max] = [at(0.5), at(0.99), at(1)]
  const ms = [p50, p99, max].map((value) => `${value.toFixed(0)} ms`).join(' / ')
  const line = `${what}: p50 / p99 / max of ${sorted.length} ends ${ms}`
  console.log(`  ${line}`)
  assert.ok(p99 < boundMs, line)
}
