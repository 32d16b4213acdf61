import type { Head, SignedEntry } from '../history/entry.ts'
import type { Verification } from '../history/verify.ts'

// What `postern history` asks for and gets.

/** An entry as it is signed; its canonical JSON is what the signature is over. */
export interface HistoryRow extends SignedEntry {
  /** What ids in it are called now, as far as anybody still has them. */
  readonly names: Readonly<Record<string, string>>
}

/** A page of entries; where it goes on, by number. */
export interface HistoryBody {
  readonly value: readonly HistoryRow[]
  readonly next: number | null
}

/** Where the history ends, and the key that proves it. */
export interface HistoryHead {
  readonly head: Head | null
  readonly key: { readonly id: string; readonly pem: string }
}

/** What the server found when it held its history against its own key. */
export interface HistoryVerdict extends Verification {
  readonly whole: boolean
  readonly key: string
}

/** `N:HASH`, as `postern history head` prints it. */
export const writeHead = ({ seq, hash }: Head): string => `${seq}:${hash}`

/** Undefined for anything but `N:HASH`. */
export function readHead(text: string): Head | undefined {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase()) ?? []
  return seq !== undefined && hash !== undefined ? { seq: Number(seq), hash } : undefined
}

/** Who types a command, as his machine names him; believed of whoever has the token of the data folder, and marked as said. */
export const actorHeader = 'x-postern-actor'
