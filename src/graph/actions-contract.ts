import { z } from 'zod'

// What the API says and takes of actions, message templates and mail profiles.

/** One action for noncompliance on one device: to come (`due`, without an id), waiting, or done. */
export interface ActionRow {
  readonly id: string | null
  readonly actionType: string
  readonly state: string
  /** Why it failed or waits, as a code. */
  readonly reason: string
  readonly dueDateTime: string
  readonly firedDateTime: string | null
  readonly changedDateTime: string | null
  readonly deviceId: string
  readonly deviceName: string
  readonly userPrincipalName: string
  readonly policyId: string
  readonly policyName: string
  readonly actor: string
}

/** Graph's `localizedNotificationMessage`. */
export interface LocalizedMessageBody {
  readonly id: string
  readonly locale: string
  readonly subject: string
  readonly messageTemplate: string
  readonly isDefault: boolean
  readonly lastModifiedDateTime: string
}

/** Graph's `notificationMessageTemplate`, its messages within it. */
export interface TemplateBody {
  readonly id: string
  readonly displayName: string
  readonly description: string
  readonly defaultLocale: string
  /** Names of `notificationTemplateBrandingOptions`, with commas; `none`. */
  readonly brandingOptions: string
  readonly roleScopeTagIds: readonly string[]
  readonly lastModifiedDateTime: string
  readonly localizedNotificationMessages: readonly LocalizedMessageBody[]
}

/** A message as it would be sent. */
export interface PreviewBody {
  readonly locale: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A mail profile in Graph's JSON, as far as lists show it. */
export interface ProfileRow {
  readonly '@odata.type': string
  readonly id: string
  readonly displayName: string
  readonly hostName: string
  readonly assignments: readonly {
    readonly target: { readonly '@odata.type': string; readonly groupId?: string }
  }[]
}

/** A configuration profile for an Apple device. */
export interface PayloadBody {
  readonly identifier: string
  readonly uuid: string
  /** XML property list. */
  readonly content: string
}

/** A configuration profile that somebody was given. */
export interface HandedOutRow {
  readonly identifier: string
  /** Id of the device, or of the user where no device is named. */
  readonly place: string
  readonly displayName: string
  readonly userPrincipalName: string
  readonly deviceId: string | null
  readonly handedOutDateTime: string
  readonly actor: string
  readonly state: 'current' | 'outdated' | 'remove'
}

const text = (most: number) => z.string().trim().min(1).max(most)

const localizedMessageBody = z.strictObject({
  '@odata.type': z.string().optional(),
  id: z.string().optional(),
  locale: text(20),
  subject: text(998),
  messageTemplate: text(20_000),
  isDefault: z.boolean().optional(),
  lastModifiedDateTime: z.string().optional(),
})
export const newMessageBody = localizedMessageBody
export const messageChangeBody = localizedMessageBody.partial()
export const templateChangeBody = z
  .strictObject({
    '@odata.type': z.string(),
    '@odata.context': z.string(),
    id: text(64),
    displayName: text(256),
    description: z.string().max(1000).nullable(),
    defaultLocale: text(20),
    brandingOptions: z.string().max(256),
    roleScopeTagIds: z.array(z.string().max(64)).max(100),
    lastModifiedDateTime: z.string(),
  })
  .partial()
export const templateBody = templateChangeBody.required({ displayName: true }).extend({
  localizedNotificationMessages: z.array(localizedMessageBody).max(200).optional(),
})
export const templateSet = z.strictObject({ value: z.array(templateBody).max(500) })
export const brandBody = z
  .strictObject({
    displayName: z.string().max(256),
    contactITName: z.string().max(256),
    contactITPhoneNumber: z.string().max(64),
    contactITEmailAddress: z.string().max(256),
    contactITNotes: z.string().max(1000),
    lightBackgroundLogo: z
      .strictObject({
        type: z.enum(['image/png', 'image/jpeg']),
        value: z.base64().max(65_536),
      })
      .nullable(),
  })
  .partial()
export const assignBody = z.strictObject({ assignments: z.array(z.unknown()).max(1000) })
export const profileSet = z.strictObject({
  value: z.array(z.unknown()).max(200),
  /** Change nothing. */
  check: z.boolean().default(false),
})
export const recipientBody = z
  .strictObject({ user: text(256).optional(), device: text(64).optional() })
  .refine(({ user, device }) => (user === undefined) !== (device === undefined), {
    error: 'says user or device, one of them',
  })
export const testMessageBody = z.strictObject({ user: text(256).optional() })
export const previewBody = z.strictObject({
  device: text(64).optional(),
  locale: text(20).optional(),
})
