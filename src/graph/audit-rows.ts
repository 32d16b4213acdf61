import type { User } from '../directory/directory.ts'
import type { Entry, SignedEntry, ThingKind } from '../history/entry.ts'
import type { DirectoryAuditBody } from './audit-contract.ts'

/** What an activity is about, in Graph's words where Graph has the thing. */
const things: Readonly<Record<ThingKind, string>> = {
  conditionalAccessPolicy: 'conditional access policy',
  namedLocation: 'named location',
  authenticationStrength: 'authentication strength policy',
  exchangeOnline: 'conditional access policy for Exchange Online',
  semantics: 'semantics of policies',
  deviceAccessRule: 'device access rule',
  autoblockThreshold: 'autoblock threshold',
  organization: 'ActiveSync organization settings',
  casMailbox: 'mailbox device lists',
  lockout: 'lockout guard',
  enforcement: 'enforcement',
  compliancePolicy: 'device compliance policy',
  complianceSite: 'device compliance settings',
  user: 'user',
  group: 'group',
  rollout: 'rollout',
  collection: 'collection',
  emailProfile: 'email profile',
  notificationTemplate: 'notification message template',
  brand: 'brand',
  apply: 'policy folder',
  confirmation: 'confirmation of a change',
  rollback: 'rollback of a change',
}

const verbs = { created: 'Add', changed: 'Update', deleted: 'Delete' } as const

const conditional: readonly ThingKind[] = [
  'conditionalAccessPolicy',
  'namedLocation',
  'authenticationStrength',
]

/** Nobody's name: what Postern does by itself. */
const itself = new Set(['rollback', 'configuration', 'rollout', 'site'])

/** The row of an entry; `user` where the actor is an account that is still there. */
export function directoryAuditRow(
  { entry, hash }: SignedEntry,
  user: User | undefined,
): DirectoryAuditBody {
  const { seq, at, kind, change, id, name, difference, correlation } = entry
  const verb = verbs[change]
  return {
    id: String(seq),
    category: 'Policy',
    correlationId: correlation,
    result: 'success',
    resultReason: '',
    activityDisplayName: `${verb} ${things[kind]}`,
    activityDateTime: new Date(at).toISOString(),
    loggedByService: conditional.includes(kind) ? 'Conditional Access' : 'Postern',
    operationType: verb,
    initiatedBy: initiatorOf(entry, user),
    targetResources: [
      {
        id,
        displayName: name || things[kind],
        type: 'Policy',
        modifiedProperties: difference.map(({ path, before, after }) => ({
          displayName: path.replace(/^\$\.?/, ''),
          oldValue: jsonOf(before),
          newValue: jsonOf(after),
        })),
      },
    ],
    additionalDetails: [
      { key: 'kind', value: kind },
      { key: 'hash', value: hash },
    ],
  }
}

function initiatorOf({ actor }: Entry, user: User | undefined): DirectoryAuditBody['initiatedBy'] {
  if (itself.has(actor) && !user) return { user: null, app: { displayName: `Postern ${actor}` } }
  const person = {
    id: user?.id ?? null,
    displayName: user?.displayName ?? null,
    userPrincipalName: user?.name ?? actor,
    ipAddress: null,
  }
  return { user: person, app: null }
}

const jsonOf = (value: unknown): string | null =>
  value === undefined ? null : JSON.stringify(value)

/** What `$filter` may ask for. */
export const directoryAuditProperties: ReadonlySet<string> = new Set([
  'id',
  'category',
  'correlationId',
  'result',
  'activityDisplayName',
  'activityDateTime',
  'loggedByService',
  'operationType',
  'initiatedBy_user_id',
  'initiatedBy_user_displayName',
  'initiatedBy_user_userPrincipalName',
  'initiatedBy_app_displayName',
  'targetResources_id',
  'targetResources_displayName',
  'targetResources_type',
])

/** The same row without depth, its paths joined as `$filter` has them after `flatAuditPaths`. */
export function flatAuditRow(row: DirectoryAuditBody): object {
  const { user, app } = row.initiatedBy
  const [{ id, displayName, type }] = row.targetResources
  return {
    ...row,
    initiatedBy_user_id: user?.id,
    initiatedBy_user_displayName: user?.displayName,
    initiatedBy_user_userPrincipalName: user?.userPrincipalName,
    initiatedBy_app_displayName: app?.displayName,
    targetResources_id: id,
    targetResources_displayName: displayName,
    targetResources_type: type,
  }
}

/**
 * Paths of a filter written without the slash, outside of quotes. A row has one target, so that what is asked of any is asked of
 * it: `targetResources/any(t:t/id eq 'x')`.
 */
export function flatAuditPaths(filter: string): string {
  let variable = ''
  return filter.replace(
    /'(?:[^']|'')*'|\btargetResources\/any\(\s*(\w+)\s*:|\binitiatedBy\/(user|app)\/(?=\w)|\b(\w+)\/(?=\w)/g,
    (found: string, any?: string, by?: string, name?: string) => {
      if (any !== undefined) {
        variable = any
        return '('
      }
      if (by !== undefined) return `initiatedBy_${by}_`
      return name !== undefined && name === variable ? 'targetResources_' : found
    },
  )
}
