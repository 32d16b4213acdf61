import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anyAccessWorld } from '../../test/worlds/access.ts'
import { createEvaluator } from '../conditional/conditional.ts'
import { exchangeOnline } from '../conditional/policy.ts'
import { faultOf, readPolicy } from '../conditional/read-policy.ts'
import type { SignIn } from '../conditional/sign-in.ts'
import { decide } from './decide.ts'
import { type AccessPolicies, defaultAccessPolicies } from './policy.ts'
import { produce, templateNamed, templates, withProduced } from './templates.ts'

// This also holds src/access/templates/template.ts, src/access/templates/classic-exchange-online.ts,
// src/access/templates/classic-on-premises.ts and src/access/templates/single-policy.ts.

/** The policies with what a template makes; groups have their ids as names here. */
function applied(
  policies: AccessPolicies,
  name: string,
  settings: Record<string, string>,
): AccessPolicies {
  const template = templateNamed(name)
  const produced = produce(template, settings)
  const made = produced.policies.map(
    (document, n) => readPolicy({ ...document, id: `${n}`, templateId: template.id }).policy,
  )
  return {
    ...policies,
    ...withProduced(policies, template.id, { ...produced, policies: made }),
  }
}

const { exchangeOnline: off, conditionalAccess: none } = defaultAccessPolicies
const groupsOf = (groups: 'all' | readonly string[]) => (groups === 'all' ? groups : groups.join())

describe('the classic pages as templates', () => {
  it('law: the policies made of the page for Exchange Online let in, quarantine and block whom the page does', () => {
    fc.assert(
      fc.property(anyAccessWorld, ({ circumstances, policies, now }) => {
        const page = { ...policies.exchangeOnline, requireApproval: false }
        const before = { ...policies, exchangeOnline: page, conditionalAccess: none }
        const settings = {
          state: page.enabled ? 'enabled' : 'disabled',
          targeted: groupsOf(page.targeted),
          exempt: page.exempt.join(),
          supportedPlatforms: page.supportedPlatforms.join(),
          blockNoncompliant: String(page.blockNoncompliant),
          blockUnsupportedPlatforms: String(page.blockUnsupportedPlatforms),
          windowsRequirement: page.windowsRequirement,
        }
        const after = applied(
          { ...before, exchangeOnline: off },
          'classic-exchange-online',
          settings,
        )
        const [one, two] = [before, after].map((set) => decide(circumstances, set, now))
        const told = (decision = one) => {
          const { outcome, judged, enforced, state } = decision ?? assert.fail()
          return { outcome, judged, enforced, state }
        }
        assert.deepEqual(told(two), told(one))
      }),
      { numRuns: 1500 },
    )
  })

  it('F33 law: what is made of the on-premises page follows its picture', () => {
    const anyFlag = fc.boolean()
    const anyLevel = fc.constantFrom('allow', 'block', 'quarantine')
    const page = fc.record({
      override: anyFlag,
      first: anyFlag,
      level: anyLevel,
      family: fc.option(anyLevel),
    })
    fc.assert(
      fc.property(anyAccessWorld, page, ({ circumstances, policies, now }, told) => {
        const { user, eas, device } = circumstances
        if (!user.enabled || eas.policyRefused || circumstances.autoblock) return
        const settings = {
          state: 'enabled',
          targeted: 'grp_a',
          exempt: 'grp_b',
          defaultAccessLevel: told.level,
          overrideDefaultRule: String(told.override),
          exceptionsFirst: String(told.first),
          // Only what a client tells from the start, so that nothing is left to discover.
          exceptions: told.family ? `family:iPhone=${told.family}` : '',
        }
        const bare = {
          ...defaultAccessPolicies,
          enforcement: { state: 'enforcing', scope: 'all' } as const,
          organization: policies.organization,
        }
        const set = applied(bare, 'classic-on-premises', settings)
        const named = eas.deviceType === 'iPhone' ? told.family : null
        const rules = named ?? told.level
        // The picture, once more.
        const flow = () => {
          if (!user.groups.has('grp_a') || user.groups.has('grp_b')) return rules
          if (!device?.registered || !device.activated) return 'block'
          if (!device.managed && !device.domainJoined) return 'block'
          const healthy =
            ['compliant', 'notApplicable'].includes(device.compliance) ||
            (device.compliance === 'inGracePeriod' && now < (device.graceUntil ?? 0))
          if (!device.managed || !healthy) return 'block'
          if (!told.override) return rules
          return told.first ? (named ?? 'allow') : 'allow'
        }
        assert.equal(decide(circumstances, set, now).outcome, flow())
      }),
      { numRuns: 1500 },
    )
  })

  it('applied again, it takes the place of what it made, and of nothing else', () => {
    const mine = readPolicy({
      id: 'mine',
      displayName: 'mine',
      state: 'enabled',
      conditions: { clientAppTypes: ['all'] },
      grantControls: { operator: 'OR', builtInControls: ['block'] },
    }).policy
    const own = {
      name: 'own',
      characteristic: 'DeviceType',
      queryString: 'X',
      accessLevel: 'block',
    }
    const first = applied(
      {
        ...defaultAccessPolicies,
        conditionalAccess: { ...none, policies: [mine] },
        deviceAccessRules: [own as AccessPolicies['deviceAccessRules'][number]],
      },
      'classic-on-premises',
      { state: 'enabled', exceptions: 'family:iPad=block,model:iPhone15C4=allow' },
    )
    assert.deepEqual(
      first.deviceAccessRules.map(({ name }) => name),
      ['own', 'Exception: family iPad', 'Exception: model iPhone15C4'],
    )
    const again = applied(first, 'classic-on-premises', {
      state: 'enabled',
      overrideDefaultRule: 'true',
    })
    assert.deepEqual(again.deviceAccessRules, [own])
    assert.equal(again.conditionalAccess.policies.length, 2)
    assert.equal(again.conditionalAccess.policies[0], mine)
    assert.equal(again.semantics.afterPolicy, 'allow')
    const watched = applied(defaultAccessPolicies, 'classic-on-premises', {
      defaultAccessLevel: 'block',
    })
    assert.equal(
      watched.organization.defaultAccessLevel,
      'allow',
      'nothing is in force that only tells',
    )
  })
})

