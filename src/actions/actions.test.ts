import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import {
  type ActingOptions,
  type ActingRooms,
  openActingRooms,
  policyWith,
  type Sent,
} from '../../test/fake/acting-rooms.ts'
import { policyOf, storeFile, until } from '../../test/fake/judging-rooms.ts'
import { createManualClock, day, hour, type ManualClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { NoncomplianceAction } from '../compliance/policy.ts'
import type { DeviceId } from '../devices/devices.ts'

// The rooms really run here, so this also holds src/actions/spells.ts, src/actions/firing.ts, src/actions/carrying.ts,
// src/actions/records.ts, src/actions/templates.ts and src/actions/template-records.ts.

const start = Date.UTC(2026, 2, 1)
const endings: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface Stage extends ActingRooms {
  readonly clock: ManualClock
  readonly mails: Sent[]
  readonly url: string
}

async function open(options: Partial<ActingOptions> = {}): Promise<Stage> {
  const clock = createManualClock(start)
  const mails: Sent[] = []
  const file = storeFile()
  if (!options.url) endings.push(file.remove)
  const deliver = async (mail: Sent) => {
    mails.push(mail)
    return 'sent' as const
  }
  const rooms = await openActingRooms({ url: file.url, clock, deliver, ...options })
  endings.push(() => rooms.stop())
  return { ...rooms, clock, mails, url: options.url ?? file.url }
}

const mail = (days: number, rest: Partial<NoncomplianceAction> = {}): NoncomplianceAction => ({
  type: 'notification',
  gracePeriodHours: days * 24,
  ...rest,
})

async function failing(rooms: Stage, name = 'alice'): Promise<DeviceId> {
  const user = await rooms.directory.addUser({ name, mail: `${name}@example.org` })
  return rooms.device(user.id, { passwordRequired: false }, `${name}'s phone`)
}

const states = async ({ actions }: ActingRooms) =>
  (await actions.list()).map(({ type, state, code }) => `${type} ${state}${code ? ` ${code}` : ''}`)

const become = (rooms: ActingRooms, ...wanted: string[]) =>
  until(async () => JSON.stringify(await states(rooms)) === JSON.stringify(wanted)).catch(
    async () => assert.deepEqual(await states(rooms), wanted),
  )

const code = (wanted: string) => (thrown: unknown) =>
  thrown instanceof Failure && thrown.code === wanted

describe('actions for noncompliance', () => {
  it('F19: mails go out at day 0, 3 and 5, each once, also inside grace, and say what is wrong', async () => {
    const rooms = await open()
    await rooms.compliance.deploy(
      [policyWith([mail(0), mail(3), mail(5)], { gracePeriodHours: 7 * 24 })],
      'test',
    )
    await failing(rooms)
    await until(() => rooms.mails.length === 1)
    const [first] = rooms.mails
    assert.equal(first?.to, 'alice@example.org')
    assert.match(first?.subject ?? '', /alice's phone needs your attention/)
    assert.match(
      first?.text ?? '',
      /Hello alice,\n\nyour device alice's phone does not meet the policy "Phones"/,
    )
    assert.match(first?.text ?? '', /PIN or password/)
    await become(rooms, 'notification done', 'notification due', 'notification due')
    rooms.clock.advance(3 * day - hour)
    await become(rooms, 'notification done', 'notification due', 'notification due')
    rooms.clock.advance(hour)
    await until(() => rooms.mails.length === 2)
    rooms.clock.advance(2 * day)
    await until(() => rooms.mails.length === 3)
    await become(rooms, 'notification done', 'notification done', 'notification done')
    rooms.clock.advance(100 * day)
    assert.equal(new Set(rooms.mails.map(({ messageId }) => messageId)).size, 3)
  })

  it('a device that is healthy again is told nothing more, and a later spell begins anew', async () => {
    const rooms = await open()
    await rooms.compliance.deploy([policyWith([mail(0), mail(3)])], 'test')
    const device = await failing(rooms)
    await until(() => rooms.mails.length === 1)
    await rooms.report(device, { passwordRequired: true })
    await become(rooms, 'notification done')
    rooms.clock.advance(10 * day)
    await rooms.report(device, { passwordRequired: false })
    await until(() => rooms.mails.length === 2)
    await become(rooms, 'notification done', 'notification done', 'notification due')
    rooms.clock.advance(3 * day)
    await until(() => rooms.mails.length === 3)
  })

  it('a policy that is gone, or reaches the device no more, ends what was to come', async () => {
    const rooms = await open()
    const { id: group } = await rooms.directory.addGroup('Staff')
    const policy = policyWith([mail(1), { type: 'retire', gracePeriodHours: 0 }])
    await rooms.compliance.deploy([policy], 'test')
    await failing(rooms)
    await become(rooms, 'retire confirmation', 'notification due')
    await rooms.compliance.deploy([{ ...policy, assignedTo: [group] }], 'test')
    await become(rooms, 'retire over')
    rooms.clock.advance(hour)
    await rooms.compliance.deploy([policy], 'test')
    await become(rooms, 'retire over', 'retire confirmation', 'notification due')
    await rooms.compliance.deploy([], 'test')
    await become(rooms, 'retire over', 'retire over')
    rooms.clock.advance(10 * day)
    assert.deepEqual(rooms.mails, [])
  })

  it('a policy keeps its spells under a new name, and tells nobody again', async () => {
    const rooms = await open()
    const policy = policyWith([mail(0), mail(2)])
    await rooms.compliance.deploy([policy], 'test')
    await failing(rooms)
    await until(() => rooms.mails.length === 1)
    const [kept] = await rooms.compliance.kept()
    assert.ok(kept)
    const renamed = { ...policy, name: 'Telephones' }
    await rooms.compliance.change(() => [{ id: kept.id, policy: renamed }], 'test')
    await until(async () => (await rooms.actions.list()).at(-1)?.policyName === 'Telephones')
    rooms.clock.advance(2 * day)
    await until(() => rooms.mails.length === 2)
    assert.match(rooms.mails[1]?.text ?? '', /"Telephones"/)
  })

  it('F19: retire waits for a person; confirmed it retires, and nothing else of the device waits', async () => {
    const rooms = await open()
    await rooms.compliance.deploy(
      [policyWith([{ type: 'retire', gracePeriodHours: 24 }, mail(30)])],
      'test',
    )
    const device = await failing(rooms)
    await become(rooms, 'retire due', 'notification due')
    rooms.clock.advance(day)
    await become(rooms, 'retire confirmation', 'notification due')
    assert.equal((await rooms.devices.find(device))?.retiredAt, undefined)
    const [waiting] = await rooms.actions.list()
    assert.ok(waiting?.id)
    const done = await rooms.actions.confirm(waiting.id, 'root')
    assert.deepEqual([done.state, done.actor], ['done', 'root'])
    assert.equal((await rooms.devices.find(device))?.registration, 'revoked')
    await become(rooms, 'retire done')
    await assert.rejects(rooms.actions.confirm(waiting.id, 'root'), code('action.settled'))
    await assert.rejects(rooms.actions.confirm('act_none', 'root'), code('not.found'))
  })

  it('dismissed is not asked again in the same spell; health before the answer makes it over', async () => {
    const rooms = await open()
    await rooms.compliance.deploy([policyWith([{ type: 'wipe', gracePeriodHours: 0 }])], 'test')
    const device = await failing(rooms)
    await become(rooms, 'wipe confirmation')
    const [first] = await rooms.actions.list()
    assert.equal((await rooms.actions.dismiss(first?.id ?? '', 'root')).state, 'dismissed')
    await rooms.report(device, { passwordRequired: false, model: 'X' })
    rooms.clock.advance(day)
    await become(rooms, 'wipe dismissed')
    await rooms.report(device, { passwordRequired: true })
    await until(async () => (await rooms.compliance.verdict(device))?.state === 'compliant')
    await rooms.report(device, { passwordRequired: false })
    await become(rooms, 'wipe dismissed', 'wipe confirmation')
    const again = (await rooms.actions.list()).at(-1)
    await rooms.report(device, { passwordRequired: true })
    await assert.rejects(rooms.actions.confirm(again?.id ?? '', 'root'), code('action.settled'))
    await become(rooms, 'wipe dismissed', 'wipe over')
  })

  it('what no channel can do says so, and waits', async () => {
    const rooms = await open()
    const policy = policyWith([
      { type: 'remoteLock', gracePeriodHours: 0 },
      { type: 'wipe', gracePeriodHours: 24 },
    ])
    await rooms.compliance.deploy([policy], 'test')
    await failing(rooms)
    await become(rooms, 'remoteLock pending noChannel', 'wipe due')
    rooms.clock.advance(day)
    await become(rooms, 'remoteLock pending noChannel', 'wipe confirmation')
    const [lock, wipe] = await rooms.actions.list()
    await rooms.actions.confirm(wipe?.id ?? '', 'root')
    await become(rooms, 'remoteLock pending noChannel', 'wipe pending noChannel')
    await assert.rejects(rooms.actions.confirm(lock?.id ?? '', 'root'), code('action.settled'))
  })

  it('a missing template fails with its code, and goes out once it is there and somebody says so', async () => {
    const logged: string[] = []
    const log = {
      info: () => {},
      warn: () => {},
      error: (event: string, thrown: unknown) => {
        logged.push(`${event} ${thrown instanceof Failure ? thrown.code : ''}`)
        return ''
      },
    }
    const rooms = await open({ log })
    await rooms.compliance.deploy(
      [policyWith([mail(0, { notificationTemplateId: 'Reminder' })])],
      'test',
    )
    await failing(rooms)
    await become(rooms, 'notification failed noTemplate')
    assert.deepEqual(logged, ['action.failed action.failed'])
    const message = {
      id: 'm',
      locale: 'en-us',
      subject: 'Dear {{USERNAME}}',
      messageTemplate: 'Mind {{DeviceName}}.<br/>Thanks',
      modifiedAt: 0,
    }
    await rooms.actions.templates.change(
      () => [
        {
          id: 'nmt_1',
          displayName: 'Reminder',
          description: '',
          defaultLocale: 'en-us',
          branding: [],
          roleScopeTagIds: [],
          messages: [message],
          modifiedAt: 0,
        },
      ],
      'test',
    )
    const [failed] = await rooms.actions.list()
    await rooms.actions.retry(failed?.id ?? '', 'root')
    await until(() => rooms.mails.length === 1)
    assert.equal(rooms.mails[0]?.subject, 'Dear alice')
    assert.equal(rooms.mails[0]?.text, "Dear alice\n\nMind alice's phone.\n\nThanks\n")
    await become(rooms, 'notification done')
    const [done] = await rooms.actions.list()
    await assert.rejects(rooms.actions.retry(done?.id ?? '', 'root'), code('action.settled'))
  })

  it('extra recipients are the members of groups, nested ones too, each once; an unknown group is said', async () => {
    const rooms = await open()
    const { directory } = rooms
    const desk = await directory.addGroup('Desk')
    const all = await directory.addGroup('All')
    const bob = await directory.addUser({ name: 'bob', mail: 'bob@example.org' })
    const gone = await directory.addUser({ name: 'gone', mail: 'gone@example.org' })
    await directory.changeUser(gone.id, { enabled: false })
    await directory.changeMembers(desk.id, { add: [bob.id, gone.id] })
    await directory.changeMembers(all.id, { add: [desk.id] })
    const list = [all.id, 'desk', 'nobody']
    await rooms.compliance.deploy(
      [policyWith([mail(0, { notificationMessageCCList: list })])],
      'test',
    )
    await failing(rooms)
    await until(() => rooms.mails.length === 2)
    assert.deepEqual(rooms.mails.map(({ to }) => to).toSorted(), [
      'alice@example.org',
      'bob@example.org',
    ])
    await become(rooms, 'notification done noGroup')
  })

  it('a push is tried until it arrives, refused for good when the receiver says so, and failed where there is none', async () => {
    const answers: ('down' | 'sent' | 'refused')[] = ['down', 'sent', 'refused']
    const pushed: string[] = []
    const push = {
      async send({ user }: { user: string }) {
        const answer = answers.shift()
        if (answer === 'down' || !answer) throw new Failure('upstream.unavailable', 'down')
        pushed.push(user)
        return answer
      },
    }
    const rooms = await open({ push })
    await rooms.compliance.deploy(
      [policyWith([{ type: 'pushNotification', gracePeriodHours: 0 }])],
      'test',
    )
    await failing(rooms)
    await become(rooms, 'pushNotification sending')
    await until(() => {
      rooms.clock.advance(1000)
      return pushed.length === 1
    })
    await become(rooms, 'pushNotification done')
    await failing(rooms, 'bob')
    await become(rooms, 'pushNotification done', 'pushNotification failed pushRefused')
    const mute = await open()
    await mute.compliance.deploy(
      [policyWith([{ type: 'pushNotification', gracePeriodHours: 0 }])],
      'test',
    )
    await failing(mute)
    await become(mute, 'pushNotification failed pushNotConfigured')
  })

  it('mail that is not out when the device is healthy again is never sent', async () => {
    let isUp = false
    const mails: Sent[] = []
    const rooms = await open({
      async deliver(sent) {
        if (!isUp) throw new Failure('upstream.unavailable', 'down')
        mails.push(sent)
        return 'sent'
      },
    })
    await rooms.compliance.deploy([policyWith([mail(0)])], 'test')
    const device = await failing(rooms)
    await become(rooms, 'notification done')
    await rooms.report(device, { passwordRequired: true })
    await until(async () => (await rooms.compliance.verdict(device))?.state === 'compliant')
    await until(async () => {
      const { rows } = await rooms.store.db.executeQuery<{ state: string }>({
        sql: 'select state from notice_mail',
        parameters: [],
        query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
        queryId: { queryId: 'test' },
      })
      return rows[0]?.state === 'void'
    })
    isUp = true
    rooms.clock.advance(day)
    await failing(rooms, 'bob')
    await until(() => mails.length === 1)
    assert.equal(mails[0]?.to, 'bob@example.org')
  })

  it('a restart between hour and firing loses nothing; a clock that was set back fires nothing twice', async () => {
    const first = await open({ deaf: ['actions.due'] })
    await first.compliance.deploy([policyWith([mail(0), mail(1)])], 'test')
    await failing(first)
    await become(first, 'notification due', 'notification due')
    await endings.pop()?.()
    const clock = createManualClock(start - day)
    const back = await open({ url: first.url, clock })
    assert.deepEqual(await states(back), ['notification due', 'notification due'])
    await endings.pop()?.()
    const again = await open({ url: first.url, clock: createManualClock(start + hour) })
    await until(() => again.mails.length === 1)
    await endings.pop()?.()
    const later = await open({ url: first.url, clock: createManualClock(start - day) })
    await become(later, 'notification done', 'notification due')
    assert.equal(later.mails.length, 0)
  })

  it('actions that a policy gets later are due by the time that the device has been failing', async () => {
    const rooms = await open()
    await rooms.compliance.deploy(
      [policyOf({ passwordRequired: true }, { name: 'Phones' })],
      'test',
    )
    const device = await failing(rooms)
    await until(async () => (await rooms.compliance.verdict(device))?.state === 'noncompliant')
    rooms.clock.advance(2 * day)
    await rooms.compliance.deploy([policyWith([mail(1), mail(3)])], 'test')
    await become(rooms, 'notification done', 'notification due')
  })
})
