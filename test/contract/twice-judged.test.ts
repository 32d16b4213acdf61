import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { produce, templateNamed, withProduced } from '../../src/access/templates.ts'
import { createManualClock, day } from '../../src/base/clock.ts'
import { createEvaluator } from '../../src/conditional/conditional.ts'
import { exchangeOnline } from '../../src/conditional/policy.ts'
import { readPolicy } from '../../src/conditional/read-policy.ts'
import { readWhatIfRequest } from '../../src/conditional/what-if-request.ts'
import type { SiteCompliance } from '../../src/compliance/judge.ts'
import {
  type JudgingRooms,
  openedPerTest,
  type Phone,
  policyOf,
  storeFile,
  until,
} from '../fake/judging-rooms.ts'

// Acceptance cases in which both judgements speak: how a device stands, and whether that reaches mail. The rooms really run.

const start = Date.UTC(2026, 2, 1)
const { endings, open } = openedPerTest()

const healthyOnly = readPolicy({
  displayName: 'healthy devices',
  state: 'enabled',
  conditions: {
    users: { includeUsers: ['All'] },
    applications: { includeApplications: ['All'] },
    clientAppTypes: ['all'],
  },
  grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
}).policy

const inForce = (policy = healthyOnly) => ({
  enforcement: { state: 'enforcing', scope: 'all' } as const,
  conditionalAccess: { policies: [policy], namedLocations: [], authenticationStrengths: [] },
})

/** Rooms that enforce `healthyOnly`, with one phone of alice's. */
async function openEnforcing(site: Partial<SiteCompliance> = {}, url = ':memory:') {
  const clock = createManualClock(start)
  const rooms = await open({ clock, site, url })
  await rooms.access.change(inForce(), 'test')
  const { id: alice } = await rooms.user('alice')
  return { ...rooms, ...lookingAt(rooms), clock, alice }
}

/** What can be seen of a phone in these rooms. */
function lookingAt({ gate, compliance }: JudgingRooms) {
  const admit = ({ user, partnership }: Phone) =>
    gate.admit({ user, partnership, protocol: 'eas', address: '192.0.2.1' })
  const decision = async (phone: Phone) => {
    const { outcome, stateReason } = (await admit(phone)).decision
    return `${outcome} ${stateReason}`
  }
  return {
    admit,
    decision,
    decides: (phone: Phone, as: string) => until(async () => (await decision(phone)) === as),
    becomes: (phone: Phone, state: string) =>
      until(async () => (await compliance.verdict(phone.device))?.state === state),
  }
}

describe('case 33 (identity-and-access 9): a device in grace', () => {
  it('is in its grace period and passes until tomorrow, and is noncompliant and refused from then on', async () => {
    const rooms = await openEnforcing()
    const policy = policyOf({ passwordRequired: true }, { gracePeriodHours: 24 })
    await rooms.compliance.deploy([policy], 'test')
    const phone = await rooms.phone(rooms.alice, { passwordRequired: false })
    await rooms.becomes(phone, 'inGracePeriod')
    await rooms.decides(phone, 'allow compliant')
    const held = await rooms.admit(phone)
    rooms.clock.advance(day - 1)
    assert.equal(await rooms.decision(phone), 'allow compliant')
    rooms.clock.advance(1)
    assert.equal(await rooms.decision(phone), 'quarantine notCompliant')
    await until(() => held.withdrawn.aborted)
    await rooms.becomes(phone, 'noncompliant')
  })
})

describe('case 34 (identity-and-access 9): a device without a policy', () => {
  for (const [secureByDefault, state, decided] of [
    [false, 'compliant', 'allow compliant'],
    [true, 'noncompliant', 'quarantine notCompliant'],
  ] as const)
    it(`is ${state} where the site is${secureByDefault ? '' : ' not'} secure by default`, async () => {
      const rooms = await openEnforcing({ secureByDefault })
      const phone = await rooms.phone(rooms.alice, { model: 'X' })
      await rooms.becomes(phone, state)
      await rooms.decides(phone, decided)
    })

  it('that was last heard of 31 days ago is noncompliant, and compliant again once it reports', async () => {
    const { url, remove } = storeFile()
    endings.push(remove)
    const before = await openEnforcing({ secureByDefault: false }, url)
    const phone = await before.phone(before.alice, { model: 'X' })
    await before.decides(phone, 'allow compliant')
    await before.stop()
    // A month passes at once.
    const rooms = await open({ clock: createManualClock(start + 31 * day), url })
    const { becomes, decides } = lookingAt(rooms)
    await becomes(phone, 'noncompliant')
    const verdict = await rooms.compliance.verdict(phone.device)
    assert.deepEqual(
      verdict?.findings.map(({ rule }) => rule),
      ['isActive'],
    )
    await decides(phone, 'quarantine notCompliant')
    await rooms.report(phone, { model: 'X' })
    await decides(phone, 'allow compliant')
  })
})