describe('the classic page for apps and browsers that sign in with tokens', () => {
  const evaluate = (settings: Record<string, string>, signIn: Partial<SignIn>) => {
    const { conditionalAccess } = applied(defaultAccessPolicies, 'classic-exchange-online', {
      state: 'enabled',
      ...settings,
    })
    const { outcome } = createEvaluator(conditionalAccess).decide(
      {
        identity: { kind: 'user', id: 'usr_1', groups: new Set(), roles: new Set() },
        target: { kind: 'application', ids: [exchangeOnline] },
        client: 'mobileAppsAndDesktopClients',
        satisfied: new Set(),
        methods: new Set(),
        ...signIn,
      },
      0,
    )
    return outcome
  }
  const deviceOf = (isCompliant: boolean, trustType = 'Workplace') => ({
    device: { isCompliant, isManaged: true, trustType, attributes: {} },
  })

  it('F27 all platforms: an unknown one is blocked; specific ones: it is ignored', () => {
    const all = { applications: 'allPlatforms' }
    assert.equal(evaluate(all, {}), 'block')
    assert.equal(evaluate(all, { platform: 'iOS', ...deviceOf(true) }), 'grant')
    assert.equal(evaluate(all, { platform: 'linux', ...deviceOf(false) }), 'block')
    const some = { applications: 'specificPlatforms', supportedPlatforms: 'iOS' }
    assert.equal(evaluate(some, {}), 'grant')
    assert.equal(evaluate(some, { platform: 'android' }), 'grant')
    assert.equal(evaluate(some, { platform: 'iOS' }), 'block')
  })

  it('F30 the Windows requirement: three modes, three outcomes each', () => {
    const outcomes = (windowsRequirement: string) =>
      [deviceOf(false, 'ServerAD'), deviceOf(true), deviceOf(false)].map((device) =>
        evaluate({ windowsRequirement }, { platform: 'windows', ...device }),
      )
    assert.deepEqual(outcomes('domainJoinedOrCompliant'), ['grant', 'grant', 'block'])
    assert.deepEqual(outcomes('domainJoined'), ['grant', 'block', 'block'])
    assert.deepEqual(outcomes('compliant'), ['block', 'grant', 'block'])
  })

  it('F31 browsers: nothing is asked until they are switched on; then a compliant device', () => {
    const browser = { client: 'browser', platform: 'iOS' } as const
    assert.equal(evaluate({}, browser), 'grant')
    assert.equal(evaluate({ browsers: 'specificPlatforms' }, browser), 'block')
    assert.equal(
      evaluate({ browsers: 'specificPlatforms' }, { ...browser, ...deviceOf(true) }),
      'grant',
    )
  })
})

describe('every template', () => {
  for (const template of templates)
    it(`${template.name} makes policies that Graph would take, not in force unless asked for`, () => {
      for (const document of produce(template, {}).policies) {
        const { policy, unevaluated } = readBack(document)
        assert.equal(faultOf(policy), undefined)
        assert.equal(policy.state, 'enabledForReportingButNotEnforced')
        assert.deepEqual(unevaluated, [])
      }
      const names = produce(template, {}).policies.map(({ displayName }) => displayName)
      assert.equal(new Set(names).size, names.length)
    })

  it('a setting that is none, or says what it cannot, is refused by name', () => {
    const bad: [string, Record<string, string>, RegExp][] = [
      [
        'classic-exchange-online',
        { colour: 'red' },
        /setting colour is none; there are state, exempt/,
      ],
      [
        'classic-exchange-online',
        { blockNoncompliant: 'yes' },
        /blockNoncompliant is true or false/,
      ],
      ['classic-exchange-online', { supportedPlatforms: 'iOS,amiga' }, /has amiga/],
      [
        'classic-exchange-online',
        { windowsRequirement: 'any' },
        /is one of domainJoinedOrCompliant/,
      ],
      ['classic-on-premises', { exceptions: 'iPad=block' }, /exceptions has "iPad=block"/],
      ['require-second-factor', { constructor: 'x' }, /constructor is none/],
    ]
    for (const [name, settings, detail] of bad)
      assert.throws(() => produce(templateNamed(name), settings), {
        code: 'request.malformed',
        detail,
      })
    assert.throws(() => templateNamed('nothing'), { code: 'not.found' })
  })
})

function readBack(document: object) {
  const { policy } = readPolicy({ ...document, id: 'x' })
  const [prepared] = createEvaluator({ policies: [policy] }).prepared
  return { policy, unevaluated: prepared?.unevaluated }
}
