import { always, and, type Formula, never, or } from '../../logic/formula.ts'
import type { Atom } from '../atom.ts'
import type { Known } from '../conditions/condition.ts'
import type { ConditionalAccessPolicy, GrantControls } from '../policy.ts'
import { builtInControls } from './built-in.ts'
import { type Control, interactive } from './control.ts'
import { combinationsOf, strengthControl } from './strength.ts'

/** What a policy demands: its controls in the order in which a user is asked for them, and how many of them. */
export interface Grant {
  readonly controls: readonly Control[]
  /** Whether they are satisfied, together or one of them. */
  readonly formula: Formula<Atom>
}

/** The demands of a policy; without any, it is always satisfied. A control that nobody knows is never satisfied. */
export function grantOf({ grantControls }: ConditionalAccessPolicy, known: Known): Grant {
  const controls = grantControls ? controlsOf(grantControls, known) : []
  if (controls.length === 0) return { controls, formula: always }
  const join = grantControls?.operator === 'AND' ? and : or
  return { controls, formula: join(...controls.map(({ formula }) => formula)) }
}

function controlsOf(grant: GrantControls, known: Known): readonly Control[] {
  const named = new Set(grant.builtInControls ?? [])
  const unknown = [...named].filter((name) => !isKnown(name))
  const strength = grant.authenticationStrength
  return [
    ...builtInControls.filter(({ name }) => name === 'block' && named.has(name)),
    ...(strength ? [strengthControl(strength, known)] : []),
    ...builtInControls.filter(({ name }) => name !== 'block' && named.has(name)),
    ...(grant.termsOfUse ?? []).map((id) => asked(`termsOfUse:${id}`)),
    ...(grant.customAuthenticationFactors ?? []).map((id) =>
      asked(`customAuthenticationFactor:${id}`),
    ),
    ...unknown.map((name) => ({ name, formula: never, errorCode: 53003 })),
  ]
}

const asked = (name: string): Control => ({ name, formula: interactive(name), errorCode: 50158 })

const isKnown = (name: string): boolean => builtInControls.some((control) => control.name === name)

/** What of the demands cannot be met here, in words for an administrator. */
export function unevaluatedControls(
  { grantControls }: ConditionalAccessPolicy,
  known: Known,
): readonly string[] {
  if (!grantControls) return []
  const unknown = (grantControls.builtInControls ?? []).filter((name) => !isKnown(name))
  const strength = grantControls.authenticationStrength
  const lacking = strength && !combinationsOf(strength, known)
  return [
    ...unknown.map((name) => `grantControls: ${name} is not understood, and never satisfied`),
    ...(lacking
      ? [`grantControls: authentication strength ${strength.id} is not known, and never reached`]
      : []),
  ]
}
