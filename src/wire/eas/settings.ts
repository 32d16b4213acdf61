import { RightsManagement, Settings } from '../wbxml/tokens.ts'
import { type Element, element, find, textOf, writeWbxml } from '../wbxml/wbxml.ts'
import { type DeviceInformation, readDeviceInformation } from './device-information.ts'
import { expectRoot, has } from './fields.ts'
import { atLeast, type EasVersion } from './version.ts'

/** A Settings request (MS-ASCMD 2.2.1.18): several parts may come at once. */
export interface SettingsRequest {
  readonly deviceInformation: DeviceInformation | undefined
  /** Oof/Get with its BodyType: 'Text', 'HTML', or ''. */
  readonly oofGet: { readonly bodyType: string } | undefined
  readonly oofSet: boolean
  readonly userInformation: boolean
  /** The client offers a recovery password. It is never read. */
  readonly devicePassword: boolean
  readonly rightsManagement: boolean
}

/** Who the user is, as the client shows it. */
export interface UserInformation {
  /** SMTP addresses; the first one is the primary one. */
  readonly addresses: readonly string[]
  readonly displayName: string
}

/** What became of each part that was asked for, by its status (1 ok, 2 malformed, 3 not available, 5 and up refused). */
export interface SettingsAnswer {
  readonly status: number
  readonly deviceInformation?: number
  /** With status 1 the answer is that out-of-office is off. */
  readonly oofGet?: number
  readonly oofSet?: number
  readonly userInformation?: number | UserInformation
  readonly devicePassword?: number
  readonly rightsManagement?: number
}

/** Reads a Settings request. */
export function readSettings(root: Element): SettingsRequest {
  expectRoot(root, Settings.Settings)
  const oofGet = find(root, Settings.Oof, Settings.Get)
  return {
    deviceInformation: readDeviceInformation(root),
    oofGet: oofGet && { bodyType: textOf(oofGet, Settings.BodyType) ?? '' },
    oofSet: has(root, Settings.Oof, Settings.Set),
    userInformation: has(root, Settings.UserInformation, Settings.Get),
    devicePassword: has(root, Settings.DevicePassword, Settings.Set),
    rightsManagement: has(root, Settings.RightsManagementInformation, Settings.Get),
  }
}

/** Writes a Settings answer. */
export function writeSettings(answer: SettingsAnswer, version: EasVersion): Uint8Array {
  const { deviceInformation, oofGet, oofSet, devicePassword, userInformation } = answer
  return writeWbxml(
    element(
      Settings.Settings,
      status(answer.status),
      oofGet !== undefined
        ? oofIsOff(oofGet)
        : oofSet !== undefined && element(Settings.Oof, status(oofSet)),
      deviceInformation !== undefined &&
        element(Settings.DeviceInformation, status(deviceInformation)),
      devicePassword !== undefined && element(Settings.DevicePassword, status(devicePassword)),
      userInformation !== undefined && writeUser(userInformation, version),
      answer.rightsManagement !== undefined && writeRights(answer.rightsManagement),
    ),
  )
}

function status(value: number): Element {
  return element(Settings.Status, value)
}

function oofIsOff(value: number): Element {
  const get = element(Settings.Get, element(Settings.OofState, '0'))
  return element(Settings.Oof, status(value), value === 1 && get)
}

/** From 14.1 on the addresses belong to an account (MS-ASCMD 2.2.3.5). */
function writeUser(user: number | UserInformation, version: EasVersion): Element {
  if (typeof user === 'number') return element(Settings.UserInformation, status(user))
  const [primary] = user.addresses
  const withAccounts = atLeast(version, '14.1')
  const addresses = element(
    Settings.EmailAddresses,
    user.addresses.map((address) => element(Settings.SMTPAddress, address)),
    withAccounts && primary !== undefined && element(Settings.PrimarySmtpAddress, primary),
  )
  const get = withAccounts
    ? element(
        Settings.Accounts,
        element(Settings.Account, element(Settings.UserDisplayName, user.displayName), addresses),
      )
    : addresses
  return element(Settings.UserInformation, status(1), element(Settings.Get, get))
}

function writeRights(value: number): Element {
  const none = element(Settings.Get, element(RightsManagement.RightsManagementTemplates))
  return element(Settings.RightsManagementInformation, status(value), value === 1 && none)
}
