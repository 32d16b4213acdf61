import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Failure, impossible } from '../../src/base/failures.ts'
import type { Connection } from '../../src/cli/connection.ts'
import type { Collection, ManagedDevice, PolicySet, UserRow } from '../../src/graph/contract.ts'
import type { EasClient } from '../../src/phone/phone.ts'
import { type Agent, enrollAgent } from './agent.ts'
import { Collected, Register } from './ledger.ts'
import { arrived, deskOf, phonesPolicy, type PolicyDraft, settle, soon } from './site.ts'
import { phoneAnywhere, signInAt } from './visitor.ts'

/** A server that answers just now. */
export interface Server {
  readonly url: string
  readonly authority: string
  readonly administrator: Connection
}

/** Everything that people and phones do at once, with a note of each thing that was acknowledged. */
export interface Load {
  /** Works until `stop` fires, whatever becomes of the servers meanwhile. */
  run(stop: AbortSignal): Promise<void>
  /** Looks on this server for all that was acknowledged. Nothing may be at work. */
  check(server: Server): Promise<void>
  /** Acknowledgements so far. */
  readonly acknowledged: number
}

/** One kind of work. */
interface Worker {
  step(): Promise<void>
  check(server: Server): Promise<void>
}

/** Any server that is up; waits for one. */
type Anywhere = () => Promise<Server>

const password = 'correct horse battery'
const devicesPath = '/deviceManagement/managedDevices'

/** Makes the people and phones of the load on a new site, and begins enforcing. */
export async function prepareLoad(anywhere: Anywhere): Promise<Load> {
  const { administrator } = await anywhere()
  for (const name of ['alice', 'exempt', 'mail', 'hold'])
    await administrator.call('POST', '/users', {
      userPrincipalName: name,
      mail: `${name}@example.org`,
      password,
    })
  const desk = deskOf(administrator)
  await desk.group('Board', 'exempt')
  await desk.apply(...policySet(0))
  await desk.enforce()
  const mail = await knownPhone(anywhere, 'mail', 'MAIL1')
  const hold = await knownPhone(anywhere, 'hold', 'HOLD1')
  const exempt = phoneAnywhere(anywhere, { user: 'exempt', password, deviceId: 'EXEMPT1' })
  await settle(exempt)
  const letters = lettersOf(anywhere, { mail, hold })
  const workers = [
    peopleOf(anywhere),
    await agentsOf(anywhere),
    wordsOf(anywhere),
    policiesOf(anywhere),
    letters,
    holderOf(hold, letters),
  ]
  let acknowledged = 0
  return {
    async run(stop) {
      const work = async ({ step }: Worker) => {
        while (!stop.aborted) if (await survives(step)) acknowledged += 1
      }
      // What is held ends by a mail.
      stop.addEventListener('abort', () => void survives(letters.wake))
      await Promise.all(workers.map(work))
    },
    async check(server) {
      for (const worker of workers) await worker.check(server)
    },
    get acknowledged() {
      return acknowledged
    },
  }
}

/** False when the server was lost on the way; anything else that goes wrong is thrown. */
async function survives(step: () => Promise<void>): Promise<boolean> {
  try {
    await step()
    return true
  } catch (thrown) {
    if (!isLost(thrown)) throw thrown
    await pause(10)
    return false
  }
}

function isLost(thrown: unknown): boolean {
  if (thrown instanceof Failure) return thrown.code === 'store.unavailable'
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code)
}

async function knownPhone(anywhere: Anywhere, user: string, deviceId: string) {
  const phone = phoneAnywhere(anywhere, { user, password, deviceId })
  await settle(phone)
  const person = await signInAt(anywhere, user, password)
  const { value } = await person.call<{ value: { id: string }[] }>('GET', '/me/clients')
  for (const { id } of value) await person.call('POST', `/me/clients/${id}/confirm`, {})
  await settle(phone)
  return phone
}

const rowsOf = async ({ administrator }: Server): Promise<readonly ManagedDevice[]> =>
  (await administrator.call<Collection<ManagedDevice>>('GET', `${devicesPath}?$top=10000`)).value