describe('case 35 (identity-and-access 9): the on-premises settings', () => {
  it('let an enrolled and compliant device of an included group in, though its family and the default are blocked', async () => {
    const rooms = await openEnforcing({ secureByDefault: false })
    const { id: group } = await rooms.directory.addGroup('staff')
    await rooms.directory.changeMembers(group, { add: [rooms.alice] })
    const { id: outsider } = await rooms.user('bob')
    const [inside, sick, outside] = [
      await rooms.phone(rooms.alice, { jailbroken: false }),
      await rooms.phone(rooms.alice, { jailbroken: true }),
      await rooms.phone(outsider, { jailbroken: false }),
    ]
    await rooms.compliance.deploy([policyOf({ securityBlockJailbrokenDevices: true })], 'test')
    const template = templateNamed('classic-on-premises')
    const produced = produce(template, {
      state: 'enabled',
      targeted: group,
      defaultAccessLevel: 'block',
      overrideDefaultRule: 'true',
      exceptions: 'family:iPhone=block',
    })
    const made = produced.policies.map(
      (document, n) => readPolicy({ ...document, id: `cap_${n}` }).policy,
    )
    const { conditionalAccess, enforcement } = inForce()
    await rooms.access.change((now) => {
      const before = { ...now, conditionalAccess: { ...conditionalAccess, policies: [] } }
      return {
        enforcement,
        ...withProduced(before, template.id, { ...produced, policies: made }),
      }
    }, 'test')
    const { deviceAccessRules, organization } = await rooms.access.policies()
    assert.deepEqual(
      [deviceAccessRules.map(({ accessLevel }) => accessLevel), organization.defaultAccessLevel],
      [['block'], 'block'],
    )
    await rooms.decides(inside, 'allow compliant')
    await rooms.becomes(sick, 'noncompliant')
    assert.equal(await rooms.decision(sick), 'block notCompliant')
    assert.equal(await rooms.decision(outside), 'block exchangeDeviceRule')
  })
})

describe('case 36 (identity-and-access 9), as far as there are no tokens: access renewed after compliance was lost', () => {
  it('is refused, is granted again after remediation to the same client, and is gone for good with the device', async () => {
    const rooms = await openEnforcing({ secureByDefault: false })
    await rooms.compliance.deploy([policyOf({ passwordRequired: true })], 'test')
    const phone = await rooms.phone(rooms.alice, { passwordRequired: true })
    await rooms.becomes(phone, 'compliant')
    await rooms.decides(phone, 'allow compliant')
    const held = await rooms.admit(phone)

    /** What an app that comes with a refresh token would be told, by the verdict of this moment. */
    const renewed = async () => {
      const state = (await rooms.compliance.verdict(phone.device))?.state
      const { signIn } = readWhatIfRequest(
        {
          signInIdentity: { userId: 'alice' },
          signInContext: { includeApplications: [exchangeOnline] },
          signInConditions: {
            devicePlatform: 'iOS',
            clientAppType: 'mobileAppsAndDesktopClients',
            deviceInfo: state && { isCompliant: state === 'compliant', trustType: 'Workplace' },
          },
        },
        {
          user: (id) => ({ kind: 'user', id, groups: new Set(), roles: new Set() }),
          servicePrincipal: () => undefined,
        },
      )
      const set = (await rooms.access.policies()).conditionalAccess
      const { outcome, errorCode } = createEvaluator(set).decide(signIn, rooms.clock.now())
      return [outcome, errorCode]
    }
    assert.deepEqual(await renewed(), ['grant', undefined])

    await rooms.report(phone, { passwordRequired: false })
    await rooms.becomes(phone, 'noncompliant')
    await until(() => held.withdrawn.aborted)
    assert.equal(await rooms.decision(phone), 'quarantine notCompliant')
    assert.deepEqual(await renewed(), ['block', 53000])

    await rooms.report(phone, { passwordRequired: true })
    await rooms.becomes(phone, 'compliant')
    await rooms.decides(phone, 'allow compliant')
    assert.deepEqual(await renewed(), ['grant', undefined])

    await rooms.devices.retire(phone.device)
    await until(async () => !(await rooms.compliance.verdict(phone.device)))
    await until(async () => (await rooms.decision(phone)).startsWith('quarantine'))
    assert.deepEqual(await renewed(), ['block', 53000])
  })
})
