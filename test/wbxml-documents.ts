import { AirSync, AirSyncBase, allTags, Email, Ping } from '../src/wire/wbxml/tokens.ts'
import { type Content, type Element, element, writeWbxml } from '../src/wire/wbxml/wbxml.ts'

/** A Ping over two folders. */
export function pingRequest(): Element {
  const folder = (id: string, itemClass: string) =>
    element(Ping.Folder, element(Ping.Id, id), element(Ping.Class, itemClass))
  return element(
    Ping.Ping,
    element(Ping.HeartbeatInterval, 480),
    element(Ping.Folders, folder('f1', 'Email'), folder('f2', 'Calendar')),
  )
}

/** A Sync of one mail folder. */
export function syncRequest(): Element {
  const preference = element(
    AirSyncBase.BodyPreference,
    element(AirSyncBase.Type, 2),
    element(AirSyncBase.TruncationSize, 51200),
  )
  return element(
    AirSync.Sync,
    element(
      AirSync.Collections,
      element(
        AirSync.Collection,
        element(AirSync.SyncKey, '1791196800'),
        element(AirSync.CollectionId, 'f1'),
        element(AirSync.GetChanges),
        element(AirSync.WindowSize, 25),
        element(AirSync.Options, element(AirSync.FilterType, 3), preference),
      ),
    ),
  )
}

/** A Sync answer of 25 mails with bodies of this many characters. */
export function mailReply(bodyChars: number): Element {
  const words = 'The quarterly figures are in the attachment, please have a look. '
  const body = words.repeat(Math.ceil(bodyChars / words.length)).slice(0, bodyChars)
  const mails = Array.from({ length: 25 }, (_, index) =>
    element(
      AirSync.Add,
      element(AirSync.ServerId, `f1:${1000 + index}`),
      element(
        AirSync.ApplicationData,
        element(Email.To, '"Alice Example" <alice@example.org>'),
        element(Email.From, '"Bob Example" <bob@example.org>'),
        element(Email.Subject, `Figures of week ${index}`),
        element(Email.DateReceived, `2026-10-05T07:${10 + index}:00.000Z`),
        element(Email.DisplayTo, 'Alice Example'),
        element(Email.ThreadTopic, `Figures of week ${index}`),
        element(Email.Importance, 1),
        element(Email.Read, 0),
        element(
          AirSyncBase.Body,
          element(AirSyncBase.Type, 1),
          element(AirSyncBase.EstimatedDataSize, bodyChars),
          element(AirSyncBase.Data, body),
        ),
        element(Email.MessageClass, 'IPM.Note'),
        element(Email.InternetCPID, 65001),
        element(AirSyncBase.NativeBodyType, 1),
      ),
    ),
  )
  return element(
    AirSync.Sync,
    element(
      AirSync.Collections,
      element(
        AirSync.Collection,
        element(AirSync.SyncKey, '1791196801'),
        element(AirSync.CollectionId, 'f1'),
        element(AirSync.Status, 1),
        element(AirSync.Commands, mails),
      ),
    ),
  )
}

/** Numbers from 0 up to, not including, `below`; the same for the same seed, so that a failure can be told. */
export type Random = (below: number) => number

/** A small quick generator (mulberry32): no test depends on its quality. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const tags = allTags()
const texts = [
  '',
  '0',
  '1',
  'Email',
  'f1:1000',
  '2026-10-05T07:10:00.000Z',
  'Grüße, 日本語 🙂',
  'x'.repeat(300),
]

/** A tree of known tags, text and opaque bytes, as a client could send it. */
export function randomTree(random: Random, levels = 6): Element {
  const tag = tags[random(tags.length)] ?? 0
  if (levels === 0 || random(3) === 0) return element(tag, randomLeaf(random))
  return element(
    tag,
    Array.from({ length: random(5) }, () => randomTree(random, levels - 1)),
  )
}

function randomLeaf(random: Random): Content {
  if (random(8) > 0) return texts[random(texts.length)] ?? ''
  return Uint8Array.from({ length: random(200) }, () => random(256))
}

/** Tokens that steer a reader, more often than chance would hit them. */
const steering = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x40, 0x43, 0x45, 0x80, 0x83, 0x84, 0xc3, 0xc4, 0xff,
]

/** Hostile bytes without end: noise, token soup behind a good header, and documents that were damaged in several places. */
export function createHostileBytes(seed: number): () => Uint8Array {
  const random = createRandom(seed)
  const documents = [
    writeWbxml(pingRequest()),
    writeWbxml(syncRequest()),
    writeWbxml(mailReply(40)).subarray(0, 700),
    ...Array.from({ length: 40 }, () => writeWbxml(randomTree(random))),
  ]
  const some = () => documents[random(documents.length)] ?? new Uint8Array(0)
  const byte = () => (random(2) ? (steering[random(steering.length)] ?? 0) : random(256))
  return () => {
    const kind = random(16)
    if (kind === 0) return Uint8Array.from({ length: random(64) }, byte)
    if (kind < 4)
      return Uint8Array.from([3, 1, 0x6a, 0, ...Array.from({ length: random(60) }, byte)])
    const damaged = Buffer.concat([some(), random(6) ? new Uint8Array(0) : some()])
    for (let count = random(4); count >= 0; count--) {
      // The header is spared: behind a broken one nothing is read.
      const at = 4 + random(Math.max(1, damaged.length - 4))
      if (at < damaged.length) damaged[at] = byte()
    }
    return random(4) ? damaged : damaged.subarray(0, 4 + random(damaged.length))
  }
}
