import { createRequire } from 'node:module'
import { AirSync } from '../src/wire/wbxml/tokens.ts'
import {
  type Element,
  readWbxml,
  skimTexts,
  skimWbxml,
  writeWbxml,
} from '../src/wire/wbxml/wbxml.ts'
import { mailReply, pingRequest, syncRequest } from '../test/wbxml-documents.ts'

/*
 * Our WBXML codec beside npm aswbxml: `node bench/wbxml.ts`. All ways take turns in many short rounds within one
 * process, and the quickest round of each counts: the machine's other work slows a round, never the minimum.
 * aswbxml's encoder is left out: it fails on the tag `To`.
 */

interface Aswbxml {
  decode(bytes: Uint8Array, pages: 'ActiveSync'): unknown
}
const require = createRequire(import.meta.url)
// The package has no types; this is its published interface.
const aswbxml = require('aswbxml') as Aswbxml

const rounds = 60
/** Long enough that the clock's own 50 ns do not count. */
const roundNs = 400_000

interface Way {
  readonly name: string
  /** Does the work so many times: the loop is inside, so that no call of ours is measured. */
  readonly run: (count: number) => void
}

/** What was computed last: without a use of it the engine might compute nothing. */
let kept: unknown

/** Nanoseconds of one run of each way: the least over all rounds. */
function measure(ways: readonly Way[]): ReadonlyMap<string, number> {
  const least = new Map<string, number>()
  const counts = new Map(ways.map((way) => [way.name, countFor(way)]))
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const took = nanoseconds(way, counts.get(way.name) ?? 1)
      least.set(way.name, Math.min(least.get(way.name) ?? Number.POSITIVE_INFINITY, took))
    }
  }
  return least
}

/** How often a way runs in one round, found once it is compiled. */
function countFor(way: Way): number {
  nanoseconds(way, 2000)
  return Math.max(1, Math.round(roundNs / nanoseconds(way, 200)))
}

function nanoseconds({ run }: Way, count: number): number {
  const start = process.hrtime.bigint()
  run(count)
  return Number(process.hrtime.bigint() - start) / count
}

function benchmark(name: string, root: Element): string {
  const bytes = Buffer.from(writeWbxml(root))
  let seen = 0
  const visit = (_tag: number, start: number, end: number) => {
    seen += end - start
  }
  const least = measure([
    {
      name: 'tree',
      run: (count) => {
        for (let left = count; left > 0; left--) kept = readWbxml(bytes)
      },
    },
    {
      name: 'walk',
      run: (count) => {
        for (let left = count; left > 0; left--) kept = skimWbxml(bytes, visit, AirSync.SyncKey)
      },
    },
    {
      name: 'pull',
      run: (count) => {
        for (let left = count; left > 0; left--) kept = skimTexts(bytes, AirSync.SyncKey)
      },
    },
    {
      name: 'write',
      run: (count) => {
        for (let left = count; left > 0; left--) kept = writeWbxml(root)
      },
    },
    {
      name: 'peer',
      run: (count) => {
        for (let left = count; left > 0; left--) kept = aswbxml.decode(bytes, 'ActiveSync')
      },
    },
  ])
  const cell = (way: string) => {
    const ns = least.get(way) ?? Number.NaN
    return `${(ns / 1000).toFixed(2)} us ${((bytes.length / ns) * 1000).toFixed(0)} MB/s`.padStart(
      22,
    )
  }
  const ratio = (way: string) =>
    `${((least.get('peer') ?? 0) / (least.get(way) ?? 1)).toFixed(1)}x`.padStart(7)
  const ours = ['tree', 'walk', 'pull', 'write', 'peer'].map(cell).join(' |')
  return `${name.padEnd(22)} | ${String(bytes.length).padStart(7)} |${ours} | ${ratio('tree')} | ${ratio('walk')}`
}

console.log(
  `${'document'.padEnd(22)} |   bytes |${['tree', 'walk', 'pull SyncKey', 'write', 'aswbxml decode'].map((name) => name.padStart(22)).join(' |')} | tree/as | walk/as`,
)
console.log(benchmark('Ping request', pingRequest()))
console.log(benchmark('Sync request', syncRequest()))
console.log(benchmark('Sync reply 25 x 200 B', mailReply(200)))
console.log(benchmark('Sync reply 25 x 8 KB', mailReply(8192)))
if (kept === undefined) throw new Error('nothing was computed')
