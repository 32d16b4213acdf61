import { createReadStream } from 'node:fs'
import { z } from 'zod'
import { asFailure, Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { canonicalJson } from '../history/canonical.ts'
import type { Head } from '../history/entry.ts'
import type { FoundEntry } from '../history/verify.ts'
import { linesOf } from './lines.ts'

const first = z.strictObject({
  postern: z.literal('history'),
  version: z.literal(1),
  /** PEM of the public key. */
  key: z.string().max(4096),
  head: z.strictObject({ seq: z.number().int().min(1), hash: z.string() }).nullable(),
})

/** The first line of an export. */
export const exportHead = (given: {
  readonly head: Head | null
  readonly key: string
}): z.infer<typeof first> => ({ postern: 'history', version: 1, ...given })

const line = z.looseObject({
  entry: z.looseObject({ seq: z.number().int() }),
  signature: z.string(),
})

/** An export that is being read: its first line, and its entries page by page. */
export interface ExportFile {
  readonly key: string
  readonly head: Head | null
  readonly pages: AsyncIterable<readonly FoundEntry[]>
}

/** Opens an export. Throws `request.malformed` where it is none, naming the line, and `not.found`. */
export async function openExport(path: string): Promise<ExportFile> {
  const lines = linesOf(createReadStream(path), limits.historyLineChars.value)
  const begun = await named(path, () => lines.next())
  const head = first.safeParse(begun.done ? undefined : parsed(begun.value.text))
  if (!head.success)
    throw new Failure('request.malformed', `${path}: is no export of \`postern history export\``)
  const pages = async function* () {
    let page: FoundEntry[] = []
    for await (const { number, text } of lines) {
      const read = line.safeParse(parsed(text))
      if (!read.success)
        throw new Failure('request.malformed', `${path}: line ${number} holds no entry`)
      const { entry, signature } = read.data
      page.push({ seq: entry.seq, document: canonicalJson(entry), signature })
      if (page.length < limits.historyPage.value) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }
  return { key: head.data.key, head: head.data.head, pages: pages() }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // said by whoever reads the line
  }
}

async function named<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown
    throw new Failure('not.found', `cannot read ${path}`, { cause: asFailure(thrown) })
  }
}
