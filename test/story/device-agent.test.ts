import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { signIn } from '../../src/demo/person.ts'
import type { ActionRow } from '../../src/graph/actions-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { type Agent, enrollAgent, handIn } from './agent.ts'
import {
  eventually,
  hold,
  iPhone,
  knownPhone,
  onlyMail,
  openSite,
  type PolicyDraft,
  settle,
  type Site,
  subjects,
} from './site.ts'

const cut = [7, 12]

const policies: readonly PolicyDraft[] = [
  {
    kind: 'compliancePolicy',
    name: 'Phones',
    platform: 'iOS',
    settings: { osMinimumVersion: '18.0', securityBlockJailbrokenDevices: true },
    // What only management can tell is nothing against a phone without it.
    notReported: 'compliant',
  },
  { kind: 'exchangeOnline', enabled: true },
]

/** The phone fails the second policy from now on, has a month for it, and may be retired meanwhile. */
const retiring: readonly PolicyDraft[] = [
  ...policies,
  {
    kind: 'compliancePolicy',
    name: 'New systems',
    platform: 'iOS',
    settings: { osMinimumVersion: '19.0' },
    gracePeriodHours: 720,
    actions: [{ type: 'retire', gracePeriodHours: 0 }],
  },
]

/** Alice's phone with management on it, at a site that enforces. */
async function managed(t: TestContext) {
  const site = await openSite(t)
  const { house } = site
  for (const user of ['alice', 'mallory']) await house.addUser(user)
  await house.deliver('alice', 'Figures')
  await site.apply(...policies)
  await site.enforce()
  const phone = await knownPhone(site, 'alice', 'ALICE1', { os: '18.1' })
  assert.deepEqual(subjects(phone), ['Figures'])
  const person = await house.portal('alice')
  const device = (await site.row('ALICE1')).azureADDeviceId ?? ''
  const agent = await enrollAgent(house, person, device)
  assert.equal(agent.device, device)
  return { site, phone, agent, person }
}

const stateReason = async (site: Site) => (await site.row('ALICE1')).exchangeAccessStateReason

