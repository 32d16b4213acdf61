import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type AccessWorld, anyAccessWorld, anyRule } from '../../test/worlds/access.ts'
import { hour } from '../base/clock.ts'
import { decide, explain } from './decide.ts'
import { defaultAccessPolicies } from './policy.ts'
import type { Circumstances } from './request.ts'

const runs = { numRuns: 3000 }
const run = ({ circumstances, policies, now }: AccessWorld) => decide(circumstances, policies, now)
const openness = { block: 0, quarantine: 1, challenge: 1, allow: 2 }

describe('laws of deciding', () => {
  it('every attempt in every world gets a decision that agrees with itself', () => {
    fc.assert(
      fc.property(anyAccessWorld, (world) => {
        const { outcome, judged, enforced, state, stateReason, reasons, path } = run(world)
        assert.equal(reasons[0]?.code, stateReason)
        assert.ok(path.length >= 2)
        if (enforced) assert.equal(outcome, judged)
        else assert.equal(outcome, 'allow')
        assert.equal(state === 'allowed', outcome === 'allow')
      }),
      runs,
    )
  })

  it('nothing changes before recheckAt', () => {
    fc.assert(
      fc.property(anyAccessWorld, fc.double({ min: 0, max: 1, noNaN: true }), (world, part) => {
        const first = run(world)
        const end = first.recheckAt ?? world.now + 1000 * hour
        assert.ok(end > world.now)
        const later = Math.min(end - 1, Math.floor(world.now + part * (end - world.now)))
        for (const now of [later, end - 1]) assert.deepEqual(run({ ...world, now }), first)
      }),
      runs,
    )
  })

  it('explain agrees with decide, and tells the steps that were asked', () => {
    fc.assert(
      fc.property(anyAccessWorld, ({ circumstances, policies, now }) => {
        const explanation = explain(circumstances, policies, now)
        const decision = decide(circumstances, policies, now)
        assert.deepEqual(explanation.decision, decision)
        const asked = decision.path.filter((step) => !/targeted$|^observing$/.test(step))
        const told = explanation.steps.map(({ step }) => step)
        assert.deepEqual(told, ['enforcement', 'targeting', ...asked])
        const spoke = explanation.steps.slice(2).filter((step) => step.matched)
        assert.equal(spoke.at(-1)?.step, asked.at(-1))
        // A policy that is met speaks, and lets the rules speak after it.
        const asksOn = policies.semantics.afterPolicy !== 'allow'
        assert.ok(spoke.length === 1 || (asksOn && spoke.length === 2))
      }),
      runs,
    )
  })

  it('one more block rule never opens', () => {
    fc.assert(
      fc.property(anyAccessWorld, anyRule('new', fc.constant('block')), (world, rule) => {
        const deviceAccessRules = [...world.policies.deviceAccessRules, rule]
        const stricter = run({ ...world, policies: { ...world.policies, deviceAccessRules } })
        assert.ok(openness[stricter.judged] <= openness[run(world).judged])
        assert.ok(openness[stricter.outcome] <= openness[run(world).outcome])
      }),
      runs,
    )
  })

  it('a personal block blocks, and a word of approval opens nothing but the wait for it', () => {
    fc.assert(
      fc.property(anyAccessWorld, (world) => {
        const { circumstances, policies } = world
        const { id } = circumstances.user
        const deviceId = circumstances.eas.deviceId.toUpperCase()
        const others = policies.casMailboxes.filter(({ user }) => user !== id)
        const own = policies.casMailboxes.find(({ user }) => user === id)
        const blocked = {
          activeSyncEnabled: own?.activeSyncEnabled ?? true,
          allowedDeviceIds: [],
          ...own,
          user: id,
          blockedDeviceIds: [deviceId],
        }
        const stricter = { ...policies, casMailboxes: [...others, blocked] }
        assert.equal(run({ ...world, policies: stricter }).judged, 'block')
        const approved = run({ ...world, circumstances: { ...circumstances, approved: true } })
        const waiting = run({ ...world, circumstances: { ...circumstances, approved: false } })
        if (waiting.stateReason !== 'approvalPending') assert.deepEqual(approved, waiting)
      }),
      runs,
    )
  })

  it('a device in worse health is never let in where the same one in better health is not', () => {
    const health = [
      ...(['compliant', 'notApplicable', 'inGracePeriod'] as const),
      ...(['noncompliant', 'unknown', 'error', 'conflict'] as const),
    ] as const
    fc.assert(
      fc.property(anyAccessWorld, fc.constantFrom(...health), (world, worse) => {
        const { device } = world.circumstances
        if (!device || health.indexOf(device.compliance) > health.indexOf(worse)) return
        const sicker = { ...world.circumstances, device: { ...device, compliance: worse } }
        const after = run({ ...world, circumstances: sicker })
        // Not `openness`: a rule may block a device that meets the policies, where one that does not is quarantined.
        assert.ok(after.outcome !== 'allow' || run(world).outcome === 'allow')
      }),
      runs,
    )
  })

  it('the order of rules, mailboxes and groups does not matter', () => {
    fc.assert(
      fc.property(anyAccessWorld, (world) => {
        const { policies } = world
        const { exchangeOnline } = policies
        const turned = {
          ...policies,
          deviceAccessRules: [...policies.deviceAccessRules].reverse(),
          casMailboxes: [...policies.casMailboxes].reverse(),
          exchangeOnline: { ...exchangeOnline, exempt: [...exchangeOnline.exempt].reverse() },
        }
        assert.deepEqual(run({ ...world, policies: turned }), run(world))
      }),
      runs,
    )
  })

  it('while the site observes, whoever is enabled is let through', () => {
    fc.assert(
      fc.property(anyAccessWorld, (world) => {
        const enforcement = { state: 'observing', scope: 'all' } as const
        const watched = run({ ...world, policies: { ...world.policies, enforcement } })
        const enforcing = { state: 'enforcing', scope: 'all' } as const
        const real = run({ ...world, policies: { ...world.policies, enforcement: enforcing } })
        assert.equal(watched.judged, real.outcome)
        assert.equal(watched.stateReason, real.stateReason)
        assert.equal(watched.recheckAt, real.recheckAt)
        if (world.circumstances.user.enabled) assert.equal(watched.outcome, 'allow')
        else assert.equal(watched.outcome, 'block')
      }),
      runs,
    )
  })
})

