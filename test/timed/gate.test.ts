import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultAccessPolicies } from '../../src/access/policy.ts'
import { systemClock } from '../../src/base/clock.ts'
import { openJudgingRooms, type Phone, policyOf, storeFile, until } from '../fake/judging-rooms.ts'

const request = ({ user, partnership }: Phone) => ({ protocol: 'eas', user, partnership }) as const

test('200 phones with two admissions each: all end within a second of a policy change', async (t) => {
  const { url, remove } = storeFile()
  const rooms = await openJudgingRooms({ url })
  t.after(async () => {
    await rooms.stop()
    remove()
  })
  await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
  const exchangeOnline = { ...defaultAccessPolicies.exchangeOnline, enabled: true }
  const enforcement = { state: 'enforcing', scope: 'all' } as const
  await rooms.access.change({ enforcement, exchangeOnline }, 'test')
  const phones: Phone[] = []
  for (let count = 0; count < 200; count++) {
    const { id } = await rooms.user(`user${count}`)
    const facts = { passwordRequired: true, osVersion: '17.4' }
    phones.push(await rooms.phone(id, facts))
  }
  const last = phones.at(-1) ?? assert.fail()
  await until(async () => (await rooms.gate.admit(request(last))).decision.outcome === 'allow')
  const held = await Promise.all(
    [...phones, ...phones].map((one) => rooms.gate.admit(request(one))),
  )
  assert.ok(held.every(({ decision }) => decision.outcome === 'allow'))
  const ended: number[] = []
  for (const { withdrawn } of held)
    withdrawn.addEventListener('abort', () => ended.push(systemClock.now() - begun))
  const begun = systemClock.now()
  await rooms.compliance.deploy(
    [policyOf({ passwordRequired: true, osMinimumVersion: '18.0' })],
    'test',
  )
  await until(() => ended.length === held.length)
  const slowest = Math.max(...ended)
  assert.ok(slowest < 1000, `the slowest took ${slowest} ms`)
  await until(async () => {
    const states = [...(await rooms.access.decisions()).values()]
    return states.every(({ state }) => state === 'quarantined')
  })
})
