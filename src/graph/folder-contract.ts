import { z } from 'zod'
import type { ProfileWarning } from './collections-contract.ts'

// What `postern policy plan`, `apply` and `export` send and get.

/** One document of a folder: Graph's JSON or one of ours, with names in the place of ids. */
export const folderDocument = z.strictObject({
  /** Which file it is of, for people. */
  source: z.string().max(1024),
  kind: z.enum([
    'compliancePolicy',
    'conditionalAccessPolicy',
    'namedLocation',
    'authenticationStrength',
    'deviceAccessRule',
    'autoblockThreshold',
    'exchangeOnline',
    'semantics',
    'organization',
  ]),
  /** '' where a site has one of the kind. */
  name: z.string().max(256),
  document: z.record(z.string(), z.unknown()),
})
export type FolderDocument = z.infer<typeof folderDocument>

export const policyFolderBody = z.strictObject({
  documents: z.array(folderDocument).max(1000),
  /** Policies that no document names are deleted, if there is a document of their kind. */
  prune: z.boolean().default(false),
})
export type PolicyFolderBody = z.infer<typeof policyFolderBody>

/** What a folder changes; `unmanaged`: in force, and in no document though its kind is. */
export interface PlannedChange {
  readonly kind: FolderDocument['kind']
  readonly name: string
  readonly source?: string
  readonly action: 'create' | 'change' | 'delete' | 'unmanaged'
  readonly properties: readonly {
    readonly path: string
    readonly before?: unknown
    readonly after?: unknown
  }[]
  /** Where it comes from; absent where nobody says that it is this folder's. */
  readonly drift?: Drift
}

/** Who moved since the last apply: what the folder says, what is in force, both, or nobody knows since no apply had it. */
export interface Drift {
  readonly side: 'folder' | 'server' | 'both' | 'unknown'
  /** The apply that it is held against; numbers are those of the history. */
  readonly applied?: DriftMoment
  /** Its last change on the server since then, where the history has one. */
  readonly changed?: DriftMoment & {
    readonly change: 'created' | 'changed' | 'deleted'
    /** What it was called then. */
    readonly name: string
  }
}

interface DriftMoment {
  readonly seq: number
  readonly actor: string
  readonly dateTime: string
}

export interface PolicyPlan {
  readonly changes: readonly PlannedChange[]
  /** What would hold people up once this is in force. */
  readonly warnings: readonly ProfileWarning[]
}

/** A policy in force as a file of a folder holds it. */
export type ExportedPolicy = Omit<FolderDocument, 'source'>
