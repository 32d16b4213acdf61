import type { AccessPolicies } from '../access/policy.ts'
import { defaultAccessPolicies } from '../access/policy.ts'
import { Failure } from '../base/failures.ts'
import type { Collection } from '../collections/collection.ts'
import type { CompliancePolicy, TargetId } from '../compliance/policy.ts'
import type { ComplianceSettings } from '../compliance/settings.ts'
import { asSettings, settingsProblem } from '../compliance/settings-schema.ts'
import type { Group, GroupId } from '../directory/directory.ts'
import type { PolicyDocument, PolicySet } from './contract.ts'

/** What a set of documents changes: only the kinds that it holds. */
export interface PolicyChange {
  readonly compliance: readonly CompliancePolicy[] | undefined
  readonly access: Partial<AccessPolicies>
}

type Of<K extends PolicyDocument['kind']> = Extract<PolicyDocument, { kind: K }>

const ofKind = <K extends PolicyDocument['kind']>(set: PolicySet, kind: K): Of<K>[] =>
  set.documents.filter((document): document is Of<K> => document.kind === kind)

/** At most one document of a kind that a site has once. */
function single<K extends PolicyDocument['kind']>(set: PolicySet, kind: K): Of<K> | undefined {
  const [only, second] = ofKind(set, kind)
  if (second) throw new Failure('policy.invalid', `more than one document of kind ${kind}`)
  return only
}

interface Named<I extends string> {
  readonly id: I
  readonly name: string
}

/** What a compliance policy can be for: groups by their names, collections as `collection: NAME`, or by the name alone. */
function targetsOf(groups: readonly Group[], collections: readonly Collection[]) {
  const plain = collections.map(({ id, name }): Named<TargetId> => ({ id, name }))
  const marked = plain.map(({ id, name }) => ({ id, name: `collection: ${name}` }))
  // Of one name the later counts, of one id too: a group before a collection, and the mark when written.
  return namesOf<TargetId>([...plain, ...groups, ...marked], 'group or collection')
}

/** Names to ids, both ways; names compare without regard to case. */
function namesOf<I extends string>(named: readonly Named<I>[], what = 'group') {
  const byName = new Map(named.map((one) => [one.name.toLowerCase(), one.id]))
  const byId = new Map(named.map((one) => [one.id, one.name]))
  const id =
    (where: string) =>
    (name: string): I => {
      const found = byName.get(name.toLowerCase())
      if (found === undefined)
        throw new Failure('policy.invalid', `${where}: no ${what} named ${JSON.stringify(name)}`)
      return found
    }
  const name = (one: I): string => byId.get(one) ?? one
  return {
    ids: (where: string, names: 'all' | readonly string[]) =>
      names === 'all' ? names : names.map(id(where)),
    list: (where: string, names: readonly string[]) => names.map(id(where)),
    names: (ids: 'all' | readonly I[]) => (ids === 'all' ? ids : ids.map(name)),
    nameList: (ids: readonly I[]) => ids.map(name),
  }
}

type Draft = Omit<CompliancePolicy, 'settings' | 'assignedTo' | 'excluded'>

/** Documents with names to policies with ids. Throws `policy.invalid`, naming the document. */
export function readPolicies(
  set: PolicySet,
  groups: readonly Group[],
  collections: readonly Collection[] = [],
): PolicyChange {
  const { ids, list } = namesOf<GroupId>(groups)
  const targets = targetsOf(groups, collections)
  const compliance = ofKind(set, 'compliancePolicy').map((document): CompliancePolicy => {
    const { kind: _kind, settings, assignedTo, excluded, ...rest } = document
    return {
      ...(defined(rest) as unknown as Draft), // compliance checks all of it before it is saved
      settings: readSettings(document.name, settings),
      assignedTo: targets.ids(document.name, assignedTo),
      excluded: targets.list(document.name, excluded),
    }
  })
  const online = single(set, 'exchangeOnline')
  const organization = single(set, 'organization')
  const semantics = single(set, 'semantics')
  const rules = ofKind(set, 'deviceAccessRule').map(withoutKind)
  const thresholds = ofKind(set, 'autoblockThreshold').map(withoutKind)
  return {
    compliance: compliance.length > 0 ? compliance : undefined,
    access: {
      ...(online && { exchangeOnline: readOnline(online, ids, list) }),
      ...(semantics && { semantics: withoutKind(semantics) }),
      ...(rules.length > 0 && { deviceAccessRules: rules }),
      ...(thresholds.length > 0 && { autoblock: thresholds }),
      ...(organization && {
        organization: {
          defaultAccessLevel: organization.defaultAccessLevel,
          userMailInsert: organization.userMailInsert,
          adminMailRecipients: organization.adminMailRecipients,
          mailboxPolicy: {
            ...defaultAccessPolicies.organization.mailboxPolicy,
            ...defined(organization.mailboxPolicy),
          },
        },
      }),
    },
  }
}

