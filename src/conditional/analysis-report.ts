import type { Analysis, CountedPolicy, Difference, Tried } from './analysis.ts'
import type { Change } from './analysis/changes.ts'
import type { Cell, Hole } from './analysis/holes.ts'
import type { Who } from './analysis/people.ts'
import type { Surplus } from './analysis/surplus.ts'
import type { Witness } from './analysis/witness.ts'
import type { Atom } from './atom.ts'
import type { SignIn } from './sign-in.ts'

// Analyses as plain values, for JSON and for tables: docs/admin/analyse.md says what each means.

/** Something true of a sign-in, with the name of what it speaks of where that is known. */
export type Fact = Atom & { readonly name?: string }

export interface PolicyReference {
  /** Its place among the policies that were given. */
  readonly place: number
  readonly id: string
  readonly displayName: string
}

/** A way in, as a request that `what-if` takes. */
export interface CellReport extends Cell {
  readonly request: object | null
}

export interface HoleReport {
  readonly who: readonly (Who & { readonly name?: string })[]
  readonly given: readonly Fact[]
  readonly cells: readonly CellReport[]
}

/** Everything that `analyse` has to say. */
export interface AnalysisReport {
  readonly policies: readonly (PolicyReference & { readonly unevaluated: readonly string[] })[]
  readonly assumedLocations: readonly string[]
  /** Of the 28 pairs of client and platform, how many let in some member without a known device; null with a directory. */
  readonly openToMembers: number | null
  readonly holes: readonly HoleReport[]
  readonly exceptions: readonly HoleReport[]
  readonly undecided: readonly (Cell & { readonly who: Who })[]
  readonly surplus: readonly {
    readonly kind: Surplus['kind']
    readonly policy: PolicyReference
    /** Conditions that nobody meets together; for a policy that never applies. */
    readonly conditions?: readonly string[]
    /** Who blocks or refuses already. */
    readonly by?: readonly PolicyReference[]
  }[]
}

export interface ChangeReport {
  readonly refusedBy: readonly PolicyReference[]
  readonly cells: readonly (CellReport & { readonly given: readonly Fact[] })[]
}

/** Everything that `compare` has to say. */
export interface DifferenceReport {
  readonly equal: boolean
  readonly assumedLocations: readonly string[]
  readonly opened: readonly ChangeReport[]
  readonly closed: readonly ChangeReport[]
  readonly sessions: readonly {
    readonly control: string
    readonly change: 'added' | 'removed'
    readonly by: readonly PolicyReference[]
    readonly given: readonly Fact[]
  }[]
  readonly undecided: boolean
}

/** The name of an id, where one is known. */
type NameOf = (id: string) => string | undefined

export function reportAnalysis(analysis: Analysis, nameOf: NameOf): AnalysisReport {
  const { policies, assumed, holes, exceptions, undecided, surplus } = analysis
  const refer = (at: number) => referenceTo(policies[at])
  return {
    policies: policies.map((one) => ({
      ...referenceTo(one),
      unevaluated: one.prepared.unevaluated,
    })),
    assumedLocations: assumed,
    openToMembers: openToMembers(analysis),
    holes: holes.map((hole) => reportHole(hole, nameOf)),
    exceptions: exceptions.map((hole) => reportHole(hole, nameOf)),
    undecided,
    surplus: surplus.map((one) => ({
      kind: one.kind,
      policy: refer(one.policy),
      ...(one.kind === 'neverApplies'
        ? { conditions: one.conditions }
        : { by: one.by.map((at) => refer(at)) }),
    })),
  }
}

function openToMembers({ holes, undecided }: Analysis): number | null {
  const kinds = [...holes.flatMap(({ who }) => who), ...undecided.map(({ who }) => who)]
  if (kinds.some(({ kind }) => kind === 'people')) return null
  const open = [
    ...holes.filter(({ who }) => who[0]?.kind === 'member').flatMap(({ ways }) => ways),
    ...undecided.filter(({ who }) => who.kind === 'member'),
  ]
  return new Set(open.map(({ client, platform }) => `${client} ${platform}`)).size
}

export function reportDifference(difference: Difference, nameOf: NameOf): DifferenceReport {
  const { first, second, assumed, opened, closed, sessions, undecided } = difference
  const tell = (changes: readonly Tried<Change>[], refusing: readonly CountedPolicy[]) =>
    changes.map(
      (change): ChangeReport => ({
        refusedBy: change.refusing.map((at) => referenceTo(refusing[at])),
        cells: change.ways.map((way) => ({
          ...reportCell(way),
          given: factsOf(way.example, nameOf),
        })),
      }),
    )
  const changes = opened.length + closed.length + sessions.length
  return {
    equal: changes === 0 && !undecided,
    assumedLocations: assumed,
    opened: tell(opened, first),
    closed: tell(closed, second),
    sessions: sessions.map(({ control, change, policies, example }) => ({
      control,
      change,
      by: policies.map((at) => referenceTo((change === 'added' ? second : first)[at])),
      given: factsOf(example, nameOf),
    })),
    undecided,
  }
}

function referenceTo(counted: CountedPolicy | undefined): PolicyReference {
  const { id = '', displayName = '' } = counted?.prepared.policy ?? {}
  return { place: counted?.place ?? -1, id, displayName }
}

function reportHole({ who, given, ways }: Tried<Hole>, nameOf: NameOf): HoleReport {
  return {
    who: who.map((one) => ({ ...one, ...(one.kind === 'exception' && nameIn(one.atom, nameOf)) })),
    given: factsOf(given, nameOf),
    cells: ways.map(reportCell),
  }
}

const reportCell = ({ client, platform, signIn }: Witness): CellReport => ({
  client,
  platform,
  request: signIn ? requestOf(signIn) : null,
})

function nameIn(atom: Atom, nameOf: NameOf): { name?: string } {
  const name = 'id' in atom ? nameOf(atom.id) : undefined
  return name === undefined ? {} : { name }
}

/** What every sign-in of a cell has is not told. */
const untold = new Set<Atom['kind']>(['person', 'client', 'platform', 'application'])

const factsOf = (atoms: readonly Atom[], nameOf: NameOf): Fact[] =>
  atoms.filter(({ kind }) => !untold.has(kind)).map((one) => ({ ...one, ...nameIn(one, nameOf) }))

/** The sign-in as the body of Graph's `evaluate`, with what Postern's takes besides. Groups and roles are for people to read. */
export function requestOf(signIn: SignIn): object {
  const { identity, target, device } = signIn
  const { isCompliant, isManaged, trustType, attributes = {} } = device ?? {}
  const context =
    target.kind === 'application'
      ? { includeApplications: target.ids }
      : target.kind === 'userAction'
        ? { userAction: target.id }
        : { authenticationContextValue: target.id }
  return {
    signInIdentity: {
      userId: identity.id,
      externalUserType: identity.guest,
      externalTenantId: identity.tenant,
      groups: [...identity.groups],
      roles: [...identity.roles],
    },
    signInContext: context,
    signInConditions: {
      clientAppType: signIn.client,
      devicePlatform: signIn.platform,
      ipAddress: signIn.address,
      country: signIn.country,
      signInRiskLevel: signIn.signInRisk,
      userRiskLevel: signIn.userRisk,
      insiderRiskLevel: signIn.insiderRisk,
      authenticationFlow: signIn.flow && { transferMethod: signIn.flow },
      deviceInfo: device && {
        ...attributes,
        isCompliant: isCompliant ?? false,
        isManaged,
        trustType,
      },
    },
    satisfied: [...signIn.satisfied, ...signIn.methods],
    token: signIn.token,
  }
}
