type Json = Readonly<Record<string, unknown>>

// The normal form of a compliance policy of Graph's, said once more and without the code that reads and writes: what is
// left of a policy when everything is taken away that says nothing. Export after import must equal it.

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const unsetChoices = ['deviceDefault', 'unavailable', 'notSet', 'none', 'notConfigured']
const readOnly = ['settingCount', 'isAssigned']

function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === '' || value === undefined) return true
  return Array.isArray(value) && value.length === 0
}

/** Without annotations, and without what is empty; `@odata.type` stays where `types` says so. */
function bare(value: unknown, types: boolean): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => bare(one, types))
  if (!isObject(value)) return value
  const kept = Object.entries(value)
    .filter(([key]) => !key.startsWith('#'))
    .filter(([key]) => (key === '@odata.type' ? types : !key.includes('@odata.')))
    .map(([key, one]) => [key, bare(one, types)] as const)
    .filter(([, one]) => !isEmpty(one))
  return Object.fromEntries(kept)
}

const idOf = (setting: unknown): string =>
  isObject(setting) && isObject(setting['settingInstance'])
    ? String(setting['settingInstance']['settingDefinitionId'])
    : ''

function normalSettings(settings: unknown): unknown {
  if (!Array.isArray(settings)) return undefined
  return settings
    .map((one: unknown) => bare(one, true))
    .filter(isObject)
    .map((one) => ({ '@odata.type': one['@odata.type'], settingInstance: one['settingInstance'] }))
    .filter((one) => !JSON.stringify(one).includes('_required_false'))
    .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
}

function normalActions(rules: unknown): unknown {
  const items: Json[] = []
  let ruleName: unknown
  for (const rule of Array.isArray(rules) ? rules.filter(isObject) : []) {
    ruleName ??= rule['ruleName']
    const list = rule['scheduledActionConfigurations']
    if (Array.isArray(list)) items.push(...list.filter(isObject))
  }
  const plain = items.map((item) => {
    const { id: _, ...rest } = bare(item, false) as Json
    const without = Object.entries(rest).filter(
      ([key, value]) => key !== 'notificationTemplateId' || /[^0-]/.test(String(value)),
    )
    return Object.fromEntries([['gracePeriodHours', 0], ...without])
  })
  const block = plain.filter((item) => item['actionType'] === 'block')
  const others = plain.filter((item) => item['actionType'] !== 'block')
  return [
    {
      ...(isEmpty(ruleName) ? {} : { ruleName }),
      scheduledActionConfigurations: [
        ...(block.length > 0 ? block : [{ actionType: 'block', gracePeriodHours: 0 }]),
        ...others,
      ],
    },
  ]
}

/** The normal form of a policy. */
export function normalGraphPolicy(json: Json): Json {
  const { scheduledActionsForRule, assignments, settings, ...rest } = json
  const type = rest['@odata.type']
  const own = Object.entries(bare(rest, false) as Json).filter(
    ([key, value]) => !unsetChoices.includes(String(value)) && !readOnly.includes(key),
  )
  const targets = Array.isArray(assignments)
    ? assignments.filter(isObject).map((one) => ({ target: bare(one['target'], true) }))
    : []
  const instances = normalSettings(settings)
  return {
    '@odata.type': type,
    ...Object.fromEntries(own),
    ...(isEmpty(instances) ? {} : { settings: instances }),
    scheduledActionsForRule: normalActions(scheduledActionsForRule),
    ...(targets.length > 0 ? { assignments: targets } : {}),
  }
}
