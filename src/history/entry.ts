import type { Instant } from '../base/clock.ts'
import { canonicalJson } from './canonical.ts'

/** What an entry can be about. */
export const thingKinds = [
  'conditionalAccessPolicy',
  'namedLocation',
  'authenticationStrength',
  'exchangeOnline',
  'semantics',
  'deviceAccessRule',
  'autoblockThreshold',
  'organization',
  'casMailbox',
  'lockout',
  'enforcement',
  'compliancePolicy',
  'complianceSite',
  'user',
  'group',
  'rollout',
  'collection',
  'emailProfile',
  'notificationTemplate',
  'brand',
  'apply',
  'confirmation',
  'rollback',
] as const
export type ThingKind = (typeof thingKinds)[number]

/** One property that differs; what is absent on a side was not there. */
export interface PropertyDifference {
  /** JSONPath (RFC 9535). A path that ends in `[*]` is about a set: `before` went from it, `after` came to it. */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

/** A policy as the last `policy apply` left it. */
export interface AppliedForm {
  readonly kind: string
  /** '' where a site has one of the kind. */
  readonly name: string
  /** SHA-256 of its document as a file holds it, in canonical JSON. */
  readonly form: string
}

/** What a room tells of one change. */
export interface EntryDraft {
  readonly kind: ThingKind
  /** What it is told by, even once its name is another; the kind where a site has one of it. */
  readonly id: string
  readonly name: string
  readonly change: 'created' | 'changed' | 'deleted'
  readonly difference: readonly PropertyDifference[]
  /** Of an `apply`. */
  readonly applied?: readonly AppliedForm[]
}

/** One change as it is signed. */
export interface Entry extends EntryDraft {
  /** From 1, without a gap. */
  readonly seq: number
  readonly at: Instant
  readonly actor: string
  /** The same for all that was changed in one transaction. */
  readonly correlation: string
  /** SHA-256 of the entry before, in hex; '' before the first. */
  readonly previous: string
  /** SHA-256 of the public key of its signature. */
  readonly key: string
}

/** An entry with what proves it. */
export interface SignedEntry {
  readonly entry: Entry
  /** SHA-256 of its canonical JSON, in hex. */
  readonly hash: string
  /** Ed25519 over its canonical JSON, in base64url. */
  readonly signature: string
}

/** Where a history ends. */
export interface Head {
  readonly seq: number
  readonly hash: string
}

/** What the columns beside an entry say, by which it is found; its name in lower case. */
export function filedAs({
  at,
  actor,
  kind,
  id,
  name,
}: Omit<EntryDraft, 'difference' | 'change'> & Pick<Entry, 'at' | 'actor'>) {
  return { at, actor: kept(actor), kind, subject: kept(id), name: kept(name.toLowerCase()) }
}

/** Names may hold what no database keeps. */
const kept = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')

/** The entry of this text; undefined for anything but the canonical JSON of one. What it says is for its signature to prove. */
export function readEntry(document: string): Entry | undefined {
  let value: unknown
  try {
    value = JSON.parse(document)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || canonicalJson(value) !== document)
    return undefined
  const held = value as Readonly<Record<string, unknown>> // an object, by the line above
  const fits =
    texts.every((name) => typeof held[name] === 'string') &&
    Number.isSafeInteger(held['seq']) &&
    Number.isSafeInteger(held['at']) &&
    Array.isArray(held['difference'])
  return fits ? (value as Entry) : undefined // written by `append`, or its signature tells
}

const texts = ['actor', 'kind', 'id', 'name', 'change', 'correlation', 'previous', 'key'] as const
