import { pause, startStopwatch } from '../base/clock.ts'
import type { EasClient } from '../phone/phone.ts'
import { crowd } from './crowd.ts'
import { confirmAll, type Stage } from './stage.ts'

/** What a step found: `ms` is the time that the step is about, measured by the phone. */
export interface Found {
  readonly ok: boolean
  readonly ms: number
  readonly told: string
  readonly figures?: Readonly<Record<string, number>>
}

/** Where the play is: one phone of alice's, and the Ping that it holds between two steps. */
export interface Scene {
  readonly stage: Stage
  readonly phone: EasClient
  /** Other phones that hold a Ping and a Sync each, meanwhile. */
  readonly devices: number
  /** Resolves to the status with which the held Ping ends. */
  held?: Promise<number | undefined>
}

/** One step of the main job. */
export interface Step {
  readonly name: string
  play(scene: Scene): Promise<Found>
}

const mail = 'Quarterly figures'

/** Puts alice, her mail and her phone on the stage. */
export async function openScene(stage: Stage, devices: number): Promise<Scene> {
  await stage.addUser('alice')
  await stage.deliver('alice', mail)
  return { stage, devices, phone: stage.phone('alice', 'N6FOK02KB14BDA532UOIODEPQ4') }
}

/** The main job, in its order. */
export const steps: readonly Step[] = [
  { name: 'observe', play: observe },
  { name: 'enforce', play: enforce },
  { name: 'notice', play: notice },
  { name: 'portal', play: portal },
  { name: 'mail', play: (scene) => readMail(scene, 'mail; the notice is an ordinary message now') },
  { name: 'tighten', play: tighten },
  { name: 'gone', play: gone },
  { name: 'fix', play: fix },
  { name: 'again', play: (scene) => readMail(scene, 'mail again') },
]

async function observe({ phone }: Scene): Promise<Found> {
  const ms = await timeOf(() => reload(phone))
  const told = 'a new site observes: an unknown phone still reads mail, and is listed'
  return { ok: readsMail(phone), ms, told }
}

async function enforce(scene: Scene): Promise<Found> {
  const { stage } = scene
  await stage.apply('17.0')
  await stage.liftGuard()
  await hold(scene)
  const read = startStopwatch()
  await stage.administrator.call('PUT', '/postern/enforcement', { state: 'enforcing' })
  const status = await scene.held
  const ok = status === 7 || status === 142
  return { ok, ms: read(), told: 'enforcing begins, and the Ping that it held ends' }
}

async function notice({ phone }: Scene): Promise<Found> {
  const refused = await phone.folderSync()
  const ms = await timeOf(async () => {
    await phone.provision({ model: 'iPhone15C4', os: 'iOS 17.4 21E219' })
    await reload(phone)
  })
  const [only, second] = subjects(phone)
  const isAlone = only !== undefined && second === undefined && only !== mail
  const told = `must take the policy first, then finds one message: "${only}"`
  return { ok: refused.status === 142 && isAlone, ms, told }
}

async function portal(scene: Scene): Promise<Found> {
  const person = await scene.stage.portal('alice')
  await hold(scene)
  const read = startStopwatch()
  const [client] = await confirmAll(person)
  const status = await scene.held
  const ok = status === 7 && client?.enrollment === 'done' && client.compliance === 'done'
  const told = 'alice signs in and confirms the phone as hers; its Ping ends: come and get mail'
  return { ok, ms: read(), told }
}

async function readMail({ phone }: Scene, told: string): Promise<Found> {
  const ms = await timeOf(() => reload(phone))
  return { ok: readsMail(phone), ms, told }
}

async function tighten(scene: Scene): Promise<Found> {
  const { stage, devices } = scene
  const others = await crowd(stage, devices)
  await others.hold()
  await hold(scene)
  const read = startStopwatch()
  await stage.apply('18.0')
  const [status, times] = await Promise.all([scene.held, others.ended(read)])
  const own = read()
  const { count, p50, p99, max } = times
  const told =
    count === 0
      ? 'the rule now asks for iOS 18: the held Ping ends'
      : `the rule now asks for iOS 18: ${count} held connections of ${devices} phones end, p99 ${p99.toFixed(0)} ms`
  const figures = { count, p50, p99, max }
  return { ok: status === 7 && max < 1000, ms: count === 0 ? own : max, told, figures }
}

async function gone({ phone }: Scene): Promise<Found> {
  const ms = await timeOf(() => reload(phone))
  const [only, second] = [...phone.mails().values()]
  const body = only?.body?.data ?? ''
  const ok = second === undefined && body.includes('18.0') && body.includes('17.4')
  return { ok, ms, told: `mail is gone, and the phone is told why: "${only?.subject}"` }
}

async function fix(scene: Scene): Promise<Found> {
  await hold(scene)
  const read = startStopwatch()
  await scene.phone.sendDeviceInformation({ model: 'iPhone15C4', os: 'iOS 18.1 22B83' })
  const status = await scene.held
  return { ok: status === 7, ms: read(), told: 'the phone is updated and says so; its Ping ends' }
}

/** Begins a Ping, and lets it arrive and be held. */
async function hold(scene: Scene): Promise<void> {
  const { phone } = scene
  const ping = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
  scene.held = ping.then(({ status }) => status)
  await pause(150)
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const read = startStopwatch()
  await work()
  return read()
}

const subjects = (phone: EasClient): string[] =>
  [...phone.mails().values()].map(({ subject }) => subject)

/** The real mailbox; the notices that were mailed to it lie beside. */
const readsMail = (phone: EasClient): boolean => subjects(phone).includes(mail)

/** What a phone does after its server told it to start afresh. */
async function reload(phone: EasClient): Promise<void> {
  let seen = await phone.folderSync()
  if (seen.status === 9) seen = await phone.folderSync('0')
  if (seen.status !== 1)
    throw new Error(`FolderSync answered ${seen.status ?? `HTTP ${seen.http}`}`)
  await phone.syncAll()
}
