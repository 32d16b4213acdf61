import { z } from 'zod'
import { impossible } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { ruleOf, settingNames } from './rules/registry.ts'
import type { ValueType } from './rules/rule.ts'
import type { ComplianceSettings } from './settings.ts'
import { compareVersions, readBuild, readDay, readVersion } from './version.ts'

const text = z.string().min(1).max(limits.factChars.value)

// Of which platform is not said here, so Apple's letter passes everywhere; a device of another platform then errs.
const anyVersion = (version: string) =>
  readVersion(version, 'unknown') ?? readVersion(version, 'iOS')

const version = text.refine(anyVersion, 'is no version: numbers and dots, like 17.4')

const range = z
  .strictObject({
    description: z.string().max(limits.factChars.value).optional(),
    lowestVersion: version,
    highestVersion: version,
  })
  .refine(({ lowestVersion, highestVersion }) => {
    const [low, high] = [anyVersion(lowestVersion), anyVersion(highestVersion)]
    return low && high && compareVersions(low, high) <= 0
  }, 'begins after it ends')

const app = z
  .strictObject({
    name: text.optional(),
    publisher: text.optional(),
    appStoreUrl: z.string().max(2048).optional(),
    appId: text.optional(),
  })
  .refine(({ name, appId }) => name ?? appId, 'has neither appId nor name')

const distribution = z.strictObject({
  name: text,
  minimumVersion: version.optional(),
  maximumVersion: version.optional(),
})

const listOf = (item: z.ZodType) => z.array(item).min(1).max(limits.policyListItems.value)

/** What values of this type look like. */
function schemaOf(type: ValueType): z.ZodType {
  switch (type.kind) {
    case 'flag':
      return z.boolean()
    case 'count':
      return z.number().int().min(type.least).max(type.most)
    case 'choice':
      return z.enum(type.choices)
    case 'version':
      return version
    case 'build':
      return text.refine(readBuild, 'is no build, like 21F79')
    case 'date':
      return text.refine(readDay, 'is no day, like 2016-05-01')
    case 'apps':
      return listOf(app)
    case 'ranges':
      return listOf(range)
    case 'distributions':
      return listOf(distribution)
    default:
      return impossible(type)
  }
}

/** Every setting, optional, and no other: a misspelled one would be a hole that looks like a rule. */
export const settingsSchema = z.strictObject(
  Object.fromEntries(settingNames.map((name) => [name, schemaOf(ruleOf(name).value).optional()])),
)

/** What is wrong with a value that somebody wants to give to a setting, or with the settings as a whole. */
export function settingsProblem(settings: unknown): string | undefined {
  const parsed = settingsSchema.safeParse(settings)
  if (parsed.success) return undefined
  const [issue] = parsed.error.issues
  return `${['settings', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`
}

/** Settings out of what was found to have no problem. Throws a `ZodError` of what has one. */
export function asSettings(settings: unknown): ComplianceSettings {
  // The schema holds each name to the values of its rule, which is more than its type can say.
  return settingsSchema.parse(settings)
}
