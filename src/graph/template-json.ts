import type { z } from 'zod'
import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import {
  type Brand,
  type BrandingOption,
  brandingOptions,
  isLocale,
  type LocalizedMessage,
  type Template,
} from '../actions/template.ts'
import type {
  brandBody,
  LocalizedMessageBody,
  messageChangeBody,
  TemplateBody,
  templateBody,
  templateChangeBody,
} from './actions-contract.ts'

/** What a template says of branding where nobody said anything: as where it comes from. */
const defaultBranding: readonly BrandingOption[] = [
  'includeCompanyLogo',
  'includeCompanyName',
  'includeContactInformation',
]

/** A new template from Graph's JSON. Throws `template.invalid`. */
export function readTemplate(
  body: z.infer<typeof templateBody>,
  { id, now }: { readonly id: string; readonly now: Instant },
): Template {
  const messages = (body.localizedNotificationMessages ?? []).map((message) =>
    readMessage(message, { template: id, now }),
  )
  const marked = body.localizedNotificationMessages?.find(({ isDefault }) => isDefault)?.locale
  const blank: Template = {
    id,
    displayName: '',
    description: '',
    defaultLocale: marked ?? messages[0]?.locale ?? 'en-us',
    branding: defaultBranding,
    roleScopeTagIds: ['0'],
    messages,
    modifiedAt: now,
  }
  return changeTemplate(blank, body, now)
}

/** The template with what the body says. Throws `template.invalid`. */
export function changeTemplate(
  template: Template,
  body: z.infer<typeof templateChangeBody>,
  now: Instant,
): Template {
  return {
    ...template,
    ...(body.displayName !== undefined && { displayName: body.displayName }),
    ...(body.description !== undefined && { description: body.description ?? '' }),
    ...(body.roleScopeTagIds !== undefined && { roleScopeTagIds: body.roleScopeTagIds }),
    ...(body.brandingOptions !== undefined && { branding: readBranding(body.brandingOptions) }),
    defaultLocale: localeOf(body.defaultLocale ?? template.defaultLocale),
    modifiedAt: now,
  }
}

/** A message of a template. Its id is made from the template's and its locale, as Graph makes it. */
export function readMessage(
  body: z.infer<typeof messageChangeBody>,
  { template, now, before }: { template: string; now: Instant; before?: LocalizedMessage },
): LocalizedMessage {
  const locale = localeOf(body.locale ?? before?.locale ?? '')
  return {
    id: `${template}_${locale}`,
    locale,
    subject: body.subject ?? before?.subject ?? '',
    messageTemplate: body.messageTemplate ?? before?.messageTemplate ?? '',
    modifiedAt: now,
  }
}

/** As Graph writes it. */
export function writeTemplate(template: Template): TemplateBody {
  const { id, displayName, description, defaultLocale, branding, roleScopeTagIds } = template
  return {
    id,
    displayName,
    description,
    defaultLocale,
    brandingOptions: branding.join(',') || 'none',
    roleScopeTagIds,
    lastModifiedDateTime: new Date(template.modifiedAt).toISOString(),
    localizedNotificationMessages: template.messages.map((message) =>
      writeMessage(template, message),
    ),
  }
}

/** One message, as Graph writes it. */
export function writeMessage(
  { defaultLocale }: Template,
  { modifiedAt, ...message }: LocalizedMessage,
): LocalizedMessageBody {
  return {
    ...message,
    isDefault: message.locale === defaultLocale,
    lastModifiedDateTime: new Date(modifiedAt).toISOString(),
  }
}

/** Who writes, as the part of Graph's `intuneBrand` that mails show. */
export function writeBrand({ logo, ...rest }: Brand): Required<z.infer<typeof brandBody>> {
  return { ...rest, lightBackgroundLogo: logo ?? null }
}

/** What a body changes of it. */
export function readBrand(body: z.infer<typeof brandBody>): Partial<Brand> {
  const { lightBackgroundLogo: logo, ...rest } = body
  const said = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(said), ...(logo !== undefined && { logo: logo ?? undefined }) }
}

function localeOf(text: string): string {
  const locale = text.toLowerCase().replaceAll('_', '-')
  if (!isLocale(locale))
    throw new Failure(
      'template.invalid',
      `locale: ${JSON.stringify(text)} is none, write for example en-us`,
    )
  return locale
}

function readBranding(text: string): readonly BrandingOption[] {
  const asked = text.split(',').map((name) => name.trim())
  if (text.trim() === '' || text === 'none') return []
  const unknown = asked.find((name) => !brandingOptions.some((option) => option === name))
  if (unknown !== undefined)
    throw new Failure('template.invalid', `brandingOptions: there is no ${JSON.stringify(unknown)}`)
  return brandingOptions.filter((option) => asked.includes(option))
}
