import { exchangeOnline } from '../../conditional/policy.ts'
import {
  usualSettings,
  type ProducedPolicy,
  stateOf,
  type Template,
  usersOf,
  type Values,
} from './template.ts'

const joined = 'device.trustType -eq "ServerAD"'
const everyPlatform = 'all'

/** The one page that Intune had for Exchange Online, as policies: for EAS, and for apps and browsers that sign in with tokens. */
export const classicExchangeOnline: Template = {
  id: '7f1f3c0a-4d8e-4a4e-9c53-2f2b1c0d5e01',
  name: 'classic-exchange-online',
  title: 'The classic page for Exchange Online',
  description:
    'Mail for devices that are known and meet the rules: over Exchange ActiveSync, in apps and in browsers, as one page of settings.',
  scenarios: 'secureFoundation,remoteWork',
  settings: {
    ...usualSettings,
    targeted: { about: 'all, or groups', kind: 'everyoneOrGroups', default: 'all' },
    supportedPlatforms: {
      about: 'platforms that can be judged',
      kind: 'platforms',
      default: 'iOS,android,windows,macOS',
    },
    blockNoncompliant: {
      about: 'EAS: noncompliant devices on supported platforms are kept out',
      kind: 'flag',
      default: 'true',
    },
    blockUnsupportedPlatforms: {
      about: 'EAS: all other devices, on unsupported platforms, are blocked',
      kind: 'flag',
      default: 'false',
    },
    windowsRequirement: {
      about: 'what a Windows PC must be',
      kind: ['domainJoinedOrCompliant', 'domainJoined', 'compliant'],
      default: 'domainJoinedOrCompliant',
    },
    applications: {
      about:
        'apps that sign in with tokens: not at all, on supported platforms, or on all (unknown ones are blocked)',
      kind: ['off', 'specificPlatforms', 'allPlatforms'],
      default: 'specificPlatforms',
    },
    browsers: {
      about: 'the same for browsers',
      kind: ['off', 'specificPlatforms', 'allPlatforms'],
      default: 'off',
    },
  },
  make(values) {
    return {
      policies: [
        ...overActiveSync(values),
        ...withTokens(values, 'apps', 'mobileAppsAndDesktopClients', 'applications'),
        ...withTokens(values, 'browsers', 'browser', 'browsers'),
      ],
    }
  },
}

interface Shape {
  readonly client: string
  readonly include: readonly string[]
  readonly exclude?: readonly string[]
  readonly control: 'block' | 'compliantDevice' | undefined
  /** Devices in the domain are left out. */
  readonly exceptJoined?: boolean
}

function policy(values: Values, displayName: string, shape: Shape): ProducedPolicy {
  const { client, include, exclude = [], control, exceptJoined } = shape
  const everywhere = include.includes(everyPlatform) && exclude.length === 0
  return {
    displayName,
    state: stateOf(values),
    conditions: {
      users: usersOf(values.everyoneOrGroups('targeted'), values.groups('exempt')),
      applications: { includeApplications: [exchangeOnline] },
      clientAppTypes: [client],
      ...(!everywhere && {
        platforms: { includePlatforms: include, excludePlatforms: exclude },
      }),
      ...(exceptJoined && { devices: { deviceFilter: { mode: 'exclude', rule: joined } } }),
    },
    grantControls: control ? { operator: 'OR', builtInControls: [control] } : null,
    // A policy needs something to say. This says nothing about mail: it makes the policy one that governs.
    sessionControls: control ? null : { disableResilienceDefaults: true },
  }
}

/** The demand of a healthy device on these platforms; Windows PCs have one of their own. */
function healthy(
  values: Values,
  name: string,
  client: string,
  include: readonly string[],
): readonly ProducedPolicy[] {
  const demanded = values.text('windowsRequirement')
  const others = include.filter((platform) => platform !== 'windows')
  const all = others.includes(everyPlatform)
  const windows: Shape = {
    client,
    include: ['windows'],
    control: demanded === 'domainJoined' ? 'block' : 'compliantDevice',
    exceptJoined: demanded !== 'compliant',
  }
  return [
    ...(others.length > 0
      ? [
          policy(values, `Mail, ${name}: a healthy device`, {
            client,
            include: others,
            ...(all && { exclude: ['windows'] }),
            control: 'compliantDevice',
          }),
        ]
      : []),
    ...(all || include.includes('windows')
      ? [policy(values, `Mail, ${name}: a Windows PC`, windows)]
      : []),
  ]
}

function overActiveSync(values: Values): readonly ProducedPolicy[] {
  const client = 'exchangeActiveSync'
  const supported = values.groups('supportedPlatforms')
  const others: Shape = { client, include: [everyPlatform], exclude: supported, control: 'block' }
  return [
    ...(values.flag('blockNoncompliant') ? healthy(values, 'EAS', client, supported) : []),
    ...(values.flag('blockUnsupportedPlatforms')
      ? [policy(values, 'Mail, EAS: other platforms', others)]
      : []),
    // Whom the page governs, Exchange's own rules do not, whatever the page demands of them.
    policy(values, 'Mail, EAS: governed by policies', {
      client,
      include: [everyPlatform],
      control: undefined,
    }),
  ]
}

function withTokens(
  values: Values,
  name: string,
  client: string,
  setting: 'applications' | 'browsers',
): readonly ProducedPolicy[] {
  const mode = values.text(setting)
  if (mode === 'off') return []
  const all = mode === 'allPlatforms'
  return healthy(values, name, client, all ? [everyPlatform] : values.groups('supportedPlatforms'))
}
