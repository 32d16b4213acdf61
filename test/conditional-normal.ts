// What Microsoft Graph makes of a policy that it is given, said once more and more bluntly than in src/conditional/normalise.ts:
// both sides of an import and an export are put through it, and must then be the same.

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lists of flags, whose order and case say nothing. */
const flags = new Set(['guestOrExternalUserTypes', 'insiderRiskLevels', 'transferMethods'])

/** A policy without all that Graph adds, drops or spells in its own way. */
export function bluntPolicy(policy: Json): unknown {
  const { id: _id, grantControls, sessionControls, conditions, ...rest } = lowerFirst(policy)
  return blunt({
    ...rest,
    conditions: {
      ...(isObject(conditions) ? conditions : {}),
      clientAppTypes: clientsOf(isObject(conditions) ? conditions['clientAppTypes'] : undefined),
    },
    grantControls: bluntGrant(grantControls),
    sessionControls: isObject(sessionControls)
      ? Object.fromEntries(
          Object.entries(sessionControls)
            .filter(([, one]) => one !== false && !(isObject(one) && one['isEnabled'] === false))
            .map(([name, one]) => [name, isObject(one) ? bluntFrequency(one) : one]),
        )
      : undefined,
  })
}

/** Exports spell the outermost names in more than one way. */
const lowerFirst = (policy: Json): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(policy).map(([name, value]) => [
      name.slice(0, 1).toLowerCase() + name.slice(1),
      value,
    ]),
  )

function clientsOf(types: unknown): unknown {
  if (!Array.isArray(types)) return ['all']
  return types.map((type) =>
    String(type).toLowerCase().replace('easunsupported', 'exchangeactivesync'),
  )
}

/** Where there is one control alone, AND and OR are the same. */
function bluntGrant(grant: unknown): unknown {
  if (!isObject(grant)) return undefined
  const lists = ['builtInControls', 'customAuthenticationFactors', 'termsOfUse']
  const listed = lists.flatMap((name) => grant[name] ?? [])
  const count = listed.length + (isObject(grant['authenticationStrength']) ? 1 : 0)
  if (count === 0) return undefined
  return count === 1 ? { ...grant, operator: undefined } : grant
}

const bluntFrequency = (control: Json): Json =>
  control['frequencyInterval'] === 'everyTime'
    ? { ...control, value: undefined, type: undefined }
    : control

/** Nothing empty, no annotations, flags sorted. */
function blunt(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map((one) => blunt(one)) : undefined
  if (typeof value === 'string' && flags.has(name))
    return value
      .split(',')
      .map((flag) => flag.trim().toLowerCase())
      .sort()
      .join()
  if (!isObject(value)) return value ?? undefined
  const kept = Object.entries(value)
    .filter(([key]) => !key.includes('@odata.') && !key.startsWith('#'))
    .map(([key, inner]): [string, unknown] => [key, blunt(inner, key)])
    .filter(([, inner]) => inner !== undefined)
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}