/** New users, one after the other. */
function peopleOf(anywhere: Anywhere): Worker {
  const users = new Collected('users')
  let count = 0
  return {
    async step() {
      const { administrator } = await anywhere()
      const name = `person${count++}`
      const row = { userPrincipalName: name, mail: `${name}@example.org` }
      await users.add(name, () => administrator.call('POST', '/users', row))
      await pause(20)
    },
    async check({ administrator }) {
      const path = '/users?$top=10000'
      const { value } = await administrator.call<Collection<UserRow>>('GET', path)
      users.check(
        value.map((row) => row.userPrincipalName).filter((name) => name.startsWith('person')),
      )
    },
  }
}

/** Devices of one person: certificates, and the reports that they sign. */
async function agentsOf(anywhere: Anywhere): Promise<Worker> {
  // The session outlives every server.
  const person = await signInAt(anywhere, 'alice', password)
  const agents: { agent: Agent; version: Register<string>; reports: number }[] = []
  let count = 0
  const report = async (one: (typeof agents)[number]) => {
    const version = `18.${++one.reports}`
    const signed = await one.agent.sign({ osVersion: version })
    await one.version.set(version, async () => {
      assert.equal((await one.agent.handIn(await anywhere(), signed)).status, 204)
    })
  }
  return {
    async step() {
      const one = agents[count++ % 5]
      if (one && count % 25 !== 0) return await report(one)
      const agent = await enrollAgent(await anywhere(), person)
      // The newest ones report, so that each has its turn.
      agents.unshift({ agent, version: new Register(`version of ${agent.device}`, ''), reports: 0 })
    },
    async check(server) {
      const rows = new Map((await rowsOf(server)).map((row) => [row.azureADDeviceId, row]))
      for (const { agent, version } of agents) {
        const row = rows.get(agent.device)
        assert.ok(row?.azureADRegistered, `${agent.device} was enrolled, and is lost`)
        version.check(row.osVersion)
      }
      const [newest] = agents
      if (newest) await report(newest)
    },
  }
}

/** An administrator's word on one client, again and again another. */
function wordsOf(anywhere: Anywhere): Worker {
  const shown = {
    allowAccess: 'allowed exchangeIndividualRule',
    blockAccess: 'blocked exchangeIndividualRule',
    resetAccess: 'allowed exchangeGlobalRule',
  } as const
  const actions = Object.keys(shown) as (keyof typeof shown)[]
  const word = new Register<string>('the word on EXEMPT1', shown.resetAccess)
  let count = 0
  return {
    async step() {
      const { administrator } = await anywhere()
      const action = actions[count++ % actions.length] ?? 'resetAccess'
      await word.set(shown[action], () => deskOf(administrator).act('EXEMPT1', action))
      await pause(10)
    },
    async check({ administrator }) {
      const row = await deskOf(administrator).row('EXEMPT1')
      word.check(`${row.exchangeAccessState} ${row.exchangeAccessStateReason}`)
    },
  }
}

/** A set of every kind of document, each with the number of the set in it. None of them means anything else. */
function policySet(number: number): readonly PolicyDraft[] {
  const [phones, online] = phonesPolicy('17.0', {
    exempt: ['Board'],
    blockUnsupportedPlatforms: number % 2 === 1,
  })
  assert.ok(phones?.kind === 'compliancePolicy' && online)
  const numbered = Array.from({ length: 10 }, (_, n) => ({
    ...phones,
    name: `Phones ${n}`,
    description: String(number),
  }))
  return [
    ...numbered,
    online,
    {
      kind: 'deviceAccessRule',
      name: String(number),
      characteristic: 'DeviceType',
      queryString: 'Fridge',
      accessLevel: 'block',
    },
    { kind: 'organization', userMailInsert: String(number) },
  ]
}

/** The numbers in the documents in force. */
function numbersOf({ documents }: PolicySet): readonly string[] {
  const numbered = documents.filter(
    (document) => document.kind !== 'semantics' && document.kind !== 'autoblockThreshold',
  )
  return numbered.map((document) => {
    switch (document.kind) {
      case 'compliancePolicy':
        return document.description ?? ''
      case 'exchangeOnline':
        return document.blockUnsupportedPlatforms ? 'odd' : 'even'
      case 'deviceAccessRule':
        return document.name
      case 'organization':
        return document.userMailInsert
      default:
        return impossible(document)
    }
  })
}

