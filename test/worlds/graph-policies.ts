import fc from 'fast-check'
import { impossible } from '../../src/base/failures.ts'
import type { CompliancePolicy, NoncomplianceAction } from '../../src/compliance/policy.ts'
import { aimOf, type PolicyType, policyTypes } from '../../src/compliance/policy-types.ts'
import { ruleOf, settingNames } from '../../src/compliance/rules/registry.ts'
import type { ValueType } from '../../src/compliance/rules/rule.ts'
import type { ComplianceSettings } from '../../src/compliance/settings.ts'

const anyVersion = fc
  .array(fc.nat(30), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'))
const anyName = fc.stringMatching(/^[a-z][a-z0-9.]{0,12}$/)

/** Any value that a setting of this type can have. */
export function anyValue(type: ValueType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'flag':
      return fc.constant(true)
    case 'count':
      return fc.integer({ min: type.least, max: type.most })
    case 'choice':
      return fc.constantFrom(...type.choices)
    case 'version':
      return anyVersion
    case 'build':
      return fc
        .tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom('A', 'F', 'G'), fc.nat(999))
        .map((parts) => parts.join(''))
    case 'date':
      return fc
        .tuple(fc.integer({ min: 2015, max: 2030 }), fc.integer({ min: 10, max: 12 }))
        .map(([year, month]) => `${year}-${month}-05`)
    case 'apps':
      return fc.array(
        fc.record(
          { appId: anyName, name: anyName, publisher: anyName },
          { requiredKeys: ['appId'] },
        ),
        { minLength: 1, maxLength: 3 },
      )
    case 'ranges':
      return fc.array(
        fc.tuple(fc.nat(99), fc.nat(99)).map(([low, more]) => ({
          lowestVersion: `10.0.${low}`,
          highestVersion: `10.0.${low + more}`,
        })),
        { minLength: 1, maxLength: 3 },
      )
    case 'distributions':
      return fc.array(
        fc.record(
          { name: anyName, minimumVersion: anyVersion, maximumVersion: anyVersion },
          { requiredKeys: ['name'] },
        ),
        { minLength: 1, maxLength: 3 },
      )
    default:
      return impossible(type)
  }
}

/** Some settings out of these, with any values. */
export function settingsOutOf(
  names: readonly (keyof ComplianceSettings)[],
): fc.Arbitrary<ComplianceSettings> {
  const each = Object.fromEntries(names.map((name) => [name, anyValue(ruleOf(name).value)]))
  return fc.record(each, { requiredKeys: [] })
}

const anyAction: fc.Arbitrary<NoncomplianceAction> = fc.record(
  {
    type: fc.constantFrom('notification', 'pushNotification', 'remoteLock', 'retire'),
    gracePeriodHours: fc.integer({ min: 0, max: 8760 }),
    notificationTemplateId: anyName,
    notificationMessageCCList: fc.array(anyName, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['type', 'gracePeriodHours'] },
)

type Draft = Omit<CompliancePolicy, 'assignedTo' | 'excluded'>

/** Any policy of one of Graph's types, as it is after reading. */
export const anyGraphPolicy: fc.Arbitrary<Draft> = fc
  .constantFrom(...(Object.keys(policyTypes) as PolicyType[]))
  .chain((type) => {
    const names = settingNames.filter((name) => ruleOf(name).properties[type])
    const draft: fc.Arbitrary<Draft> = fc.record(
      {
        name: anyName,
        description: anyName,
        platform: fc.constant(aimOf(type).platform),
        type: fc.constant(type),
        settings: settingsOutOf(names),
        gracePeriodHours: fc.integer({ min: 0, max: 8760 }),
        notReported: fc.constant('noncompliant' as const),
        actions: fc.array(anyAction, { minLength: 1, maxLength: 3 }),
        targets: fc.array(
          fc.oneof(
            fc.record({ kind: fc.constantFrom('allDevices', 'allLicensedUsers') }),
            fc.record({
              kind: fc.constantFrom('group', 'exclusionGroup', 'collection'),
              id: anyName,
            }),
          ),
          { minLength: 1, maxLength: 3 },
        ),
      },
      { requiredKeys: ['name', 'platform', 'type', 'settings', 'gracePeriodHours', 'notReported'] },
    )
    // fast-check gives some objects no prototype; JSON has none of those.
    return draft.map((policy) => JSON.parse(JSON.stringify(policy)) as Draft)
  })
