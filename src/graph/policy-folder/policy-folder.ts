import type { AccessPolicies } from '../../access/policy.ts'
import { Failure } from '../../base/failures.ts'
import type { Collection } from '../../collections/collection.ts'
import type { CompliancePolicy } from '../../compliance/policy.ts'
import type { Everybody } from '../../directory/directory.ts'
import type {
  ExportedPolicy,
  FolderDocument,
  PlannedChange,
  PolicyFolderBody,
} from '../folder-contract.ts'
import { compareCompliance, readCompliance, writeCompliance } from './compliance-form.ts'
import { conditionalKind, locationKind, strengthKind } from './conditional-form.ts'
import type { Kind, Surroundings } from './kind.ts'
import { createNames } from './names.ts'
import { planKind } from './plan-kind.ts'
import {
  onlineKind,
  organizationKind,
  ruleKind,
  semanticsKind,
  thresholdKind,
} from './site-form.ts'

/** What a plan is made with, besides the folder and what is in force. */
export interface Planning {
  readonly everybody: Everybody
  readonly collections: readonly Collection[]
  /** In ISO 8601. */
  readonly now: string
  freshId(prefix: string): string
}

const complianceKind: Kind<CompliancePolicy> = {
  nameOf: ({ name }) => name,
  write: writeCompliance,
  read: readCompliance,
  compare: compareCompliance,
}

/** What a folder makes of the compliance policies in force. Throws `policy.invalid`, naming the document. */
export function planCompliance(
  body: PolicyFolderBody,
  before: readonly CompliancePolicy[],
  planning: Planning,
): { readonly next: readonly CompliancePolicy[]; readonly changes: readonly PlannedChange[] } {
  const names = createNames(planning.everybody, planning.collections, [])
  const around = { ...planning, names, strengths: [] }
  return planKind(complianceKind, before, of(body, 'compliancePolicy'), around)
}

/** What it makes of all else: only the parts that change. Throws `policy.invalid`, naming the document. */
export function planAccess(
  body: PolicyFolderBody,
  before: AccessPolicies,
  planning: Planning,
): { readonly parts: Partial<AccessPolicies>; readonly changes: readonly PlannedChange[] } {
  const set = before.conditionalAccess
  const bare = aroundOf(planning, set)
  const locations = planKind(locationKind, set.namedLocations, of(body, 'namedLocation'), bare)
  const strengths = planKind(
    strengthKind,
    set.authenticationStrengths,
    of(body, 'authenticationStrength'),
    bare,
  )
  const next = { namedLocations: locations.next, authenticationStrengths: strengths.next }
  const around = aroundOf(planning, next)
  const policies = planKind(
    conditionalKind,
    set.policies,
    of(body, 'conditionalAccessPolicy'),
    around,
  )
  const conditional = { ...next, policies: policies.next }
  refuseLost(set, conditional)
  const rules = planKind(ruleKind, before.deviceAccessRules, of(body, 'deviceAccessRule'), around)
  const autoblock = planKind(
    thresholdKind,
    before.autoblock,
    of(body, 'autoblockThreshold'),
    around,
  )
  const single = <T>(kind: Kind<T>, name: FolderDocument['kind'], value: T) => {
    const { next, changes } = planKind(kind, [value], of(body, name), around)
    return { next: next[0] ?? value, changes }
  }
  const exchangeOnline = single(onlineKind, 'exchangeOnline', before.exchangeOnline)
  const semantics = single(semanticsKind, 'semantics', before.semantics)
  const organization = single(organizationKind, 'organization', before.organization)
  const ofSet = [...locations.changes, ...strengths.changes, ...policies.changes]
  return {
    parts: {
      ...(isDeed(ofSet) && { conditionalAccess: conditional }),
      ...(isDeed(rules.changes) && { deviceAccessRules: rules.next }),
      ...(isDeed(autoblock.changes) && { autoblock: autoblock.next }),
      ...(isDeed(exchangeOnline.changes) && { exchangeOnline: exchangeOnline.next }),
      ...(isDeed(semantics.changes) && { semantics: semantics.next }),
      ...(isDeed(organization.changes) && { organization: organization.next }),
    },
    changes: [
      ...ofSet,
      ...[rules, autoblock, exchangeOnline, semantics, organization].flatMap((one) => one.changes),
    ],
  }
}

/** Whether anything is to be done. */
export function isDeed(changes: readonly PlannedChange[]): boolean {
  return changes.some(({ action }) => action !== 'unmanaged')
}

/** Every policy in force as a file holds it. */
export function exportPolicies(
  compliance: readonly CompliancePolicy[],
  access: AccessPolicies,
  planning: Planning,
): readonly ExportedPolicy[] {
  const set = access.conditionalAccess
  const around = aroundOf(planning, set)
  const each = <T>(kind: FolderDocument['kind'], { nameOf, write }: Kind<T>, all: readonly T[]) =>
    all.map((value) => ({ kind, name: nameOf(value), document: { ...write(value, around) } }))
  return [
    ...each('compliancePolicy', complianceKind, compliance),
    ...each('namedLocation', locationKind, set.namedLocations),
    ...each('authenticationStrength', strengthKind, set.authenticationStrengths),
    ...each('conditionalAccessPolicy', conditionalKind, set.policies),
    ...each('deviceAccessRule', ruleKind, access.deviceAccessRules),
    ...each('autoblockThreshold', thresholdKind, access.autoblock),
    ...each('exchangeOnline', onlineKind, [access.exchangeOnline]),
    ...each('semantics', semanticsKind, [access.semantics]),
    ...each('organization', organizationKind, [access.organization]),
  ]
}

type ConditionalSet = AccessPolicies['conditionalAccess']

function aroundOf(
  planning: Planning,
  set: Pick<ConditionalSet, 'namedLocations' | 'authenticationStrengths'>,
): Surroundings {
  const names = createNames(planning.everybody, planning.collections, set.namedLocations)
  return { ...planning, names, strengths: set.authenticationStrengths }
}

const of = ({ documents, prune }: PolicyFolderBody, kind: FolderDocument['kind']) => ({
  documents: documents.filter((document) => document.kind === kind),
  prune,
})

/** A policy that goes on naming a location that goes would let nobody in, or keep nobody out. */
function refuseLost(before: ConditionalSet, after: ConditionalSet): void {
  const kept = new Set(after.namedLocations.map(({ id }) => id))
  const gone = before.namedLocations.filter(({ id }) => !kept.has(id))
  for (const { displayName, conditions } of after.policies) {
    const { includeLocations, excludeLocations } = conditions.locations ?? {}
    const named = [...(includeLocations ?? []), ...(excludeLocations ?? [])]
    const lost = gone.find(({ id }) => named.includes(id))
    if (lost)
      throw new Failure(
        'policy.invalid',
        `${displayName} is about the location ${JSON.stringify(lost.displayName)}, which would go`,
      )
  }
}
