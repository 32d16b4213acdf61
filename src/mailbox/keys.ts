import { randomBytes } from 'node:crypto'

/** Which mailbox an item, a folder or a sync key belongs to. */
export type Source = 'own' | 'quarantine'

/**
 * A sync key taken apart. `nonce` is new with every start from key 0, `serial` counts the answers since then, so the key
 * before the last one is known without storing it.
 */
export interface SyncKey {
  readonly source: Source
  readonly nonce: string
  readonly serial: number
}

// The prefixes are ours alone: Exchange and SOGo send numbers, Z-Push and its descendants send UUIDs in braces.
const prefixes = { own: 'po1', quarantine: 'pq1' } as const
const shape = /^p([oq])1\.([a-z0-9]{16})\.([1-9][0-9]{0,14})$/

/** The text of a key: at most 37 of the 64 characters that a client must keep (MS-ASCMD 2.2.3.181.4). */
export function writeSyncKey(key: SyncKey): string {
  return `${prefixes[key.source]}.${key.nonce}.${key.serial}`
}

/** Takes a key of ours apart; `undefined` for every other text, "0" included. */
export function readSyncKey(text: string): SyncKey | undefined {
  const found = shape.exec(text)
  if (!found) return undefined
  return {
    source: found[1] === 'o' ? 'own' : 'quarantine',
    nonce: found[2] ?? '',
    serial: Number(found[3]),
  }
}

/** 80 random bits: a client cannot guess the key of another partnership, and an old key never fits a new start. */
export function newNonce(): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  let text = ''
  for (const byte of randomBytes(16)) text += alphabet[byte & 31]
  return text
}

/**
 * How a sent key stands to the kept state: `current` acknowledges the last answer, `previous` says that the last answer
 * was lost, `unknown` is everything else, so that a key works in no other partnership, collection or mailbox.
 */
export function compareKey(
  text: string,
  kept: SyncKey | undefined,
): 'current' | 'previous' | 'unknown' {
  const key = readSyncKey(text)
  if (!key || !kept || key.source !== kept.source || key.nonce !== kept.nonce) return 'unknown'
  if (key.serial === kept.serial) return 'current'
  return key.serial === kept.serial - 1 ? 'previous' : 'unknown'
}
