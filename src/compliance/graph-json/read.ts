import type { CompliancePolicy, UnsupportedSetting } from '../policy.ts'
import { aimOf, type PolicyType, policyTypes } from '../policy-types.ts'
import { ruleOf, settingNames } from '../rules/registry.ts'
import type { SettingName } from '../settings.ts'
import { asSettings, settingsProblem } from '../settings-schema.ts'
import { readActions } from './actions.ts'
import {
  graphPrefix,
  isAnnotation,
  isObject,
  type JsonObject,
  saysNothing,
  stripped,
} from './json.ts'
import { readLinuxSettings } from './linux.ts'
import { invalid, type Note, note, type Reader } from './notes.ts'
import { readTargets } from './targets.ts'
import { fromGraph } from './values.ts'

/** A policy out of Graph's JSON; whom it reaches follows from its `targets`, with `reachOf`. */
export interface GraphReading {
  readonly policy: Omit<CompliancePolicy, 'assignedTo' | 'excluded'>
  /** All that was not taken over as it stands. */
  readonly notes: readonly Note[]
}

/** Properties that say nothing about devices, and are kept as they are. */
const plain = new Set([
  'id',
  'createdDateTime',
  'lastModifiedDateTime',
  'version',
  'roleScopeTagIds',
  'creationSource',
  'platforms',
  'technologies',
])

/** Read elsewhere, or what follows from other properties. */
const elsewhere = new Set([
  'displayName',
  'name',
  'description',
  'assignments',
  'scheduledActionsForRule',
  'settingCount',
  'isAssigned',
])

/** What the other system found on its devices. */
const results = new Set([
  'deviceStatuses',
  'deviceStatusOverview',
  'deviceSettingStateSummaries',
  'userStatuses',
  'userStatusOverview',
])

/** Settings of Graph's that cannot be evaluated, with the reason. */
const unsupportedProperties: Readonly<Record<string, string>> = {
  deviceCompliancePolicyScript: 'a script would have to run on the device',
  conditionStatementId: 'conditional statements stand outside of the policy',
}

/** The type of compliance policy that this JSON is, if it is one. */
export function graphTypeOf(json: unknown): PolicyType | undefined {
  if (!isObject(json)) return undefined
  const type = json['@odata.type']
  if (typeof type !== 'string') {
    // The settings catalogue is asked for without a type where a list of it is.
    return 'technologies' in json && 'platforms' in json && 'settings' in json
      ? 'deviceManagementCompliancePolicy'
      : undefined
  }
  const name = type.startsWith(graphPrefix) ? type.slice(graphPrefix.length) : type
  return Object.hasOwn(policyTypes, name) ? (name as PolicyType) : undefined // a key of that table
}

/**
 * Reads a compliance policy in Graph's JSON (v1.0 and beta). Throws `policy.invalid` with the JSON path of a value that
 * cannot be; a property that is unknown or cannot be evaluated is noted, kept, and never met.
 */
export function readGraphPolicy(json: unknown): GraphReading {
  const type = graphTypeOf(json)
  const name = isObject(json) ? (json['displayName'] ?? json['name']) : undefined
  const reader: Reader = { name: typeof name === 'string' ? name : '', notes: [] }
  if (!type || !isObject(json)) throw invalid(reader, '$.@odata.type', 'is no compliance policy')
  if (!reader.name || reader.name.length > 256)
    throw invalid(reader, '$.displayName', 'has not 1 to 256 characters')
  const body = readBody(json, type, reader)
  const { ruleName, ...actions } = readActions(json['scheduledActionsForRule'], reader)
  const targets = readTargets(json['assignments'], reader)
  const { description } = json
  const origin = { ...body.origin, ...(ruleName && { ruleName }) }
  return {
    policy: {
      name: reader.name,
      ...(typeof description === 'string' && description && { description }),
      platform: aimOf(type).platform,
      type,
      settings: checked(body.settings, reader),
      ...(body.unsupported.length > 0 && { unsupported: body.unsupported }),
      ...actions,
      notReported: 'noncompliant',
      ...(targets.length > 0 && { targets }),
      ...(Object.keys(origin).length > 0 && { origin }),
    },
    notes: reader.notes,
  }
}

interface Body {
  readonly settings: Record<string, unknown>
  readonly unsupported: UnsupportedSetting[]
  readonly origin: Record<string, unknown>
}

function readBody(json: JsonObject, type: PolicyType, reader: Reader): Body {
  const body: Body = { settings: {}, unsupported: [], origin: {} }
  const byProperty = propertiesOf(type)
  for (const [key, value] of Object.entries(json)) {
    if (isAnnotation(key) || elsewhere.has(key)) continue
    const name = byProperty.get(key)
    if (name) {
      const ours = fromGraph(ruleOf(name).value, value)
      if (ours !== undefined) body.settings[name] = ours
    } else if (key === 'settings' && type === 'deviceManagementCompliancePolicy')
      readCatalogue(value, body, reader)
    else if (plain.has(key)) {
      if (!saysNothing(value)) body.origin[key] = value
    } else readOther(key, value, body, reader)
  }
  if (type === 'deviceManagementCompliancePolicy') checkPlatform(json, body, reader)
  return body
}

const knownProperties = new Map<PolicyType, ReadonlyMap<string, SettingName>>()

function propertiesOf(type: PolicyType): ReadonlyMap<string, SettingName> {
  const known = knownProperties.get(type)
  if (known) return known
  const found = new Map(
    settingNames.flatMap((name) => {
      const property = ruleOf(name).properties[type]
      return property ? [[property, name] as const] : []
    }),
  )
  knownProperties.set(type, found)
  return found
}

function readCatalogue(value: unknown, body: Body, reader: Reader): void {
  const kept: JsonObject[] = []
  for (const setting of readLinuxSettings(value, reader)) {
    if ('name' in setting) {
      body.settings[setting.name] = setting.value
      continue
    }
    body.unsupported.push({ setting: setting.unsupported, reason: setting.reason })
    kept.push(setting.kept)
  }
  if (kept.length > 0) body.origin['settings'] = kept
}

/** The settings catalogue has compliance settings for Linux only; of another platform nothing can be said. */
function checkPlatform({ platforms }: JsonObject, body: Body, reader: Reader): void {
  if (platforms === 'linux' || platforms === undefined) return
  note(reader, '$.platforms', 'notSupported', 'the settings catalogue is read for linux only')
  body.unsupported.push({ setting: 'platforms', reason: 'not linux' })
}

function readOther(key: string, value: unknown, body: Body, reader: Reader): void {
  const path = `$.${key}`
  if (results.has(key)) return note(reader, path, 'resultsIgnored', 'no part of the policy')
  const known = Object.hasOwn(unsupportedProperties, key) ? unsupportedProperties[key] : undefined
  if (saysNothing(value)) {
    if (!known) note(reader, path, 'unknownProperty', 'it says nothing, and is not kept')
    return
  }
  note(reader, path, known ? 'notSupported' : 'unknownProperty', known ?? 'not known')
  body.unsupported.push({ setting: key, reason: known ?? 'unknown property' })
  body.origin[key] = stripped(value, true)
}

function checked(settings: Record<string, unknown>, reader: Reader): CompliancePolicy['settings'] {
  const problem = settingsProblem(settings)
  if (problem) throw invalid(reader, '$', problem)
  return asSettings(settings)
}
