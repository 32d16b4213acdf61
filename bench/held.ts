import { parseArgs } from 'node:util'
import { pause } from '../src/base/clock.ts'
import { pingDocument } from '../src/phone/documents.ts'
import { writeWbxml } from '../src/wire/wbxml/wbxml.ts'
import { cpuMicros, residentKb, startModule } from './yard/child.ts'
import { startPosternChild } from './yard/postern.ts'
import { percentile, print } from './yard/report.ts'

/*
 * Held Pings: memory per connection, and the time from one policy change to the end of all of them, at the phones. Phones
 * and Postern each in a process of their own: `npm run bench -- bench/held.ts --pings 10000`.
 */

const { values } = parseArgs({
  options: { pings: { type: 'string', default: '10000' }, json: { type: 'boolean' } },
})
const pings = Number(values.pings)
/** As many clients as one user may have. */
const perUser = 50

const postern = await startPosternChild({ upstreamPort: undefined })
const holders = await startModule('holders.ts')
try {
  await main()
} finally {
  await holders.stop()
  await postern.stop()
}

interface Ended {
  readonly held: number
  readonly endings: readonly number[]
}

async function main(): Promise<void> {
  const { stage } = postern
  await stage.administrator.call('PUT', '/postern/enforcement', { state: 'observing' })
  const before = residentKb(postern.pid)
  const requests = await pingsOf()
  const begun = Date.now()
  const held = said()
  holders.channel.send({ port: postern.port, requests })
  await held
  await quiet()
  const early = await ended()
  const after = residentKb(postern.pid)
  const changed = Date.now()
  await stage.administrator.call('PUT', '/postern/enforcement', { state: 'enforcing' })
  const done = await allEnded(early.held)
  const times = done.map((at) => at - changed)
  print({
    title: `${early.held} held Pings, plain HTTP, in ${((changed - begun) / 1000).toFixed(0)} s`,
    columns: ['figure', 'seen'],
    rows: [
      ['ended before the change', early.endings.length],
      ['resident before, MB', before / 1024],
      ['resident while held, MB', after / 1024],
      ['KB per held connection', (after - before) / early.held],
      // Until then the change is tried on every known client, and written.
      ['first end after the change, ms', Math.min(...times)],
      ['end of a Ping after the change, p50 ms', percentile(times, 0.5)],
      ['p99 ms', percentile(times, 0.99)],
      ['last ms', Math.max(...times)],
    ],
    goals: [
      { what: 'KB per held connection', seen: (after - before) / early.held, goal: 4 },
      { what: 'last end after the change, ms', seen: Math.max(...times), goal: 1000 },
    ],
  })
}

/** Waits until the last has arrived, and then for the collector to take what only the arrival needed. */
async function quiet(): Promise<void> {
  for (let before = cpuMicros(postern.pid), calm = 0; calm < 3; ) {
    await pause(2000)
    const now = cpuMicros(postern.pid)
    calm = now - before < 200_000 ? calm + 1 : 0
    before = now
  }
  await pause(10_000)
}

/** One Ping each of so many phones of several users. */
async function pingsOf(): Promise<string[]> {
  const requests: string[] = []
  for (let user = 0; requests.length < pings; user++) {
    const name = `held${user}`
    await postern.stage.addUser(name, `correct horse ${user}`)
    const phone = postern.stage.phone(name, `HELD${user}X0`)
    await phone.folderSync()
    const document = pingDocument({ heartbeatSeconds: 900, folders: [phone.inbox] })
    const body = Buffer.from(writeWbxml(document))
    const basic = Buffer.from(`${name}:correct horse ${user}`).toString('base64')
    for (let own = 0; own < perUser && requests.length < pings; own++) {
      const query = `Cmd=Ping&User=${name}&DeviceId=HELD${user}X${own}&DeviceType=iPhone`
      const head = `POST /Microsoft-Server-ActiveSync?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic ${basic}\r\nMS-ASProtocolVersion: 14.1\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nContent-Length: ${body.length}\r\n\r\n`
      requests.push(Buffer.concat([Buffer.from(head), body]).toString('base64'))
    }
  }
  return requests
}

/** The next message of the phones. */
function said(): Promise<unknown> {
  return new Promise((resolve) => void holders.channel.once('message', resolve))
}

async function ended(): Promise<Ended> {
  const answer = said()
  holders.channel.send('ended')
  return (await answer) as Ended // what the module answers to this
}

async function allEnded(count: number): Promise<readonly number[]> {
  for (let round = 0; round < 240; round++) {
    const { endings } = await ended()
    if (endings.length === count) return endings
    await pause(250)
  }
  throw new Error('some Pings are still held')
}
