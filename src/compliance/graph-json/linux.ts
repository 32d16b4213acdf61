import { ruleOf, settingNames } from '../rules/registry.ts'
import type { AllowedDistribution, SettingName } from '../settings.ts'
import { asList, graphPrefix, isObject, type JsonObject, stripped } from './json.ts'
import { invalid, note, type Reader } from './notes.ts'

// Linux has no type of its own in Graph: its settings are instances of the settings catalogue, each with the id of its
// definition. Ids and shapes as Graph's beta gives them out.

const instance = `${graphPrefix}deviceManagementConfiguration`
const distributions = 'linux_distribution_alloweddistros'
const catalogue = 'deviceManagementCompliancePolicy'

const byId = new Map<string, SettingName>(
  settingNames.flatMap((name) => {
    const id = ruleOf(name).properties[catalogue]
    return id ? [[id, name] as const] : []
  }),
)

/** Definitions that are known and cannot be evaluated. */
const unsupportedIds: Readonly<Record<string, string>> = {
  linux_customcompliance_required: 'custom compliance runs a script on the device',
}

/** One setting of the catalogue, read. */
export type LinuxSetting =
  | { readonly name: SettingName; readonly value: unknown }
  | { readonly unsupported: string; readonly reason: string; readonly kept: JsonObject }

/** Reads `settings`; what cannot be evaluated keeps its JSON. */
export function readLinuxSettings(list: unknown, reader: Reader): readonly LinuxSetting[] {
  return asList(list).flatMap((setting, at) => {
    const path = `$.settings[${at}].settingInstance`
    const found = isObject(setting) ? setting['settingInstance'] : undefined
    if (!isObject(found)) throw invalid(reader, path, 'is missing')
    const read = readInstance(found, path, reader)
    return read ? [read] : []
  })
}

function readInstance(found: JsonObject, path: string, reader: Reader): LinuxSetting | undefined {
  const id = found['settingDefinitionId']
  if (typeof id !== 'string') throw invalid(reader, `${path}.settingDefinitionId`, 'is missing')
  const name = byId.get(id)
  if (!name) {
    const value = choiceOf(found, id)
    if (value === 'false') return undefined
    const reason = unsupportedIds[id] ?? 'unknown setting definition'
    note(reader, path, Object.hasOwn(unsupportedIds, id) ? 'notSupported' : 'unknownProperty', id)
    const kept = stripped(found, true)
    return isObject(kept) ? { unsupported: id, reason, kept } : undefined
  }
  if (id === distributions) return { name, value: readDistributions(found, path, reader) }
  if (ruleOf(name).value.kind === 'flag') {
    const value = choiceOf(found, id)
    if (value === 'false') return undefined
    if (value !== 'true') throw invalid(reader, path, 'is neither true nor false')
    return { name, value: true }
  }
  return { name, value: simpleOf(found) }
}

/** What stands behind the id in the value of a choice: `linux_deviceencryption_required_true` is `true`. */
function choiceOf(found: JsonObject, id: string): string | undefined {
  const choice = found['choiceSettingValue']
  const value = isObject(choice) ? choice['value'] : undefined
  return typeof value === 'string' && value.startsWith(`${id}_`)
    ? value.slice(id.length + 1)
    : undefined
}

function simpleOf(found: JsonObject): unknown {
  const simple = found['simpleSettingValue']
  return isObject(simple) ? simple['value'] : undefined
}

function readDistributions(
  found: JsonObject,
  path: string,
  reader: Reader,
): readonly AllowedDistribution[] {
  return asList(found['groupSettingCollectionValue']).map((group, at) => {
    const parts = new Map<unknown, JsonObject>()
    for (const child of asList(isObject(group) ? group['children'] : undefined))
      if (isObject(child)) parts.set(child['settingDefinitionId'], child)
    const type = `${distributions}_item_$type`
    const name = choiceOf(parts.get(type) ?? {}, type)
    if (!name)
      throw invalid(reader, `${path}.groupSettingCollectionValue[${at}]`, 'has no distribution')
    const version = (side: string) => {
      const value = simpleOf(parts.get(`${distributions}_item_${side}version`) ?? {})
      return typeof value === 'string' && value ? value : undefined
    }
    const [minimumVersion, maximumVersion] = [version('minimum'), version('maximum')]
    return {
      name,
      ...(minimumVersion && { minimumVersion }),
      ...(maximumVersion && { maximumVersion }),
    }
  })
}

/** Writes `settings`, in the order of the ids of their definitions. */
export function writeLinuxSettings(
  settings: readonly (readonly [SettingName, unknown])[],
  kept: readonly unknown[],
): readonly JsonObject[] {
  const written = settings.flatMap(([name, value]) => {
    const id = ruleOf(name).properties[catalogue]
    return id ? [writeInstance(id, value)] : []
  })
  return [...written, ...kept.filter(isObject)]
    .sort((a, b) => (String(a['settingDefinitionId']) < String(b['settingDefinitionId']) ? -1 : 1))
    .map((one) => ({ '@odata.type': `${instance}Setting`, settingInstance: one }))
}

function writeInstance(id: string, value: unknown): JsonObject {
  if (id === distributions) return writeDistributions(asList(value))
  return typeof value === 'number' ? simple(id, 'Integer', value) : choice(id, String(value))
}

function choice(id: string, value: string): JsonObject {
  return {
    '@odata.type': `${instance}ChoiceSettingInstance`,
    settingDefinitionId: id,
    choiceSettingValue: {
      '@odata.type': `${instance}ChoiceSettingValue`,
      value: `${id}_${value}`,
    },
  }
}

function simple(id: string, kind: 'Integer' | 'String', value: number | string): JsonObject {
  return {
    '@odata.type': `${instance}SimpleSettingInstance`,
    settingDefinitionId: id,
    simpleSettingValue: { '@odata.type': `${instance}${kind}SettingValue`, value },
  }
}

function writeDistributions(list: readonly unknown[]): JsonObject {
  const version = (side: string, value: unknown) =>
    typeof value === 'string'
      ? [simple(`${distributions}_item_${side}version`, 'String', value)]
      : []
  return {
    '@odata.type': `${instance}GroupSettingCollectionInstance`,
    settingDefinitionId: distributions,
    groupSettingCollectionValue: list.filter(isObject).map((one) => ({
      children: [
        choice(`${distributions}_item_$type`, String(one['name'])),
        ...version('maximum', one['maximumVersion']),
        ...version('minimum', one['minimumVersion']),
      ],
    })),
  }
}