/** One set of policies after the other. */
function policiesOf(anywhere: Anywhere): Worker {
  const number = new Register<number>('the number of the policy set', 0)
  let count = 0
  return {
    async step() {
      const { administrator } = await anywhere()
      const next = ++count
      await number.set(next, () => deskOf(administrator).apply(...policySet(next)))
      await pause(20)
    },
    async check({ administrator }) {
      const seen = numbersOf(await administrator.call<PolicySet>('GET', '/postern/policies'))
      const first = Number(seen[0])
      const parity = first % 2 === 1 ? 'odd' : 'even'
      const odd = seen.filter((one) => one !== String(first) && one !== parity)
      assert.deepEqual(odd, [], `a set is half applied: ${seen.join(' ')}`)
      assert.equal(seen.length, 13)
      number.check(first)
    },
  }
}

interface Letters extends Worker {
  /** One mail to the phone that holds. */
  wake(): Promise<void>
  readonly held: Collected
}

/** Mail that is delivered, synced and sent by a phone. */
function lettersOf(anywhere: Anywhere, phones: { mail: EasClient; hold: EasClient }): Letters {
  const received = new Collected('mails of the phone that syncs')
  const held = new Collected('mails of the phone that holds')
  let count = 0
  // A mail without an answer is sent again under its id, as phones do.
  let unsent: { subject: string; clientId: string } | undefined
  const deliver = async (to: string, box: Collected) => {
    const { administrator } = await anywhere()
    const subject = `D${count++}`
    const path = `/postern/mailboxes/${to}/messages`
    await box.add(subject, () => administrator.call('POST', path, letter(to, subject)))
  }
  const send = async () => {
    unsent ??= { subject: `S${count}`, clientId: `client${count++}` }
    const { subject, clientId } = unsent
    await held.add(subject, async () => {
      const seen = await phones.mail.sendMail(letter('hold', subject), { clientId })
      // 118: it had been sent already.
      assert.ok(seen.http === 200 && [undefined, 118].includes(seen.status), `${seen.status}`)
    })
    unsent = undefined
  }
  return {
    held,
    wake: () => deliver('hold', held),
    async step() {
      await deliver('mail', received)
      await syncQuietly(phones.mail)
      if (count % 3 === 0) await deliver('hold', held)
      else if (count % 3 === 1) await send()
    },
    async check() {
      await syncQuietly(phones.mail)
      received.check(lettersIn(phones.mail))
    },
  }
}

const letter = (to: string, subject: string) =>
  Buffer.from(
    `From: mail@example.org\r\nTo: ${to}@example.org\r\nSubject: ${subject}\r\n\r\nHello.\r\n`,
  )

const lettersIn = (phone: EasClient): readonly string[] =>
  [...phone.mails().values()]
    .map(({ subject }) => subject)
    .filter((subject) => /^[DS]\d+$/.test(subject))

/** Syncs with the keys that the phone has: it is never told to begin anew, nor to take the policy again. */
async function syncQuietly(phone: EasClient): Promise<void> {
  const folders = await phone.folderSync()
  assert.equal(folders.status, 1, `FolderSync: ${folders.http} ${folders.status}`)
  const seen = await phone.syncAll()
  assert.ok(seen.empty || seen.collection?.status === 1, `Sync: ${seen.http} ${seen.status}`)
}

/** A phone that holds a Ping, and syncs when it is told of mail. */
function holderOf(phone: EasClient, { held, wake }: Letters): Worker {
  const ping = () => phone.ping({ heartbeatSeconds: 600, folders: [phone.inbox] })
  return {
    async step() {
      const { status } = await ping()
      assert.ok(status === 1 || status === 2, `Ping: ${status}`)
      await syncQuietly(phone)
    },
    async check() {
      await syncQuietly(phone)
      let over = false
      const waiting = ping().finally(() => (over = true))
      await arrived(phone)
      assert.equal(over, false, 'the phone that comes back is not held')
      await wake()
      const { status } = await soon(waiting, 'the phone that came back hears of no mail')
      assert.equal(status, 2)
      await syncQuietly(phone)
      held.check(lettersIn(phone))
    },
  }
}
