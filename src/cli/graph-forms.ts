/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What a file holds, each document in Graph's own form, whichever tool wrote it: a list; an answer of Graph, which holds one;
 * what `postern policy list --json` prints; objects of Graph's PowerShell module, whose names begin with capitals; and
 * Graph's conditional access templates. Anything else stays as it is.
 */
export function graphForms(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json.flatMap(graphForms)
  if (!isObject(json)) return [json]
  for (const list of ['value', 'documents'])
    if (Array.isArray(json[list])) return json[list].flatMap(graphForms)
  if ('DisplayName' in json && !('conditions' in json)) return [fromPowerShell(json)]
  if (isObject(json['details']) && isObject(json['details']['conditions']))
    return [ofTemplate(json)]
  return [json]
}

/** Every property is there, hollow where nothing was set, and those of a derived type stand aside. */
function fromPowerShell(value: Json): Json {
  const own = camelCased(value)
  const { additionalProperties: derived, ...rest } = isObject(own) ? own : {}
  return isObject(derived) ? { ...derived, ...rest } : rest
}

/** The value with its names as Graph's JSON spells them; undefined where nothing in it is set. */
function camelCased(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map(camelCased)
  if (!isObject(value)) return value
  const set = Object.entries(value).flatMap(([name, inner]) => {
    const spelled = camelCased(inner)
    return spelled === undefined ? [] : [[name.replace(/^\w/, (c) => c.toLowerCase()), spelled]]
  })
  return set.length === 0 ? undefined : Object.fromEntries(set)
}

/** The policy that a template makes: only reported, as Entra makes it unless somebody chooses otherwise. */
function ofTemplate({ id, name, details }: Json): Json {
  return {
    displayName: name,
    templateId: id,
    state: 'enabledForReportingButNotEnforced',
    ...(isObject(details) && details),
  }
}

/** Whether this is a named location, of addresses or of countries. */
export const isNamedLocation = (value: Json): boolean =>
  String(value['@odata.type']).endsWith('NamedLocation') ||
  Array.isArray(value['ipRanges']) ||
  Array.isArray(value['countriesAndRegions'])

/** Ids in lower case with names: of the document itself, and of the migration table of IntuneManagement. */
export function namesIn(value: unknown): readonly (readonly [id: string, name: string])[] {
  if (!isObject(value)) return []
  const listed = Array.isArray(value['Objects']) ? value['Objects'].filter(isObject) : []
  return [
    [value['id'], value['displayName']] as const,
    ...listed.map(({ Id: id, DisplayName: name }) => [id, name] as const),
  ].flatMap(([id, name]) =>
    typeof id === 'string' && typeof name === 'string' ? [[id.toLowerCase(), name] as const] : [],
  )
}
