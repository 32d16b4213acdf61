import type { Instant } from '../base/clock.ts'
import type { Evaluator } from '../conditional/conditional.ts'
import type { Decision } from '../conditional/evaluate.ts'
import { exchangeOnline } from '../conditional/policy.ts'
import type { SignIn } from '../conditional/sign-in.ts'
import { isHealthy } from './health.ts'
import { type Circumstances, identityOf } from './request.ts'

/** What the conditional access policies say of one attempt. */
export interface Conditional {
  readonly decision: Decision
  /** Some policy that is in force applies, so that Exchange's own rules do not. */
  readonly governs: boolean
  /** It is refused, and a healthy device would change that. */
  readonly curable: boolean
}

const noPlatform = new Set(['unknown', ''])

/** An attempt over EAS as the policies see it. A client without an activated device comes from no device. */
export function signInOf({ user, eas, device, address }: Circumstances, now: Instant): SignIn {
  const platform = noPlatform.has(eas.platform)
    ? {}
    : { platform: eas.platform as SignIn['platform'] } // the same names
  // Of a PC in the domain that nobody manages there is nothing to activate.
  const known =
    device?.registered && (device.managed ? device.activated : (device.domainJoined ?? false))
  return {
    identity: identityOf(user),
    target: { kind: 'application', ids: [exchangeOnline] },
    client: 'exchangeActiveSync',
    ...platform,
    address,
    ...(known && {
      device: {
        isCompliant: device.managed && isHealthy(device, now),
        isManaged: device.managed,
        trustType: device.domainJoined ? 'ServerAD' : 'Workplace',
        attributes: { deviceId: device.id, ...device.attributes },
      },
    }),
    satisfied: new Set(),
    methods: new Set(),
  }
}

/** Asks the policies. */
export function askPolicies(
  evaluator: Evaluator | undefined,
  circumstances: Circumstances,
  now: Instant,
): Conditional | undefined {
  if (!evaluator) return undefined
  const signIn = signInOf(circumstances, now)
  const decision = evaluator.decide(signIn, now)
  const governs = decision.policies.some(
    ({ result }) => result === 'success' || result === 'failure' || result === 'interrupted',
  )
  const refused = decision.outcome !== 'grant'
  const healthy = {
    isManaged: true,
    trustType: circumstances.device?.domainJoined ? 'ServerAD' : 'Workplace',
    attributes: {},
    ...signIn.device,
    isCompliant: true,
  }
  const curable =
    refused && evaluator.decide({ ...signIn, device: healthy }, now).outcome === 'grant'
  return { decision, governs, curable }
}
