import { Failure } from '../../base/failures.ts'
import { platforms } from '../../conditional/policy.ts'
import type { AccessLevel, DeviceAccessRule, Semantics } from '../policy.ts'

/** A setting of a template: what it may say, as written after `--set`. */
export interface TemplateSetting {
  readonly about: string
  readonly kind: 'flag' | 'groups' | 'everyoneOrGroups' | 'platforms' | 'text' | readonly string[]
  readonly default: string
}

/** What a template produces: policies in Graph's JSON without ids, groups by name, and what Exchange's own rules need. */
export interface Produced {
  readonly policies: readonly ProducedPolicy[]
  readonly deviceAccessRules?: readonly DeviceAccessRule[]
  readonly defaultAccessLevel?: AccessLevel
  readonly semantics?: Partial<Semantics>
}

/** A policy as Graph's JSON has it, as far as templates fill it in. */
export interface ProducedPolicy {
  readonly displayName: string
  readonly state: string
  readonly conditions: Readonly<Record<string, unknown>>
  readonly grantControls: object | null
  readonly sessionControls: object | null
}

/** Policies that are made from a few settings. */
export interface Template {
  /** Stands in `templateId` of what it made: applied again, it replaces that. */
  readonly id: string
  readonly name: string
  readonly title: string
  readonly description: string
  /** Graph's `templateScenarios`, joined by commas. */
  readonly scenarios: string
  readonly settings: Readonly<Record<string, TemplateSetting>>
  make(values: Values): Produced
}

/** Settings as a template reads them. */
export interface Values {
  text(name: string): string
  flag(name: string): boolean
  /** Names of groups. */
  groups(name: string): readonly string[]
  everyoneOrGroups(name: string): 'all' | readonly string[]
}

/** The settings that every template has. */
export const usualSettings = {
  state: {
    about: 'whether it counts: reportOnly tells what it would do',
    kind: ['enabled', 'reportOnly', 'disabled'],
    default: 'reportOnly',
  },
  exempt: {
    about: 'groups that it never applies to: the way in when everything else fails',
    kind: 'groups',
    default: '',
  },
} as const satisfies Record<string, TemplateSetting>

/** Graph's word for a `state` setting. */
export const stateOf = (values: Values): string =>
  ({ reportOnly: 'enabledForReportingButNotEnforced' })[values.text('state')] ??
  values.text('state')

/** The users of a policy by names of groups. */
export function usersOf(targeted: 'all' | readonly string[], exempt: readonly string[]): object {
  const nobody = targeted !== 'all' && targeted.length === 0
  return {
    includeUsers: targeted === 'all' ? ['All'] : nobody ? ['None'] : [],
    ...(targeted !== 'all' && { includeGroups: targeted }),
    excludeGroups: exempt,
  }
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)

/** Reads settings over their defaults. Throws `request.malformed`, naming the setting and what it may say. */
export function readValues(template: Template, given: Readonly<Record<string, string>>): Values {
  for (const [name, text] of Object.entries(given)) {
    const setting = Object.hasOwn(template.settings, name) ? template.settings[name] : undefined
    if (!setting) refuse(name, `is none; there are ${Object.keys(template.settings).join(', ')}`)
    else check(name, setting, text)
  }
  const text = (name: string) => given[name] ?? template.settings[name]?.default ?? ''
  return {
    text,
    flag: (name) => text(name) === 'true',
    groups: (name) => listOf(text(name)),
    everyoneOrGroups: (name) => (text(name) === 'all' ? 'all' : listOf(text(name))),
  }
}

function check(name: string, { kind }: TemplateSetting, text: string): void {
  if (kind === 'flag' && text !== 'true' && text !== 'false') refuse(name, 'is true or false')
  if (kind === 'platforms') {
    const stranger = listOf(text).find((one) => !platforms.some((platform) => platform === one))
    if (stranger !== undefined) refuse(name, `has ${stranger}; there are ${platforms.join(', ')}`)
  }
  if (typeof kind === 'object' && !kind.includes(text)) refuse(name, `is one of ${kind.join(', ')}`)
}

function refuse(name: string, detail: string): never {
  throw new Failure('request.malformed', `setting ${name} ${detail}`)
}
