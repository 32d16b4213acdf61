import type { EasClient } from '../phone/phone.ts'
import { crowd } from './crowd.ts'
import { confirmAll, setStage, type Stage, type Start } from './stage.ts'

interface Options {
  /** One JSON object per step instead of prose. */
  readonly json: boolean
  /** Other phones that hold a Ping and a Sync each, meanwhile. */
  readonly devices: number
}

/** What a step found: `ms` is the time that the step is about, measured by the phone. */
interface Found {
  readonly ok: boolean
  readonly ms: number
  readonly told: string
  readonly figures?: Readonly<Record<string, number>>
}

type Tell = (step: string, play: () => Promise<Found>) => Promise<void>

/** Plays the main job with real EAS over TLS in front of the reader. Resolves to whether every step held. */
export async function playDemo(
  options: Options,
  start: Start,
  print: (line: string) => void,
): Promise<boolean> {
  let held = true
  const tell: Tell = async (step, play) => {
    const begun = performance.now()
    let found: Found
    try {
      found = await play()
    } catch (thrown) {
      const told = thrown instanceof Error ? thrown.message : String(thrown)
      found = { ok: false, ms: performance.now() - begun, told }
    }
    held &&= found.ok
    const { ok, told, figures } = found
    const ms = Math.round(found.ms * 10) / 10
    if (options.json) print(JSON.stringify({ step, ok, ms, told, ...figures }))
    else
      print(
        `${ok ? '  ok ' : 'FAIL '} ${`${ms.toFixed(1)} ms`.padStart(11)}  ${step.padEnd(10)} ${told}`,
      )
    if (!ok) throw new Stopped()
  }
  let stage: Stage | undefined
  try {
    const began = performance.now()
    stage = await setStage(start)
    const ready = performance.now() - began
    const { url } = stage
    await tell('start', async () => ({
      ok: true,
      ms: ready,
      told: `a throw-away Postern serves ${url}`,
    }))
    await play(stage, tell, options.devices)
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown
  } finally {
    await stage?.stop()
  }
  return held
}

/** A step failed, and the ones after it would mean nothing. */
class Stopped extends Error {}

async function timed<T>(work: () => Promise<T>): Promise<[value: T, ms: number]> {
  const begun = performance.now()
  const value = await work()
  return [value, performance.now() - begun]
}

const subjects = (phone: EasClient): string[] =>
  [...phone.mails().values()].map((mail) => mail.subject)

/** The real mailbox; the notices that were mailed to it lie beside. */
const readsMail = (phone: EasClient): boolean => subjects(phone).includes('Quarterly figures')

/** What a phone does after its server told it to start afresh. */
async function reload(phone: EasClient): Promise<void> {
  let seen = await phone.folderSync()
  if (seen.status === 9) seen = await phone.folderSync('0')
  if (seen.status !== 1)
    throw new Error(`FolderSync answered ${seen.status ?? `HTTP ${seen.http}`}`)
  await phone.syncAll()
}

async function play(stage: Stage, tell: Tell, devices: number): Promise<void> {
  await stage.addUser('alice')
  await stage.deliver('alice', 'Quarterly figures')
  const phone = stage.phone('alice', 'N6FOK02KB14BDA532UOIODEPQ4')

  await tell('observe', async () => {
    const [, ms] = await timed(() => reload(phone))
    const ok = subjects(phone).includes('Quarterly figures')
    return { ok, ms, told: 'a new site observes: an unknown phone still reads mail, and is listed' }
  })

  await stage.apply('17.0')
  const ended = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
  await tell('enforce', async () => {
    await settled()
    const begun = performance.now()
    await stage.administrator.call('PUT', '/postern/enforcement', { state: 'enforcing' })
    const { status } = await ended
    const ms = performance.now() - begun
    return {
      ok: status === 7 || status === 142,
      ms,
      told: 'enforcing begins, and the Ping that it held ends',
    }
  })

  await tell('notice', async () => {
    const refused = await phone.folderSync()
    const [, ms] = await timed(async () => {
      await phone.provision({ model: 'iPhone15C4', os: 'iOS 17.4 21E219' })
      await reload(phone)
    })
    const [only, second] = subjects(phone)
    const ok =
      refused.status === 142 &&
      only !== undefined &&
      second === undefined &&
      only !== 'Quarterly figures'
    return { ok, ms, told: `must take the policy first, then finds one message: "${only}"` }
  })

  const waiting = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
  await tell('portal', async () => {
    const person = await stage.portal('alice')
    await settled()
    const begun = performance.now()
    const [client] = await confirmAll(person)
    const { status } = await waiting
    const ms = performance.now() - begun
    const ok = status === 7 && client?.enrollment === 'done' && client.compliance === 'done'
    return {
      ok,
      ms,
      told: 'alice signs in and confirms the phone as hers; its Ping ends: come and get mail',
    }
  })

  await tell('mail', async () => {
    const [, ms] = await timed(() => reload(phone))
    return { ok: readsMail(phone), ms, told: 'mail; the notice is an ordinary message now' }
  })

  const others = await crowd(stage, devices)
  const held = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
  await tell('tighten', async () => {
    await others.hold()
    await settled()
    const begun = performance.now()
    await stage.apply('18.0')
    const [{ status }, times] = await Promise.all([held, others.ended(begun)])
    const own = performance.now() - begun
    const { count, p50, p99, max } = times
    const ok = status === 7 && max < 1000
    const told =
      count === 0
        ? 'the rule now asks for iOS 18: the held Ping ends'
        : `the rule now asks for iOS 18: ${count} held connections of ${devices} phones end, p99 ${p99.toFixed(0)} ms`
    return { ok, ms: Math.max(own, max), told, figures: { count, p50, p99, max } }
  })

  await tell('gone', async () => {
    const [, ms] = await timed(() => reload(phone))
    const mails = [...phone.mails().values()]
    const body = mails[0]?.body?.data ?? ''
    const ok = mails.length === 1 && body.includes('18.0') && body.includes('17.4')
    return { ok, ms, told: `mail is gone, and the phone is told why: "${mails[0]?.subject}"` }
  })

  const updated = phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
  await tell('fix', async () => {
    await settled()
    const begun = performance.now()
    await phone.sendDeviceInformation({ model: 'iPhone15C4', os: 'iOS 18.1 22B83' })
    const { status } = await updated
    const ms = performance.now() - begun
    return { ok: status === 7, ms, told: 'the phone is updated and says so; its Ping ends' }
  })

  await tell('again', async () => {
    const [, ms] = await timed(() => reload(phone))
    return { ok: readsMail(phone), ms, told: 'mail again' }
  })
}

/** Lets a request that was just sent arrive and be held. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150))
