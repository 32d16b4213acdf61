import { limits } from '../../base/limits.ts'
import { Provision, Settings } from '../wbxml/tokens.ts'
import { type Element, find, type Tag, textOf } from '../wbxml/wbxml.ts'

/** What a client says of its device (MS-ASCMD 2.2.3.45): only what it sent and what is not empty; cleaned and cut. */
export interface DeviceInformation {
  readonly model?: string
  readonly imei?: string
  readonly friendlyName?: string
  readonly os?: string
  readonly osLanguage?: string
  readonly phoneNumber?: string
  readonly userAgent?: string
  readonly mobileOperator?: string
}

const tags: Readonly<Record<keyof DeviceInformation, Tag>> = {
  model: Settings.Model,
  imei: Settings.IMEI,
  friendlyName: Settings.FriendlyName,
  os: Settings.OS,
  osLanguage: Settings.OSLanguage,
  phoneNumber: Settings.PhoneNumber,
  userAgent: Settings.UserAgent,
  mobileOperator: Settings.MobileOperator,
}

/**
 * Reads DeviceInformation/Set below a Settings or a Provision root; `undefined` when there is none. All of it is a
 * claim of the client: it is shown to people and kept, so it carries no control characters and has a bounded length.
 */
export function readDeviceInformation(root: Element): DeviceInformation | undefined {
  if (root.tag !== Settings.Settings && root.tag !== Provision.Provision) return undefined
  const set = find(root, Settings.DeviceInformation, Settings.Set)
  if (!set) return undefined
  const told: { -readonly [K in keyof DeviceInformation]: DeviceInformation[K] } = {}
  for (const [name, tag] of Object.entries(tags)) {
    const text = clean(textOf(set, tag) ?? '')
    if (text) told[name as keyof DeviceInformation] = text // a key of the Record above
  }
  return told
}

/** Also drops what would turn the direction of a line on an administrator's page. */
function clean(text: string): string {
  const visible = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const cut = visible.slice(0, limits.factChars.value)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
