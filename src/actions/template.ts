import type { Id } from '../base/id.ts'
import type { Instant } from '../base/clock.ts'
import { knownTokens, tokensIn } from './tokens.ts'

/** `nmt_…`, or the id that it had where it came from. */
export type TemplateId = Id<'nmt'> | (string & {})

/** Graph's `notificationTemplateBrandingOptions`, in the order of their bits. */
export const brandingOptions = [
  'includeCompanyLogo',
  'includeCompanyName',
  'includeContactInformation',
  'includeCompanyPortalLink',
  'includeDeviceDetails',
] as const

export type BrandingOption = (typeof brandingOptions)[number]

/** Subject and text in one language; Graph's `localizedNotificationMessage`. */
export interface LocalizedMessage {
  readonly id: string
  /** `en-us`, in small letters. */
  readonly locale: string
  readonly subject: string
  readonly messageTemplate: string
  readonly modifiedAt: Instant
}

/** What people are told about a device that does not meet a policy; Graph's `notificationMessageTemplate`. */
export interface Template {
  readonly id: TemplateId
  /** Unique, at most 256 characters. */
  readonly displayName: string
  readonly description: string
  readonly defaultLocale: string
  readonly branding: readonly BrandingOption[]
  readonly roleScopeTagIds: readonly string[]
  readonly messages: readonly LocalizedMessage[]
  readonly modifiedAt: Instant
}

/** Who writes: shown in messages as far as their template wants it. */
export interface Brand {
  readonly displayName: string
  readonly contactITName: string
  readonly contactITPhoneNumber: string
  readonly contactITEmailAddress: string
  readonly contactITNotes: string
  /** PNG or JPEG, base64. */
  readonly logo?: { readonly type: 'image/png' | 'image/jpeg'; readonly value: string } | undefined
}

/** Nothing is known of the organisation yet. */
export const noBrand: Brand = {
  displayName: '',
  contactITName: '',
  contactITPhoneNumber: '',
  contactITEmailAddress: '',
  contactITNotes: '',
}

/** What an action without a template of its own sends. */
export const builtIn: Template = {
  id: 'built-in',
  displayName: 'Built-in message',
  description: 'Sent where an action names no template.',
  defaultLocale: 'en-us',
  branding: [
    'includeCompanyLogo',
    'includeCompanyName',
    'includeContactInformation',
    'includeCompanyPortalLink',
    'includeDeviceDetails',
  ],
  roleScopeTagIds: ['0'],
  messages: [
    {
      id: 'built-in_en-us',
      locale: 'en-us',
      subject: '{{deviceName}} needs your attention',
      messageTemplate: [
        'Hello {{userDisplayName}},',
        'your device {{deviceName}} does not meet the policy "{{policyName}}". Until it does, company mail may stop reaching it.',
        '{{issues}}',
      ].join('\n\n'),
      modifiedAt: 0,
    },
  ],
  modifiedAt: 0,
}

/**
 * The message for a reader of this locale: in it, else in its language, else in the template's default locale.
 * `undefined` when the template has none of these: then nobody said what to say.
 */
export function messageFor(template: Template, locale?: string): LocalizedMessage | undefined {
  const wanted = locale?.toLowerCase()
  const language = wanted?.split('-')[0]
  const { messages, defaultLocale } = template
  return (
    messages.find((message) => message.locale === wanted) ??
    messages.find((message) => message.locale.split('-')[0] === language) ??
    messages.find((message) => message.locale === defaultLocale.toLowerCase())
  )
}

/** What is wrong with a template, in words; `undefined` when it can be kept. */
export function templateFault(template: Template): string | undefined {
  const { messages, displayName } = template
  if (!displayName.trim()) return 'displayName: is empty'
  const locales = new Set(messages.map(({ locale }) => locale))
  if (locales.size < messages.length) return 'localizedNotificationMessages: a locale occurs twice'
  for (const { locale, subject, messageTemplate } of messages) {
    if (!isLocale(locale))
      return `locale: ${JSON.stringify(locale)} is none, write for example en-us`
    const unknown = [...tokensIn(subject), ...tokensIn(messageTemplate)].find(
      (token) => !knownTokens.has(token.toLowerCase()),
    )
    if (unknown) return `${locale}: nobody knows the token {{${unknown}}}`
  }
  return undefined
}

/** BCP 47 as far as mail templates use it: language, script, region. */
export function isLocale(text: string): boolean {
  return /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?$/.test(text)
}