/** A Windows PC that is what `way` says. */
function pcOf(way: Record<string, boolean>): Circumstances {
  const groups = new Set([
    ...(way['targeted'] ? ['grp_t'] : []),
    ...(way['exempt'] ? ['grp_e'] : []),
  ])
  return {
    user: { id: 'usr_1', enabled: true, groups },
    eas: {
      deviceId: 'X',
      deviceType: 'WindowsMail',
      userAgent: 'MSFT-WIN-4/10.0.22631',
      model: 'PC',
      operatingSystem: 'Windows 11',
      platform: 'windows',
      policyRefused: false,
      firstSeenAt: 0,
    },
    device: {
      id: 'dev_1',
      registered: way['registered'] ?? false,
      managed: way['managed'] ?? false,
      domainJoined: way['domainJoined'] ?? false,
      activated: way['activated'] ?? false,
      compliance: way['compliant'] ? 'compliant' : 'noncompliant',
      findings: [],
      graceUntil: undefined,
    },
    approved: false,
  }
}

describe('F32 the flow of the policy', () => {
  // Written down once more, from the documented picture and not from the table of steps.
  const flow = (way: Record<string, boolean>): string => {
    if (!way['targeted'] || way['exempt']) return 'exchangeGlobalRule'
    if (!way['registered']) return 'notEnrolled'
    if (!way['managed']) return way['domainJoined'] ? 'domainJoined' : 'notEnrolled'
    if (!way['activated']) return 'notActivated'
    if (way['compliant']) return way['domainJoined'] ? 'domainJoined or compliant' : 'compliant'
    return way['domainJoined'] ? 'domainJoined' : 'notCompliant'
  }
  const allowing = ['exchangeGlobalRule', 'compliant', 'domainJoined', 'domainJoined or compliant']
  const names = [
    'targeted',
    'exempt',
    'registered',
    'managed',
    'domainJoined',
    'activated',
    'compliant',
  ]

  for (let bits = 0; bits < 2 ** names.length; bits++) {
    const way = Object.fromEntries(names.map((name, bit) => [name, (bits & (1 << bit)) !== 0]))
    const said = names.filter((name) => way[name]).join(', ') || 'nothing'
    it(`${said}: ${flow(way)}`, () => {
      const { exchangeOnline } = defaultAccessPolicies
      const policies = {
        ...defaultAccessPolicies,
        enforcement: { state: 'enforcing', scope: 'all' } as const,
        exchangeOnline: {
          ...exchangeOnline,
          enabled: true,
          targeted: ['grp_t'] as const,
          exempt: ['grp_e'] as const,
        },
      }
      const circumstances = pcOf(way)
      const decision = decide(circumstances, policies, 1)
      assert.ok(flow(way).split(' or ').includes(decision.stateReason), decision.stateReason)
      assert.equal(decision.outcome, allowing.includes(flow(way)) ? 'allow' : 'quarantine')
      // Each verdict keeps its path, and the last step of it is the one that spoke.
      assert.equal(decision.path[0], way['targeted'] && !way['exempt'] ? 'targeted' : 'untargeted')
      const { steps } = explain(circumstances, policies, 1)
      assert.equal(steps.findLast(({ matched }) => matched)?.step, decision.path.at(-1))
    })
  }
})
