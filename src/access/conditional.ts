import type { Instant } from '../base/clock.ts'
import type { Evaluator } from '../conditional/conditional.ts'
import type { Decision } from '../conditional/evaluate.ts'
import { exchangeOnline } from '../conditional/policy.ts'
import type { Identity, SignIn, SignInDevice } from '../conditional/sign-in.ts'
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

const mail: SignIn['target'] = { kind: 'application', ids: [exchangeOnline] }
const nothing: ReadonlySet<string> = new Set()

/** An attempt over EAS as the policies see it. A client without an activated device comes from no device. */
export function signInOf({ user, eas, device, address }: Circumstances, now: Instant): SignIn {
  // Of a PC in the domain that nobody manages there is nothing to activate.
  const known =
    device?.registered && (device.managed ? device.activated : (device.domainJoined ?? false))
  return {
    identity: identityFor(user),
    target: mail,
    client: 'exchangeActiveSync',
    // The same names, where there is one.
    platform: noPlatform.has(eas.platform) ? undefined : (eas.platform as SignIn['platform']),
    address,
    device: known ? deviceFor(device, device.managed && isHealthy(device, now)) : undefined,
    satisfied: nothing,
    methods: nothing,
  }
}

type Account = Circumstances['user']
type Device = NonNullable<Circumstances['device']>

// The same objects for the same user and device: by them, at their numbers, the compiled policies know what they have seen.
const identities = new WeakMap<Account, Identity>()
const devices = new WeakMap<object, { readonly id: string; readonly seen: SignInDevice[] }>()

function identityFor(user: Account): Identity {
  const known = identities.get(user)
  if (known) return known
  const identity = identityOf(user)
  identities.set(user, identity)
  return identity
}

function deviceFor(device: Device, isCompliant: boolean): SignInDevice {
  const { number, id, attributes, managed, domainJoined = false } = device
  const key = attributes ?? device
  let known = devices.get(key)
  if (known?.id !== id) {
    known = { id, seen: [] }
    devices.set(key, known)
  }
  const state = (isCompliant ? 1 : 0) + (managed ? 2 : 0) + (domainJoined ? 4 : 0)
  known.seen[state] ??= {
    number,
    isCompliant,
    isManaged: managed,
    trustType: domainJoined ? 'ServerAD' : 'Workplace',
    attributes: { deviceId: id, ...attributes },
  }
  return known.seen[state]
}

/** What any client would show if its device were healthy. */
const healthyStrangers = ['Workplace', 'ServerAD'].map(
  (trustType): SignInDevice => ({ isCompliant: true, isManaged: true, trustType, attributes: {} }),
)

function healthyOf({ device }: Circumstances, signIn: SignIn): SignInDevice | undefined {
  if (!device || !signIn.device) return healthyStrangers[device?.domainJoined ? 1 : 0]
  return deviceFor(device, true)
}

/** Asks the policies: compiled, or as they stand. */
export function askPolicies(
  evaluator: Pick<Evaluator, 'decide'> | undefined,
  circumstances: Circumstances,
  now: Instant,
): Conditional | undefined {
  if (!evaluator) return undefined
  const signIn = signInOf(circumstances, now)
  const decision = evaluator.decide(signIn, now)
  const governs = decision.policies.some(
    ({ result }) => result === 'success' || result === 'failure' || result === 'interrupted',
  )
  const curable =
    decision.outcome !== 'grant' &&
    evaluator.decide({ ...signIn, device: healthyOf(circumstances, signIn) }, now).outcome ===
      'grant'
  return { decision, governs, curable }
}
