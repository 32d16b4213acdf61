import type { AppListItem } from '../settings.ts'
import { mustBe, pass, ranked } from './criteria.ts'
import type { Criterion, Rule } from './rule.ts'
import { choice, flag, quarantinedOn, spread, userAndroidTypes } from './spread.ts'

const android = quarantinedOn('android')
const appSources = ['anywhere', 'macAppStoreAndIdentifiedDevelopers', 'macAppStore'] as const

const sayApp = ({ name, appId }: AppListItem) =>
  name && appId ? `${name} (${appId})` : (name ?? appId ?? '')

/** Whether a list forbids all that another one does. */
function holds(list: readonly AppListItem[], other: readonly AppListItem[]): boolean {
  const signs = new Set(list.flatMap(signsOf))
  return other.flatMap(signsOf).every((sign) => signs.has(sign))
}

const signsOf = ({ appId, name }: AppListItem) =>
  [appId, name].flatMap((sign) => (sign ? [sign.toLowerCase()] : []))

/** None of these apps may be there. Matched by identifier or by name, without regard to case. */
const noneOf: Criterion<readonly AppListItem[]> = {
  facts: ['installedApps'],
  kind: 'noneOf',
  compare: (a, b) => Number(holds(a, b)) - Number(holds(b, a)),
  show: (apps) => `without ${apps.map(sayApp).join(', ')}`,
  compile(apps) {
    const required = this.show(apps)
    const forbidden = new Map<string, AppListItem>()
    for (const app of apps) for (const sign of signsOf(app)) forbidden.set(sign, app)
    return ({ facts }) => {
      const known = facts.installedApps
      if (!known) return { says: 'notReported', required }
      const found = known.value
        .map((installed) => forbidden.get(installed.toLowerCase()))
        .find((app) => app !== undefined)
      return found ? { says: 'fail', measured: sayApp(found), required } : pass
    }
  },
}

type Fact = Parameters<typeof mustBe>[0]

function androidSwitch(
  title: string,
  [fact, wanted]: readonly [Fact, boolean],
  property: string,
  fix: Rule['fix'],
): Rule<boolean> {
  return {
    title,
    value: flag,
    criterion: mustBe(fact, wanted),
    classes: android,
    properties: spread(property, userAndroidTypes),
    fix,
  }
}

/** What may run on the device, and where it may come from. */
export const appRules = {
  restrictedApps: {
    title: 'Apps that must not be installed',
    value: { kind: 'apps' },
    criterion: noneOf,
    classes: quarantinedOn('iOS', 'android'),
    properties: {
      iosCompliancePolicy: 'restrictedApps',
      androidCompliancePolicy: 'restrictedApps',
    },
    fix: 'removeApp',
  },
  gatekeeperAllowedAppSource: {
    title: 'Where apps may come from (Gatekeeper)',
    value: choice(appSources, 'notConfigured'),
    criterion: ranked('gatekeeperAppSource', appSources, 'atLeast'),
    classes: quarantinedOn('macOS'),
    properties: { macOSCompliancePolicy: 'gatekeeperAllowedAppSource' },
    fix: 'restrictAppSources',
  },
  securityPreventInstallAppsFromUnknownSources: androidSwitch(
    'Block apps from unknown sources',
    ['unknownSourcesAllowed', false],
    'securityPreventInstallAppsFromUnknownSources',
    'restrictAppSources',
  ),
  securityDisableUsbDebugging: androidSwitch(
    'Block USB debugging',
    ['usbDebuggingEnabled', false],
    'securityDisableUsbDebugging',
    'disableDebugging',
  ),
  securityRequireVerifyApps: androidSwitch(
    'Require a threat scan on apps',
    ['verifyAppsEnabled', true],
    'securityRequireVerifyApps',
    'repairStoreServices',
  ),
  securityRequireGooglePlayServices: androidSwitch(
    'Require Google Play services',
    ['googlePlayServicesEnabled', true],
    'securityRequireGooglePlayServices',
    'repairStoreServices',
  ),
  securityRequireUpToDateSecurityProviders: androidSwitch(
    'Require an up-to-date security provider',
    ['securityProvidersCurrent', true],
    'securityRequireUpToDateSecurityProviders',
    'repairStoreServices',
  ),
} as const satisfies Record<string, Rule<never>>
