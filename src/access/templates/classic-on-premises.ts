import { Failure } from '../../base/failures.ts'
import { exchangeOnline } from '../../conditional/policy.ts'
import type { AccessLevel, DeviceAccessRule } from '../policy.ts'
import { usualSettings, stateOf, type Template, usersOf } from './template.ts'

const levels = ['allow', 'block', 'quarantine'] as const

/** The page that Configuration Manager and Intune had for Exchange on premises: a policy, platform exceptions and a default. */
export const classicOnPremises: Template = {
  id: '7f1f3c0a-4d8e-4a4e-9c53-2f2b1c0d5e02',
  name: 'classic-on-premises',
  title: 'The classic page for Exchange on premises',
  description:
    'Mail over Exchange ActiveSync for enrolled and compliant devices of the targeted groups; platform exceptions and a default rule for all others.',
  scenarios: 'secureFoundation',
  settings: {
    ...usualSettings,
    targeted: { about: 'all, or groups', kind: 'everyoneOrGroups', default: 'all' },
    defaultAccessLevel: {
      about: 'the default rule, for whatever nothing else names',
      kind: levels,
      default: 'allow',
    },
    overrideDefaultRule: {
      about: 'enrolled and compliant devices are let in whatever the default rule says',
      kind: 'flag',
      default: 'false',
    },
    exceptions: {
      about: 'platform exceptions: family:iPad=quarantine,model:iPhone15C4=allow',
      kind: 'text',
      default: '',
    },
    exceptionsFirst: {
      about: 'with the override, an exception counts for enrolled and compliant devices, too',
      kind: 'flag',
      default: 'false',
    },
  },
  make(values) {
    const override = values.flag('overrideDefaultRule')
    const [level = 'allow'] = levels.filter((one) => one === values.text('defaultAccessLevel'))
    const exceptions = values.groups('exceptions').map(exceptionOf)
    const afterPolicy = !override
      ? 'rules'
      : values.flag('exceptionsFirst')
        ? 'exceptions'
        : 'allow'
    return {
      policies: [
        {
          displayName: 'Mail on premises: an enrolled and compliant device',
          state: stateOf(values),
          conditions: {
            users: usersOf(values.everyoneOrGroups('targeted'), values.groups('exempt')),
            applications: { includeApplications: [exchangeOnline] },
            clientAppTypes: ['exchangeActiveSync'],
          },
          grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] },
          sessionControls: null,
        },
      ],
      // Exchange's own rules know no report-only: a default of block would be in force at once.
      ...(values.text('state') === 'enabled' && {
        deviceAccessRules: exceptions,
        defaultAccessLevel: level,
        semantics: { afterPolicy, unmetPolicy: 'block' as const },
      }),
    }
  },
}

/** Names of rules begin so: applied again, the template replaces them. */
export const exceptionPrefix = 'Exception: '

const characteristics = { family: 'DeviceType', model: 'DeviceModel' } as const

function exceptionOf(text: string): DeviceAccessRule {
  const [, type, name, level] = /^(family|model):(.+)=(allow|block|quarantine)$/.exec(text) ?? []
  if ((type !== 'family' && type !== 'model') || name === undefined || level === undefined)
    throw new Failure(
      'request.malformed',
      `setting exceptions has ${JSON.stringify(text)}; one is like family:iPad=quarantine`,
    )
  return {
    name: `${exceptionPrefix}${type} ${name}`,
    characteristic: characteristics[type],
    queryString: name,
    accessLevel: level as AccessLevel, // one of the three that the pattern takes
  }
}