function readSettings(name: string, settings: Record<string, unknown>): ComplianceSettings {
  const problem = settingsProblem(settings)
  if (problem) throw new Failure('policy.invalid', `${name}: ${problem}`)
  return asSettings(settings)
}

const withoutKind = <T extends { readonly kind: string }>({
  kind: _kind,
  ...rest
}: T): Omit<T, 'kind'> => rest

function readOnline(
  document: Of<'exchangeOnline'>,
  ids: ReturnType<typeof namesOf<GroupId>>['ids'],
  list: ReturnType<typeof namesOf<GroupId>>['list'],
) {
  const { kind, targeted, exempt, ...rest } = document
  return { ...rest, targeted: ids(kind, targeted), exempt: list(kind, exempt) }
}

/** The set in force as documents with names: what `postern policy list` prints and `apply` takes back. */
export function writePolicies(
  compliance: readonly CompliancePolicy[],
  access: AccessPolicies,
  groups: readonly Group[],
  collections: readonly Collection[] = [],
): PolicySet {
  const { names, nameList } = namesOf<GroupId>(groups)
  const reach = targetsOf(groups, collections)
  const { targeted, exempt, supportedPlatforms, ...online } = access.exchangeOnline
  return {
    documents: [
      ...compliance.map(({ unsupported, actions, targets, ...policy }) => ({
        kind: 'compliancePolicy' as const,
        ...policy,
        platform: policy.platform as Of<'compliancePolicy'>['platform'], // 'unknown' is never saved
        settings: { ...policy.settings },
        ...(unsupported && { unsupported: [...unsupported] }),
        ...(actions && { actions: actions.map((action) => ({ ...action })) }),
        ...(targets && { targets: targets.map((target) => ({ ...target })) }),
        assignedTo: writable(reach.names(policy.assignedTo)),
        excluded: reach.nameList(policy.excluded),
      })),
      {
        kind: 'exchangeOnline' as const,
        ...online,
        targeted: writable(names(targeted)),
        exempt: nameList(exempt),
        supportedPlatforms: supportedPlatforms as Of<'exchangeOnline'>['supportedPlatforms'], // checked when saved
      },
      { kind: 'semantics' as const, ...access.semantics },
      ...access.deviceAccessRules.map((rule) => ({ kind: 'deviceAccessRule' as const, ...rule })),
      ...access.autoblock.map((threshold) => ({
        kind: 'autoblockThreshold' as const,
        ...threshold,
      })),
      {
        kind: 'organization' as const,
        ...access.organization,
        adminMailRecipients: [...access.organization.adminMailRecipients],
      },
    ],
  }
}

const writable = (value: 'all' | readonly string[]): 'all' | string[] =>
  value === 'all' ? value : [...value]

/** The same object without keys that hold `undefined`. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> } // same keys, undefined ones dropped
}

/** The id of the group of this name, without regard to case. Throws `not.found`. */
export function groupNamed<G extends { readonly id: string; readonly name: string }>(
  groups: readonly G[],
  name: string,
): G['id'] {
  const group = groups.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (!group) throw new Failure('not.found', `no group named ${JSON.stringify(name)}`)
  return group.id
}

/** The id of the user of this sign-in name, without regard to case. Throws `not.found`. */
export function userNamed<U extends { readonly id: string; readonly name: string }>(
  users: readonly U[],
  name: string,
): U['id'] {
  const user = users.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (!user) throw new Failure('not.found', `no user named ${JSON.stringify(name)}`)
  return user.id
}
