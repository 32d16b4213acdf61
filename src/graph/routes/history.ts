import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Access } from '../../access/access.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Collections } from '../../collections/collections.ts'
import type { Directory } from '../../directory/directory.ts'
import { type SignedEntry, thingKinds } from '../../history/entry.ts'
import type { History } from '../../history/history.ts'
import type { Callers } from '../caller.ts'
import { base } from '../contract.ts'
import {
  type HistoryBody,
  type HistoryHead,
  type HistoryRow,
  type HistoryVerdict,
  readHead,
} from '../history-contract.ts'

interface Rooms {
  readonly access: Access
  readonly history: History
  readonly directory: Directory
  readonly collections: Collections
  readonly callers: Callers
}

const most = limits.historyPage.value
const number = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const query = z.strictObject({
  actor: z.string().max(256).optional(),
  kind: z.enum(thingKinds).optional(),
  name: z.string().max(256).optional(),
  since: z.iso.datetime().optional(),
  before: number.optional(),
  after: number.optional(),
  order: z.enum(['oldest', 'newest']).default('newest'),
  top: z.coerce.number().int().min(1).max(most).default(100),
})

const path = `${base}/postern/history`

/** Who changed what, and how it differs: sought, shown, exported, and held against its signatures. */
export function historyRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { history, callers } = rooms

  app.get(path, async (request): Promise<HistoryBody> => {
    await callers.administrator(request)
    const { since, top, ...asked } = query.parse(request.query)
    const from = since !== undefined && { since: Date.parse(since) }
    const filter = Object.fromEntries(
      Object.entries(asked).filter(([, value]) => value !== undefined),
    ) as { order: 'oldest' | 'newest' } // the same without what nobody asked
    const entries = await history.list({ ...filter, ...from, limit: top })
    const last = entries.at(-1)?.entry.seq
    return {
      value: await namedRows(rooms, entries),
      next: entries.length === top && last !== undefined ? last : null,
    }
  })

  app.get(`${path}/head`, async (request): Promise<HistoryHead> => {
    await callers.administrator(request)
    return { head: (await history.head()) ?? null, key: history.publicKey }
  })

  app.get(`${path}/verify`, async (request): Promise<HistoryVerdict> => {
    await callers.administrator(request)
    const { head } = z.strictObject({ head: z.string().optional() }).parse(request.query)
    const noted = head === undefined ? undefined : readHead(head)
    if (head !== undefined && !noted)
      throw new Failure(
        'request.malformed',
        'head: is not NUMBER:HASH, as `history head` prints it',
      )
    const found = await history.verify(noted)
    return { ...found, whole: found.faultCount === 0, key: history.publicKey.id }
  })

  app.get<{ Params: { seq: string } }>(`${path}/:seq`, async (request): Promise<HistoryRow> => {
    await callers.administrator(request)
    const { seq } = request.params
    const entry = /^\d{1,15}$/.test(seq) ? await history.find(Number(seq)) : undefined
    const [row] = entry ? await namedRows(rooms, [entry]) : []
    if (!row) throw new Failure('not.found', `the history has no entry ${seq}`)
    return row
  })
}

/** What has an id of ours in an entry, and is called something else. */
async function namedRows(
  { access, directory, collections }: Rooms,
  entries: readonly SignedEntry[],
): Promise<readonly HistoryRow[]> {
  const wanted = entries.map(({ entry }) => idsIn(JSON.stringify([entry.id, entry.difference])))
  if (wanted.every((ids) => ids.length === 0)) return entries.map((one) => ({ ...one, names: {} }))
  const { users, groups } = await directory.everybody()
  const { namedLocations } = access.current().conditionalAccess
  const known = new Map<string, string>()
  for (const { id, name } of [...users, ...groups, ...(await collections.list())])
    known.set(id, name)
  for (const { id, displayName } of namedLocations) known.set(id, displayName ?? id)
  return entries.map((one, index) => {
    const named = (wanted[index] ?? []).flatMap((id) => {
      const name = known.get(id)
      return name === undefined ? [] : [[id, name] as const]
    })
    return { ...one, names: Object.fromEntries(named) }
  })
}

const idsIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\b(?:usr|grp|col|loc)_[0-9a-z]{26}\b/g)),
]
