import { Failure } from '../base/failures.ts'
import type { ConditionalAccessPolicy } from '../conditional/policy.ts'
import type { AccessPolicies } from './policy.ts'
import { classicExchangeOnline } from './templates/classic-exchange-online.ts'
import { classicOnPremises, exceptionPrefix } from './templates/classic-on-premises.ts'
import { singlePolicyTemplates } from './templates/single-policy.ts'
import { type Produced, readValues, type Template } from './templates/template.ts'

/** Every template: the two classic pages, then those of one policy each. */
export const templates: readonly Template[] = [
  classicExchangeOnline,
  classicOnPremises,
  ...singlePolicyTemplates,
]

/** The template of this name or id. Throws `not.found`. */
export function templateNamed(name: string): Template {
  const folded = name.toLowerCase()
  const found = templates.find((one) => one.name === folded || one.id === folded)
  if (!found) throw new Failure('not.found', `no template ${JSON.stringify(name)}`)
  return found
}

/** What the template makes of these settings, groups by name. Throws `request.malformed`, naming the setting. */
export function produce(template: Template, given: Readonly<Record<string, string>>): Produced {
  return template.make(readValues(template, given))
}

/** The policies in force with what was produced: it takes the place of what the same template made before. */
export function withProduced(
  inForce: AccessPolicies,
  templateId: string,
  produced: Omit<Produced, 'policies'> & { readonly policies: readonly ConditionalAccessPolicy[] },
): Partial<AccessPolicies> {
  const { conditionalAccess, organization, semantics, deviceAccessRules } = inForce
  const { policies, defaultAccessLevel } = produced
  const others = conditionalAccess.policies.filter((one) => one['templateId'] !== templateId)
  return {
    conditionalAccess: { ...conditionalAccess, policies: [...others, ...policies] },
    ...(produced.deviceAccessRules && {
      deviceAccessRules: [
        ...deviceAccessRules.filter(({ name }) => !name.startsWith(exceptionPrefix)),
        ...produced.deviceAccessRules,
      ],
    }),
    ...(defaultAccessLevel && { organization: { ...organization, defaultAccessLevel } }),
    ...(produced.semantics && { semantics: { ...semantics, ...produced.semantics } }),
  }
}
