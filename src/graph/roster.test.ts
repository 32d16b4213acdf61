import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { pause, systemClock } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import { createMovedClock } from '../../test/fake/moved-clock.ts'
import { openJudgingRooms, type Phone, until } from '../../test/fake/judging-rooms.ts'
import { createRoster } from './roster.ts'

const explain = ({ rule }: { rule: string }) => ({
  rule,
  title: rule,
  explanation: '',
  howToResolve: '',
})

async function open(clock = systemClock) {
  const rooms = await openJudgingRooms({ clock })
  const rosterOf = () => createRoster({ rooms, journal: rooms.store.journal, clock, explain })
  const roster = await rosterOf()
  const stop = async () => {
    await roster.stop()
    await rooms.stop()
  }
  /** What a roster that begins now says. */
  const anew = async () => {
    const other = await rosterOf()
    const rows = await other.rows()
    await other.stop()
    return rows
  }
  const admit = async ({ user, partnership }: Pick<Phone, 'user' | 'partnership'>) =>
    (await rooms.gate.admit({ user, protocol: 'eas', partnership })).release()
  return { rooms, roster, anew, admit, stop }
}

async function opened(t: TestContext, clock = systemClock) {
  const all = await open(clock)
  t.after(all.stop)
  return all
}

describe('the rows of the devices page', () => {
  test('what was done before the question is in the answer', async (t) => {
    const { rooms, roster } = await opened(t)
    assert.deepEqual(await roster.rows(), [])
    const { id: user } = await rooms.user('anna')
    const client = await rooms.client(user, 'PHONE')
    const [row] = await roster.rows()
    assert.deepEqual(
      [row?.id, row?.userPrincipalName, row?.exchangeAccessState],
      [client.id, 'anna', 'unknown'],
    )
    const device = await rooms.devices.enroll({ owner: user, name: 'My phone', channel: 'portal' })
    assert.equal((await roster.rows()).length, 2)
    await rooms.devices.activate(client.id, device)
    assert.deepEqual(
      (await roster.rows()).map((each) => each.deviceName),
      ['My phone'],
    )
    await rooms.directory.changeUser(user, { displayName: 'Anna Berg' })
    assert.equal((await roster.rows())[0]?.userDisplayName, 'Anna Berg')
    await rooms.devices.retire(device)
    const [retired, second] = await roster.rows()
    assert.deepEqual(
      [retired?.id, retired?.azureADRegistered, second],
      [client.id, false, undefined],
    )
    await rooms.devices.forget(client.id)
    assert.deepEqual(await roster.rows(), [])
  })

  test('a decision shows at once, a verdict when it is made', async (t) => {
    const { rooms, roster, admit } = await opened(t)
    const { id: user } = await rooms.user('anna')
    const phone = await rooms.phone(user, { osVersion: '17.0' })
    await roster.rows()
    await admit(phone)
    assert.equal((await roster.rows())[0]?.exchangeAccessState, 'allowed')
    await rooms.compliance.check(phone.device)
    assert.notEqual((await roster.rows())[0]?.complianceState, 'unknown')
    const at = (await roster.rows())[0]
    assert.equal((await roster.rows())[0], at, 'a row that is the same is not made again')
  })

  test('times of contact, which are no news, are there within seconds', async (t) => {
    const clock = createMovedClock()
    const { rooms, roster } = await opened(t, clock)
    const { id: user } = await rooms.user('anna')
    const { id } = await rooms.client(user)
    assert.equal((await roster.rows())[0]?.exchangeLastSuccessfulSyncDateTime, null)
    rooms.devices.seen(id, clock.now(), true)
    clock.move(limits.rosterContactsMs.value)
    assert.notEqual((await roster.rows())[0]?.exchangeLastSuccessfulSyncDateTime, null)
  })

  test('forgotten when nobody looks, and there again for whoever does', async (t) => {
    const clock = createMovedClock()
    const { rooms, roster } = await opened(t, clock)
    const { id: user } = await rooms.user('anna')
    await rooms.client(user)
    const [before] = await roster.rows()
    clock.move(limits.rosterIdleMs.value + 1)
    await pause(20) // the clock rings
    const [after] = await roster.rows()
    assert.notEqual(after, before)
    assert.deepEqual(after, before)
  })

  test('after any deeds it says what one that begins anew says', async () => {
    const deeds = fc.array(fc.tuple(fc.nat(6), fc.nat(3)), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(deeds, async (some) => {
        const { rooms, roster, anew, admit, stop } = await open()
        const { id: user } = await rooms.user('anna')
        const phones: Phone[] = []
        for (const [deed, which] of some) {
          const phone = phones[which % Math.max(phones.length, 1)]
          if (deed === 0 || !phone) phones.push(await rooms.phone(user, { osVersion: '17.0' }))
          else if (deed === 1) await rooms.devices.retire(phone.device)
          else if (deed === 2) await rooms.devices.forget(phone.partnership).catch(() => {})
          else if (deed === 3) await admit(phone)
          else if (deed === 4) await rooms.client(user, `LONE${which}`)
          else if (deed === 5)
            await rooms.report(phone, { osVersion: `18.${which}` }).catch(() => {})
          else
            await Promise.all([roster.rows(), rooms.compliance.check(phone.device).catch(() => {})])
        }
        await until(async () => {
          const [rows, fresh] = [await roster.rows(), await anew()]
          return JSON.stringify(rows) === JSON.stringify(fresh) ? true : undefined
        })
        await stop()
      }),
      { numRuns: 25 },
    )
  })
})
