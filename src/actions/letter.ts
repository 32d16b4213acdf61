import type { Instant } from '../base/clock.ts'
import { limits } from '../base/limits.ts'
import type { Finding } from '../compliance/verdict.ts'
import type { Device } from '../devices/devices.ts'
import type { FactName } from '../devices/facts.ts'
import type { User } from '../directory/directory.ts'
import { type Brand, messageFor, type Template } from './template.ts'
import { fillIn, type TokenValues } from './tokens.ts'

/** A piece of a message, which whoever sends it lays out. */
export type Passage =
  | { readonly kind: 'title' | 'heading' | 'paragraph' | 'small'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | {
      readonly kind: 'image'
      readonly type: string
      readonly base64: string
      readonly text: string
    }

/** A message before it has an address. */
export interface Letter {
  readonly subject: string
  /** Of its text. */
  readonly locale: string
  readonly passages: readonly Passage[]
}

/** What a message is about. */
export interface Matter {
  readonly user: User
  readonly device: Device
  readonly policyName: string
  readonly findings: readonly Finding[]
  readonly since: Instant
  /** When the device is marked noncompliant. */
  readonly blockedFrom: Instant
}

/** What composing asks of the room that knows words and layout. */
export interface Wording {
  /** A finding in words. */
  readonly explain: (finding: Finding) => {
    readonly title: string
    readonly howToResolve: string
    readonly measured: string
    readonly required: string
  }
  /** Text that a device or a person claims, as one harmless line. */
  readonly tame: (text: string) => string
}

/** The message in the reader's language; `undefined` where the template has no text for anybody. */
export function composeLetter(
  template: Template,
  about: { readonly matter: Matter; readonly brand: Brand; readonly portalUrl: string },
  { explain, tame }: Wording,
  locale?: string,
): Letter | undefined {
  const message = messageFor(template, locale)
  if (!message) return undefined
  const { matter, brand } = about
  // The list of what is wrong with this very device.
  const link = `${about.portalUrl}?device=${encodeURIComponent(matter.device.id)}`
  const values = valuesOf(matter, brand, link, { explain, tame })
  const has = new Set(template.branding)
  const subject = tame(fillIn(message.subject, { ...values, issues: '' }))
  const contact = contactOf(brand)
  const passages: Passage[] = [
    ...(has.has('includeCompanyLogo') ? logoOf(brand) : []),
    ...(has.has('includeCompanyName') && brand.displayName
      ? [{ kind: 'heading', text: brand.displayName } as const]
      : []),
    { kind: 'title', text: subject },
    ...linesOf(fillIn(plainOf(message.messageTemplate), values)).map(
      (text): Passage => ({ kind: 'paragraph', text }),
    ),
    ...(has.has('includeCompanyPortalLink')
      ? [{ kind: 'link', text: 'Open the portal', url: link } as const]
      : []),
    ...(has.has('includeDeviceDetails') ? detailsOf(values) : []),
    ...(has.has('includeContactInformation') && contact.length > 0
      ? [{ kind: 'heading', text: 'Contact' } as const, { kind: 'rows', rows: contact } as const]
      : []),
  ]
  return { subject, locale: message.locale, passages }
}

function valuesOf(
  { user, device, policyName, findings, since, blockedFrom }: Matter,
  brand: Brand,
  portalLink: string,
  { explain, tame }: Wording,
): TokenValues {
  const fact = (name: FactName) => tame(String(device.facts[name]?.value ?? ''))
  const issues = findings.slice(0, limits.noticeFindings.value).map((finding) => {
    const { title, measured, required, howToResolve } = explain(finding)
    return `${title} (found: ${tame(measured)}; needed: ${tame(required)}). ${howToResolve}`
  })
  return {
    userName: tame(user.name),
    userDisplayName: tame(user.displayName),
    emailAddress: tame(user.mail),
    deviceName: tame(device.name),
    deviceId: device.id,
    model: fact('model'),
    operatingSystem: fact('platform'),
    osVersion: fact('osVersion'),
    serialNumber: fact('serialNumber'),
    imei: fact('imei'),
    policyName: tame(policyName),
    noncompliantSince: timeOf(since),
    blockedFrom: timeOf(blockedFrom),
    issues: issues.join('\n'),
    portalLink,
    companyName: tame(brand.displayName),
  }
}

const timeOf = (at: Instant): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function logoOf({ logo, displayName }: Brand): Passage[] {
  return logo ? [{ kind: 'image', type: logo.type, base64: logo.value, text: displayName }] : []
}

function contactOf(brand: Brand): [label: string, value: string][] {
  const rows: [string, string][] = [
    ['Name', brand.contactITName],
    ['Telephone', brand.contactITPhoneNumber],
    ['Mail', brand.contactITEmailAddress],
    ['Note', brand.contactITNotes],
  ]
  return rows.filter(([, value]) => value)
}

function detailsOf(values: TokenValues): Passage[] {
  const rows: [string, string][] = [
    ['Device', values.deviceName],
    ['Model', values.model],
    ['System', `${values.operatingSystem} ${values.osVersion}`.trim()],
    ['Serial number', values.serialNumber],
    ['Owner', values.userName],
  ]
  return [
    { kind: 'heading', text: 'The device that this is about' },
    { kind: 'rows', rows: rows.filter(([, value]) => value) },
  ]
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line)
}

/** Templates may hold the few tags that mail editors write; the layout is ours, so these become lines and plain words. */
export function plainOf(text: string): string {
  return text
    .replace(/<(?:br|\/p|\/li|\/ol|\/ul)\s*\/?>/gi, '\n')
    .replace(/<li>/gi, '- ')
    .replace(/<\/?(?:p|ol|ul|b|strong|i|em|u|code|span|div)>/gi, '')
}