describe('a device with a certificate of ours', () => {
  test('what it signs counts at once, and the phone cannot talk its way past it', async (t) => {
    const { site, phone, agent } = await managed(t)
    const held = await hold(phone)
    assert.equal((await agent.report({ osVersion: '17.0', jailbroken: false })).status, 204)
    assert.deepEqual(await held.ended(), cut)
    await settle(phone, '18.1')
    assert.ok(onlyMail(phone).text.includes('17.0'))
    // Over EAS it says that it is newer: claimed, and management said otherwise.
    assert.equal((await phone.sendDeviceInformation(iPhone('18.3'))).status, 1)
    await settle(phone, '18.3')
    assert.ok(onlyMail(phone).text.includes('17.0'))
    assert.equal(await stateReason(site), 'notCompliant')

    const waiting = await hold(phone)
    assert.equal((await agent.report({ osVersion: '18.2' })).status, 204)
    assert.deepEqual(await waiting.ended(), cut)
    await settle(phone)
    assert.deepEqual(subjects(phone), ['Figures'])

    const again = await hold(phone)
    assert.equal((await agent.report({ jailbroken: true })).status, 204)
    assert.deepEqual(await again.ended(), cut)
    assert.equal(await stateReason(site), 'notCompliant')
  })

  test('retired, it is cut off at once and its certificate is worth nothing', async (t) => {
    const { site, phone, agent, person } = await managed(t)
    const held = await hold(phone)
    await site.act('ALICE1', 'retire')
    assert.deepEqual(await held.ended(), cut)
    await settle(phone)
    assert.ok(onlyMail(phone).text.includes('/portal/'))
    assert.equal(await stateReason(site), 'notEnrolled')
    assert.equal((await agent.report({ osVersion: '18.2' })).status, 403)
    await assert.rejects(enrollAgent(site.house, person, agent.device), /403/)
    assert.equal(await stateReason(site), 'notEnrolled')
  })

  test('F19: retired after a person’s yes, it is cut off as surely, and the person is on record', async (t) => {
    const { site, phone, agent, person } = await managed(t)
    const { house } = site
    await site.apply(...retiring)
    const held = await hold(phone)
    // Within its grace it has its mail, until somebody says that it is to go.
    assert.equal((await agent.report({ osVersion: '18.1', jailbroken: false })).status, 204)
    const list = async () =>
      (await house.administrator.call<Collection<ActionRow>>('GET', '/postern/actions')).value
    const asked = async () =>
      (await list()).find(
        ({ actionType, state }) => actionType === 'retire' && state === 'confirmation',
      )
    await eventually(async () => (await asked()) !== undefined, 'the retirement waits')
    assert.equal(held.over, 0)
    assert.equal((await agent.report({ osVersion: '18.1' })).status, 204)
    const { id } = (await asked()) ?? assert.fail()

    const chief = {
      userPrincipalName: 'chief',
      mail: 'chief@example.org',
      password: 'correct horse',
    }
    await house.administrator.call('POST', '/users', { ...chief, role: 'administrator' })
    const { url, authority } = house
    const desk = await signIn({ url, authority, name: 'chief', password: chief.password })
    t.after(() => desk.close())
    await assert.rejects(person.call('POST', `/postern/actions/${id}/confirm`), /403/)
    assert.equal(held.over, 0)
    await desk.call('POST', `/postern/actions/${id}/confirm`, {})
    assert.deepEqual(await held.ended(), cut)
    await settle(phone)
    assert.ok(onlyMail(phone).text.includes('/portal/'))
    assert.equal(await stateReason(site), 'notEnrolled')
    assert.equal((await agent.report({ osVersion: '19.0' })).status, 403)
    await assert.rejects(enrollAgent(house, person, agent.device), /403/)
    const [done] = (await list()).filter((row) => row.id === id)
    assert.deepEqual([done?.state, done?.actor], ['done', 'chief'])
  })

  test('nobody else speaks for it', async (t) => {
    const { site, phone, agent } = await managed(t)
    const { house } = site
    const held = await hold(phone)
    const bad = { osVersion: '1.0' }
    const foreign = await foreignAgent(t)
    const mallory = await house.portal('mallory')
    const own = await enrollAgent(house, mallory)
    const reports = {
      'signed by another CA': await foreign.sign(bad),
      'of yesterday': await agent.sign(bad, Date.now() / 1000 - 86_400),
      'of tomorrow': await agent.sign(bad, Date.now() / 1000 + 86_400),
      'with another payload': await withPayloadOf(agent, bad),
      'with another’s certificate': await withHeaderOf(agent, own, bad),
      'of no form': 'a.b.c',
    }
    for (const [what, report] of Object.entries(reports)) {
      const { status, text } = await handIn(house, report)
      assert.equal(status, 403, what)
      assert.equal(JSON.parse(text).error.code, 'enrollment.refused', what)
    }
    // Of a device of one's own one may say what one likes: it is one's own.
    assert.equal((await own.report(bad)).status, 204)
    await assert.rejects(enrollAgent(house, mallory, agent.device), /403/)
    const good = await agent.sign({ osVersion: '18.4' })
    assert.equal((await handIn(house, good)).status, 204)
    assert.equal((await handIn(house, good)).status, 403, 'the same report a second time')
    assert.equal(held.over, 0)
    assert.equal((await site.row('ALICE1')).osVersion, '18.4')
  })

  test('a new certificate ends the old one', async (t) => {
    const { site, agent, person } = await managed(t)
    const renewed = await enrollAgent(site.house, person, agent.device)
    assert.equal((await renewed.report({ osVersion: '18.3' })).status, 204)
    assert.equal((await agent.report({ osVersion: '18.4' })).status, 403)
    assert.equal((await site.row('ALICE1')).osVersion, '18.3')
  })
})

/** A device of another Postern, whose CA ours does not know. */
async function foreignAgent(t: TestContext): Promise<Agent> {
  const { house } = await openSite(t)
  await house.addUser('alice')
  return enrollAgent(house, await house.portal('alice'))
}

const partsOf = (report: string) => report.split('.') as [string, string, string]

/** Header and signature of one report around other facts. */
async function withPayloadOf(agent: Agent, facts: Parameters<Agent['sign']>[0]): Promise<string> {
  const [header, , signature] = partsOf(await agent.sign({ osVersion: '18.2' }))
  const [, payload] = partsOf(await agent.sign(facts))
  return [header, payload, signature].join('.')
}

/** The certificate of one device over what another has signed. */
async function withHeaderOf(
  agent: Agent,
  signer: Agent,
  facts: Parameters<Agent['sign']>[0],
): Promise<string> {
  const [header] = partsOf(await agent.sign(facts))
  const [, payload, signature] = partsOf(await signer.sign(facts))
  return [header, payload, signature].join('.')
}
