import { platforms } from '../../conditional/policy.ts'
import {
  usualSettings,
  type ProducedPolicy,
  stateOf,
  type Template,
  usersOf,
  type Values,
} from './template.ts'

interface Draft {
  /** The last two digits of its id. */
  readonly number: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly scenarios: string
  readonly conditions?: Readonly<Record<string, unknown>>
  readonly controls?: readonly string[]
  readonly session?: object
}

/** A template of one policy for everybody but the exempt. */
function single(draft: Draft): Template {
  const { number, name, title, description, scenarios, controls = [], session = null } = draft
  return {
    id: `7f1f3c0a-4d8e-4a4e-9c53-2f2b1c0d5e${number}`,
    name,
    title,
    description,
    scenarios,
    settings: usualSettings,
    make: (values) => ({ policies: [policyOf(values, title)] }),
  }

  function policyOf(values: Values, displayName: string): ProducedPolicy {
    return {
      displayName,
      state: stateOf(values),
      conditions: {
        users: usersOf('all', values.groups('exempt')),
        applications: { includeApplications: ['All'] },
        clientAppTypes: ['all'],
        ...draft.conditions,
      },
      grantControls: controls.length > 0 ? { operator: 'OR', builtInControls: controls } : null,
      sessionControls: session,
    }
  }
}

/** Templates of one policy each, as Graph serves them: what administrators of such systems usually begin with. */
export const singlePolicyTemplates: readonly Template[] = [
  single({
    number: '11',
    name: 'block-legacy-clients',
    title: 'Block clients that can only send a password',
    description: 'Exchange ActiveSync with a password, IMAP, POP, SMTP and their like are refused.',
    scenarios: 'secureFoundation,zeroTrust,remoteWork',
    conditions: { clientAppTypes: ['exchangeActiveSync', 'other'] },
    controls: ['block'],
  }),
  single({
    number: '12',
    name: 'block-unknown-platforms',
    title: 'Block platforms that nobody knows',
    description: 'Whatever does not show one of the known platforms is refused.',
    scenarios: 'zeroTrust,remoteWork',
    conditions: { platforms: { includePlatforms: ['all'], excludePlatforms: platforms } },
    controls: ['block'],
  }),
  single({
    number: '13',
    name: 'no-lasting-browser-sessions',
    title: 'No lasting browser sessions on unknown devices',
    description:
      'A browser on a device that is neither in the domain nor compliant forgets the session when it closes.',
    scenarios: 'remoteWork',
    conditions: {
      clientAppTypes: ['browser'],
      devices: {
        deviceFilter: {
          mode: 'include',
          rule: 'device.trustType -ne "ServerAD" -or device.isCompliant -ne True',
        },
      },
    },
    session: { persistentBrowser: { isEnabled: true, mode: 'never' } },
  }),
  single({
    number: '14',
    name: 'require-known-device',
    title: 'Require a compliant device or one in the domain',
    description: 'All apps, for everybody.',
    scenarios: 'zeroTrust,remoteWork',
    controls: ['compliantDevice', 'domainJoinedDevice'],
  }),
  single({
    number: '15',
    name: 'block-outside-trusted-places',
    title: 'Block outside trusted places',
    description: 'Needs named locations that are marked as trusted.',
    scenarios: 'secureFoundation',
    conditions: { locations: { includeLocations: ['All'], excludeLocations: ['AllTrusted'] } },
    controls: ['block'],
  }),
  single({
    number: '16',
    name: 'block-device-code-flow',
    title: 'Block the device code flow',
    description: 'A sign-in that is finished on another device than the one that asked for it.',
    scenarios: 'secureFoundation',
    conditions: { authenticationFlows: { transferMethods: 'deviceCodeFlow' } },
    controls: ['block'],
  }),
  single({
    number: '17',
    name: 'require-second-factor',
    title: 'Require a second factor',
    description: 'All apps, for everybody. Clients that only send a password are refused by it.',
    scenarios: 'secureFoundation,zeroTrust,remoteWork',
    controls: ['mfa'],
  }),
]
