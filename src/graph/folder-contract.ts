import { z } from 'zod'
import type { ProfileWarning } from './actions-contract.ts'

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
}

export interface PolicyPlan {
  readonly changes: readonly PlannedChange[]
  /** What would hold people up once this is in force. */
  readonly warnings: readonly ProfileWarning[]
}

/** A policy in force as a file of a folder holds it. */
export type ExportedPolicy = Omit<FolderDocument, 'source'>
