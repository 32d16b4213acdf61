import type { EntryDraft, ThingKind } from '../history/entry.ts'
import { changesBetween, type Thing } from '../history/difference.ts'
import type { AccessPolicies, Unconfirmed } from './policy.ts'
import type { Consequence } from './lockout.ts'

/** What became of each policy, location, rule and setting, as the history tells it; parts that are absent count for nothing. */
export function changesOfPolicies(
  before: Partial<AccessPolicies>,
  after: Partial<AccessPolicies>,
): readonly EntryDraft[] {
  return thingsOf(after).flatMap(([kind, things]) => {
    const old = thingsOf(before).find(([other]) => other === kind)?.[1] ?? []
    return changesBetween(kind, old, things, (thing) => thing)
  })
}

/** That somebody made a change which would lock people out. */
export function confirmedLockout({ confirm = '', dangers }: Consequence): EntryDraft {
  return {
    kind: 'confirmation',
    id: confirm,
    name: 'lockout',
    change: 'created',
    difference: [{ path: '$.dangers', after: dangers }],
  }
}

/** That a change stays which would have been undone. */
export function confirmedChange(waiting: Unconfirmed): EntryDraft {
  return { ...aboutChange(waiting), kind: 'confirmation', name: 'change' }
}

/** That a change was undone, but for the places that somebody changed since. */
export function undoneChange(waiting: Unconfirmed, kept: readonly string[]): EntryDraft {
  const { difference, ...rest } = aboutChange(waiting)
  return {
    ...rest,
    kind: 'rollback',
    name: 'change',
    difference: [...difference, ...(kept.length > 0 ? [{ path: '$.kept', after: kept }] : [])],
  }
}

function aboutChange({ id, actor, at }: Unconfirmed): Omit<EntryDraft, 'kind' | 'name'> {
  const changedAt = new Date(at).toISOString()
  return {
    id,
    change: 'created',
    difference: [
      { path: '$.changedBy', after: actor },
      { path: '$.changedAt', after: changedAt },
    ],
  }
}

function thingsOf(
  parts: Partial<AccessPolicies>,
): readonly (readonly [ThingKind, readonly Thing[]])[] {
  const { conditionalAccess, deviceAccessRules, autoblock, casMailboxes } = parts
  const { exchangeOnline, semantics, organization, lockout, enforcement } = parts
  return [
    ...(conditionalAccess
      ? ([
          ['namedLocation', conditionalAccess.namedLocations.map(graphThing)],
          ['authenticationStrength', conditionalAccess.authenticationStrengths.map(graphThing)],
          ['conditionalAccessPolicy', conditionalAccess.policies.map(graphThing)],
        ] as const)
      : []),
    ...single('exchangeOnline', exchangeOnline),
    ...single('semantics', semantics),
    ...list('deviceAccessRule', deviceAccessRules, ({ name }) => name),
    ...list('autoblockThreshold', autoblock, ({ behavior }) => behavior),
    ...single('organization', organization),
    ...list('casMailbox', casMailboxes, ({ user }) => user),
    ...single('lockout', lockout),
    ...single('enforcement', enforcement),
  ]
}

/** What a server notes of it is no part of what it says. */
function graphThing({
  id,
  displayName,
  createdDateTime: _created,
  modifiedDateTime: _modified,
  ...says
}: {
  readonly id: string
  readonly displayName?: string | null | undefined
  readonly [property: string]: unknown
}): Thing {
  return { id, name: displayName ?? id, value: { displayName, ...says } }
}

type Things = readonly (readonly [ThingKind, readonly Thing[]])[]

const single = (kind: ThingKind, value: object | undefined): Things =>
  value ? [[kind, [{ id: kind, name: '', value }]]] : []

const list = <T extends object>(
  kind: ThingKind,
  all: readonly T[] | undefined,
  nameOf: (one: T) => string,
): Things =>
  all ? [[kind, all.map((value) => ({ id: nameOf(value), name: nameOf(value), value }))]] : []
