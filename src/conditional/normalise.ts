import { builtInControls } from './controls/built-in.ts'
import { clientAppTypes, guestTypes, platforms, riskLevels } from './policy.ts'

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A policy as Microsoft Graph would give it back, whoever wrote it: no annotations, no empty properties that only a portal
 * sends, flags in their own spelling and order, `OR` where a single control leaves nothing to join. These normalisations, and
 * no others, tell an exported policy from the imported one; docs/admin/conditional-access.md lists them.
 */
export function normalisePolicy(document: Json): Json {
  const plain = withoutAnnotations(document) as Json // an object stays one
  const policy = rename(plain, topLevel)
  const conditions = policy['conditions'] ?? {}
  return {
    ...policy,
    ...('state' in policy && { state: spellState(policy['state']) }),
    // A set on disk names its policies by their name where it was made by hand.
    id: policy['id'] ?? policy['displayName'],
    // What is no object is for the schema to refuse: it must not become a policy for nobody.
    conditions: isObject(conditions) ? normaliseConditions(conditions) : conditions,
    grantControls: normaliseGrant(policy['grantControls']),
    sessionControls: normaliseSession(policy['sessionControls']),
  }
}

/** Properties as Graph spells them, whatever their case. */
const topLevel = ['id', 'displayName', 'state', 'conditions', 'grantControls', 'sessionControls']

function rename(object: Json, names: readonly string[]): Json {
  const spelled = new Map(names.map((name) => [name.toLowerCase(), name]))
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [spelled.get(name.toLowerCase()) ?? name, value]),
  )
}

/** OData's own properties and the links that an export carries: `x@odata.type`, `#microsoft.graph.restore`. */
function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(
    ([name]) => !name.includes('@odata.') && !name.startsWith('#'),
  )
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutAnnotations(inner)]))
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0)

/** What is null or empty and not in the schema of v1.0 is left out. */
const always = new Set(['signInRiskLevels', 'userRiskLevels', 'clientAppTypes'])

function normaliseConditions(conditions: Json): Json {
  const kept = Object.entries(conditions).filter(
    ([name, value]) => always.has(name) || !isEmpty(value),
  )
  const normal: Record<string, unknown> = Object.fromEntries(kept)
  // An empty list is not the same: Graph refuses it.
  normal['clientAppTypes'] = Array.isArray(conditions['clientAppTypes'])
    ? conditions['clientAppTypes'].map(spellClientAppType)
    : ['all']
  for (const name of ['signInRiskLevels', 'userRiskLevels', 'servicePrincipalRiskLevels'])
    if (Array.isArray(normal[name])) normal[name] = normal[name].map(spellRisk)
  if (isObject(normal['platforms'])) normal['platforms'] = spellPlatforms(normal['platforms'])
  if (isObject(normal['users'])) normal['users'] = normaliseUsers(normal['users'])
  if (isObject(normal['applications'])) normal['applications'] = dropEmpty(normal['applications'])
  if (typeof normal['insiderRiskLevels'] === 'string')
    normal['insiderRiskLevels'] = order(normal['insiderRiskLevels'], [
      'minor',
      'moderate',
      'elevated',
    ])
  const flows = normal['authenticationFlows']
  if (isObject(flows) && typeof flows['transferMethods'] === 'string')
    normal['authenticationFlows'] = {
      ...flows,
      transferMethods: order(flows['transferMethods'], [
        'none',
        'deviceCodeFlow',
        'authenticationTransfer',
      ]),
    }
  return normal
}

/** Graph reads its words whatever their case, and gives them back in its own. What is none of them stays as it is. */
function speller(words: readonly string[]): (word: unknown) => unknown {
  const spelled = new Map(words.map((word) => [word.toLowerCase(), word]))
  return (word) => (typeof word === 'string' ? (spelled.get(word.toLowerCase()) ?? word) : word)
}

const spellState = speller(['enabled', 'disabled', 'enabledForReportingButNotEnforced'])
const spellRisk = speller(riskLevels)
const spellPlatform = speller([...platforms, 'all'])
const spellControl = speller(builtInControls.map(({ name }) => name))

const spellPlatforms = (condition: Json): Json =>
  Object.fromEntries(
    Object.entries(condition).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(spellPlatform) : value,
    ]),
  )

const spellings = new Map(
  [...clientAppTypes, 'all', 'easSupported'].map((type) => [type.toLowerCase(), type]),
)

// `easUnsupported` is what older exports say for Exchange ActiveSync.
const spellClientAppType = (type: unknown): unknown => {
  const folded = String(type).toLowerCase()
  return folded === 'easunsupported' ? 'exchangeActiveSync' : (spellings.get(folded) ?? type)
}

function normaliseUsers(users: Json): Json {
  const normal: Record<string, unknown> = { ...users }
  for (const name of ['includeGuestsOrExternalUsers', 'excludeGuestsOrExternalUsers']) {
    const guests = normal[name]
    if (isEmpty(guests)) delete normal[name]
    else if (isObject(guests) && typeof guests['guestOrExternalUserTypes'] === 'string')
      normal[name] = {
        ...guests,
        guestOrExternalUserTypes: order(guests['guestOrExternalUserTypes'], [
          'none',
          ...guestTypes,
        ]),
      }
  }
  return normal
}

const dropEmpty = (object: Json): Json =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  )

/** Flags joined by commas, in the order of their values and in their own spelling; unknown ones stay, last. */
function order(flags: string, known: readonly string[]): string {
  const asked = flags.split(',').map((flag) => flag.trim())
  const folded = new Set(asked.map((flag) => flag.toLowerCase()))
  const unknown = asked.filter(
    (flag) => !known.some((one) => one.toLowerCase() === flag.toLowerCase()),
  )
  return [...known.filter((one) => folded.has(one.toLowerCase())), ...unknown].join(',')
}

function normaliseGrant(grant: unknown): unknown {
  if (!isObject(grant)) return null
  const lists = ['builtInControls', 'customAuthenticationFactors', 'termsOfUse']
  const count =
    lists.reduce((sum, name) => sum + (Array.isArray(grant[name]) ? grant[name].length : 0), 0) +
    (isObject(grant['authenticationStrength']) ? 1 : 0)
  if (count === 0) return null
  const operator = typeof grant['operator'] === 'string' ? grant['operator'].toUpperCase() : 'OR'
  const filled = Object.fromEntries(lists.map((name) => [name, grant[name] ?? []]))
  const named = filled['builtInControls']
  const builtIn = Array.isArray(named) ? named.map(spellControl) : named
  const normal = {
    ...grant,
    ...filled,
    builtInControls: builtIn,
    operator: count === 1 ? 'OR' : operator,
  }
  return isEmpty(grant['authenticationStrength'])
    ? without(normal, 'authenticationStrength')
    : normal
}

const without = (object: Json, name: string): Json =>
  Object.fromEntries(Object.entries(object).filter(([other]) => other !== name))

/** Session controls that are all off are none. */
function normaliseSession(session: unknown): unknown {
  if (!isObject(session)) return null
  const on = Object.entries(session).filter(([, value]) => isOn(value))
  if (on.length === 0) return null
  const normal: Record<string, unknown> = Object.fromEntries(on)
  const frequency = normal['signInFrequency']
  if (isObject(frequency) && frequency['frequencyInterval'] === 'everyTime')
    normal['signInFrequency'] = without(without(frequency, 'value'), 'type')
  return normal
}

const isOn = (value: unknown): boolean =>
  isObject(value) ? value['isEnabled'] !== false : !isEmpty(value) && value !== false
