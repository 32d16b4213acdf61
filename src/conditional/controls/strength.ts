import { and, atom, not, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { Known } from '../conditions/condition.ts'
import { flagsOf } from '../conditions/condition.ts'
import type { AuthenticationStrength } from '../policy.ts'
import { type Control, legacy } from './control.ts'

const phishingResistant = ['windowsHelloForBusiness', 'fido2', 'x509CertificateMultiFactor']
const passwordless = [...phishingResistant, 'deviceBasedPush']
const multifactor = [
  ...passwordless,
  'temporaryAccessPassOneTime',
  'temporaryAccessPassMultiUse',
  'password,microsoftAuthenticatorPush',
  'password,softwareOath',
  'password,hardwareOath',
  'password,sms',
  'password,voice',
  'federatedMultiFactor',
  'federatedSingleFactor,microsoftAuthenticatorPush',
  'federatedSingleFactor,softwareOath',
  'federatedSingleFactor,hardwareOath',
  'federatedSingleFactor,sms',
  'federatedSingleFactor,voice',
]

const builtIn: ReadonlyMap<string, readonly string[]> = new Map([
  ['00000000-0000-0000-0000-000000000002', multifactor],
  ['00000000-0000-0000-0000-000000000003', passwordless],
  ['00000000-0000-0000-0000-000000000004', phishingResistant],
])

/** The combinations that satisfy a strength: its own, those of the list of strengths, or the built-in ones. */
export function combinationsOf(
  strength: AuthenticationStrength,
  { strengths }: Known,
): readonly string[] | undefined {
  const own = strength.allowedCombinations
  if (own && own.length > 0) return own
  const id = strength.id.toLowerCase()
  return strengths.get(id)?.allowedCombinations ?? builtIn.get(id)
}

/** One combination must have been used, whole. A strength that nobody knows is never reached. */
export function strengthControl(strength: AuthenticationStrength, known: Known): Control {
  const combinations = (combinationsOf(strength, known) ?? []).map((combination) =>
    and(...flagsOf(combination).map((method) => atom<Atom>({ kind: 'method', method }))),
  )
  const name = `authenticationStrength:${strength.displayName ?? strength.id}`
  // Who asks What If may not know the methods, and say that the strength was reached: by its name, its id, or whatever it is.
  const told = [
    ...new Set([name, `authenticationStrength:${strength.id}`, 'authenticationStrength']),
  ]
  const reached = told.map((control) => atom<Atom>({ kind: 'satisfied', control }))
  return { name, formula: and(or(...combinations, ...reached), not(legacy)), errorCode: 50076 }
}
