import assert from 'node:assert/strict'
import { it } from 'node:test'
import { defaultAccessPolicies } from '../../src/access/policy.ts'
import {
  type JudgingRooms,
  openJudgingRooms,
  type Phone,
  policyOf,
  until,
} from '../fake/judging-rooms.ts'
import { type NewUrl, onPostgres, onSqlite } from './engines.ts'

const exchangeOnline = { ...defaultAccessPolicies.exchangeOnline, enabled: true }
const enforcement = { state: 'enforcing', scope: 'all' } as const
const ask = ({ user, partnership }: Phone) => ({ protocol: 'eas', user, partnership }) as const

async function enforce(rooms: JudgingRooms): Promise<Phone> {
  await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
  await rooms.access.change({ enforcement, exchangeOnline }, 'test')
  const { id } = await rooms.user('alice')
  const phone = await rooms.phone(id, { passwordRequired: true })
  await until(async () => (await rooms.gate.admit(ask(phone))).decision.outcome === 'allow')
  return phone
}

function judgingContract(name: string, newUrl: NewUrl): void {
  it(`${name}: a report ends what is held, and everything is there after a restart`, async () => {
    const url = await newUrl()
    const rooms = await openJudgingRooms({ url })
    const phone = await enforce(rooms)
    const admission = await rooms.gate.admit(ask(phone))
    await rooms.report(phone, { passwordRequired: false })
    await until(() => admission.withdrawn.aborted)
    const saved = await until(async () => {
      const decision = (await rooms.access.decisions()).get(phone.partnership)
      return decision?.state === 'quarantined' ? decision : undefined
    })
    assert.deepEqual(
      saved.reasons.map(({ code }) => code),
      ['notCompliant', 'passwordRequired'],
    )
    const [policies, verdicts] = [await rooms.access.policies(), await rooms.compliance.verdicts()]
    const log = await rooms.access.log({ limit: 100 })
    await rooms.access.judgePersonally(phone.partnership, 'block', 'test')
    await rooms.access.judgePersonally(phone.partnership, 'none', 'test')
    await rooms.stop()
    const again = await openJudgingRooms({ url })
    const kept = (await again.access.decisions()).get(phone.partnership)
    assert.equal(kept?.state, 'quarantined')
    assert.deepEqual((await again.access.policies()).exchangeOnline, policies.exchangeOnline)
    assert.deepEqual(await again.compliance.verdicts(), verdicts)
    assert.equal((await again.access.log({ limit: 100 })).length, log.length + 2)
    await again.stop()
  })
}

onSqlite('judging on SQLite', (newUrl) => judgingContract('a file', newUrl))

onPostgres('judging on PostgreSQL', (newUrl) => {
  judgingContract('a database', newUrl)

  it('what one node hears ends what another holds, and both keep one decision', async () => {
    const url = await newUrl()
    const [one, two] = [await openJudgingRooms({ url }), await openJudgingRooms({ url })]
    const phone = await enforce(one)
    await until(async () => (await two.gate.admit(ask(phone))).decision.outcome === 'allow')
    for (const healthy of [false, true, false]) {
      const held = [await one.gate.admit(ask(phone)), await two.gate.admit(ask(phone))]
      const reporting = healthy ? one : two
      await reporting.report(phone, { passwordRequired: healthy })
      await until(() => held.every(({ withdrawn }) => withdrawn.aborted))
      const state = healthy ? 'allowed' : 'quarantined'
      await until(async () => {
        const kept = await Promise.all([one.access.decisions(), two.access.decisions()])
        return kept.every((decisions) => decisions.get(phone.partnership)?.state === state)
      })
    }
    await one.access.change({ enforcement: { state: 'observing', scope: 'all' } }, 'test')
    await until(async () => (await two.gate.admit(ask(phone))).decision.outcome === 'allow')
    await one.stop()
    // The other takes over what one node does for all.
    await two.access.change({ enforcement }, 'test')
    await two.report(phone, { passwordRequired: true })
    await until(async () => (await two.compliance.verdict(phone.device))?.state === 'compliant')
    await until(async () => {
      const kept = (await two.access.decisions()).get(phone.partnership)
      return kept?.enforced && kept.state === 'allowed' ? kept : undefined
    })
    await two.stop()
  })
})
