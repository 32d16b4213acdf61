import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openedPerTest, type Phone, policyOf, until } from '../../test/fake/judging-rooms.ts'
import type { CompliancePolicy } from '../compliance/policy.ts'
import { Lockout } from './lockout.ts'
import { defaultAccessPolicies } from './policy.ts'

const { open } = openedPerTest()

describe('a change of compliance policies', () => {
  it('is refused where it locks out the actor, the last administrator or too many, and is tried anew where others were first', async () => {
    const rooms = await open()
    const { access, compliance, directory } = rooms
    const phones: Phone[] = []
    for (const name of ['ann', 'bob', ...'cdefghijkl']) {
      const { id } = await rooms.user(name)
      phones.push(await rooms.phone(id, { passwordMinimumLength: name === 'bob' ? 8 : 6 }))
    }
    const [ann] = phones
    await directory.changeUser(ann?.user ?? assert.fail(), { role: 'administrator' })
    const { exchangeOnline } = defaultAccessPolicies
    const enforcement = { state: 'enforcing', scope: 'all' } as const
    const begin = { enforcement, exchangeOnline: { ...exchangeOnline, enabled: true } }
    // Until all of them are judged.
    await until(async () => (await access.replay(begin, 'x')).replay.newlyBlocked.length === 0)
    await access.change(begin, 'x')
    const longer = (least: number, rest: Partial<CompliancePolicy> = {}) => ({
      policy: policyOf({ passwordMinimumLength: least }, rest),
    })
    const refused = async (least: number, actor: string, rest: Partial<CompliancePolicy> = {}) => {
      const change = access.change({}, actor, () =>
        compliance.prepare(() => [longer(least, rest)], actor),
      )
      const thrown: unknown = await change.then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!thrown) return []
      assert.ok(thrown instanceof Lockout, 'another failure')
      return thrown.consequence.dangers.map(({ kind }) => kind)
    }
    assert.deepEqual(await refused(7, 'bob'), ['lastAdministrator', 'share'])
    assert.deepEqual(await refused(7, 'ann'), ['actor', 'lastAdministrator', 'share'])
    const { id: staff } = await directory.addGroup('staff')
    await directory.changeMembers(staff, { add: [ann?.user ?? assert.fail()] })
    assert.deepEqual(await refused(7, 'bob', { assignedTo: [staff] }), ['lastAdministrator'])
    assert.deepEqual(await refused(7, 'bob', { gracePeriodHours: 1 }), [])

    // Somebody else is quicker each time but the last.
    await compliance.deploy([], 'bob')
    let tries = 0
    await access.change({}, 'ann', async () => {
      const prepared = await compliance.prepare(
        (kept) => [...kept, longer(6, { name: 'mine' })],
        'ann',
      )
      if (++tries < 3)
        await compliance.change((kept) => [...kept, longer(5, { name: `p${tries}` })], 'bob')
      return prepared
    })
    const names = (await compliance.policies()).map(({ name }) => name)
    assert.deepEqual([tries, names], [3, ['p1', 'p2', 'mine']])
  })
})
