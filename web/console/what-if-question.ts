import type { ManagedDevice } from '../../src/graph/contract.ts'

/** The sign-in that is thought of, as the address of the page says it. */
export interface Question {
  readonly user: string
  /** Id of a row of the devices page, or one of `imagined`; empty for no device that is known. */
  readonly device: string
  readonly client: string
  readonly platform: string
  readonly ip: string
  readonly country: string
  readonly app: string
  /** `mfa`, where the user has given a second proof. */
  readonly done: string
}

const exchangeOnline = '00000002-0000-0ff1-ce00-000000000000'

/** Nobody yet, reading mail on a phone. */
export const blank: Question = {
  user: '',
  device: '',
  client: 'exchangeActiveSync',
  platform: '',
  ip: '',
  country: '',
  app: exchangeOnline,
  done: '',
}

export const clientApps = [
  ['exchangeActiveSync', 'Exchange ActiveSync'],
  ['browser', 'Browser'],
  ['mobileAppsAndDesktopClients', 'Mobile apps and desktop clients'],
  ['other', 'Other clients (IMAP, POP, SMTP …)'],
] as const

export const platforms = [
  ['', 'Not known'],
  ['iOS', 'iOS'],
  ['android', 'Android'],
  ['windows', 'Windows'],
  ['macOS', 'macOS'],
  ['linux', 'Linux'],
  ['windowsPhone', 'Windows Phone'],
] as const

export const apps = [
  [exchangeOnline, 'Office 365 Exchange Online (mail)'],
  ['00000003-0000-0ff1-ce00-000000000000', 'Office 365 SharePoint Online'],
  ['cc15fd57-2c6c-4117-a88c-83b1d56b4bbe', 'Microsoft Teams Services'],
  ['797f4846-ba00-4fd7-ba43-dac1f8f63013', 'Windows Azure Service Management API'],
] as const

/** Devices that nobody has. */
export const imagined = [
  ['imaginedCompliant', 'Any compliant device'],
  ['imaginedNoncompliant', 'Any enrolled device that is not compliant'],
] as const

/** The platform of a device by what it says of its system. */
export const platformOf = ({ operatingSystem }: ManagedDevice): string =>
  platforms.find(
    ([id]) =>
      id && operatingSystem.toLowerCase().replace('ipados', 'ios').startsWith(id.toLowerCase()),
  )?.[0] ?? ''

/** Body of Graph's `evaluate`; undefined while somebody is still to be named, or their device is not known yet. */
export function bodyOf(
  question: Question,
  devices: readonly ManagedDevice[] | undefined,
): object | undefined {
  const { user, device, client, platform, ip, country, app, done } = question
  if (!user) return undefined
  const isImagined = imagined.some(([id]) => id === device)
  const known = devices?.find(({ id }) => id === device)
  if (device && !isImagined && !known) return undefined
  const info = isImagined
    ? { isCompliant: device === 'imaginedCompliant', isManaged: true, trustType: 'Workplace' }
    : known && deviceInfo(known)
  return {
    signInIdentity: { '@odata.type': '#microsoft.graph.userSignIn', userId: user },
    signInContext: {
      '@odata.type': '#microsoft.graph.applicationContext',
      includeApplications: [app],
    },
    signInConditions: {
      clientAppType: client,
      ...(platform && { devicePlatform: platform }),
      ...(ip && { ipAddress: ip }),
      ...(country && { country }),
      ...(info && { deviceInfo: info }),
    },
    ...(done && { satisfied: [done] }),
  }
}

/** As the gate sees it: a client that is not enrolled, or not activated, comes from no device. */
function deviceInfo(device: ManagedDevice): object | undefined {
  if (!device.azureADRegistered || !device.easActivated) return undefined
  return {
    deviceId: device.azureADDeviceId ?? device.id,
    displayName: device.deviceName,
    isCompliant: ['compliant', 'inGracePeriod'].includes(device.complianceState),
    isManaged: true,
    trustType: 'Workplace',
    model: device.model,
    operatingSystem: device.operatingSystem,
    operatingSystemVersion: device.osVersion,
    ...(device.managedDeviceOwnerType !== 'unknown' && {
      deviceOwnership: device.managedDeviceOwnerType === 'company' ? 'Company' : 'Personal',
    }),
  }
}
