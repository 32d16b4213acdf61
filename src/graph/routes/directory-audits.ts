import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Directory, User } from '../../directory/directory.ts'
import type { SignedEntry } from '../../history/entry.ts'
import type { History } from '../../history/history.ts'
import type { DirectoryAuditBody } from '../audit-contract.ts'
import {
  directoryAuditProperties,
  directoryAuditRow,
  flatAuditPaths,
  flatAuditRow,
} from '../audit-rows.ts'
import type { Callers } from '../caller.ts'
import { base } from '../contract.ts'
import { type Filter, readFilter } from '../filter.ts'

interface Rooms {
  readonly history: History
  readonly directory: Directory
  readonly callers: Callers
}

const query = z.strictObject({
  $top: z.coerce.number().int().min(1).max(1000).default(100),
  $filter: z.string().max(limits.listFilterChars.value).default(''),
  /** The number of the last entry that was looked at. */
  $skiptoken: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  $orderby: z
    .string()
    .regex(/^activityDateTime( (asc|desc))?$/, 'only activityDateTime')
    .default('activityDateTime desc'),
  $count: z.enum(['true', 'false']).optional(),
})
type Asked = z.infer<typeof query>

const path = `${base}/auditLogs/directoryAudits`

/** The history of changes as Graph tells of it, newest first. */
export function directoryAuditRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { history, callers } = rooms

  app.get(path, async (request) => {
    await callers.administrator(request)
    const asked = query.parse(request.query)
    const wanted = filterOf(asked)
    const { rows, last } = await find(rooms, asked, wanted)
    const next = new URLSearchParams({
      ...(asked.$filter && { $filter: asked.$filter }),
      ...(asked.$count && { $count: asked.$count }),
      $orderby: asked.$orderby,
      $top: String(asked.$top),
      $skiptoken: String(last),
    })
    const origin = `${request.protocol}://${request.host}`
    return {
      '@odata.context': `${base}/$metadata#auditLogs/directoryAudits`,
      ...(asked.$count === 'true' && { '@odata.count': await countOf(rooms, wanted) }),
      ...(last !== undefined && { '@odata.nextLink': `${origin}${path}?${next}` }),
      value: rows,
    }
  })

  app.get<{ Params: { id: string } }>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    const { id } = request.params
    const entry = /^\d{1,15}$/.test(id) ? await history.find(Number(id)) : undefined
    if (!entry) throw new Failure('not.found', `no audit ${id}`)
    const [row] = await rowsOf(rooms, [entry])
    return row
  })
}

const filterOf = ({ $filter }: Asked): Filter | undefined =>
  $filter.trim() ? readFilter(flatAuditPaths($filter), directoryAuditProperties) : undefined

/** One page, and the entry behind which the next begins. A page may be short, or empty, where few are wanted. */
async function find(
  rooms: Rooms,
  { $top, $skiptoken, $orderby }: Asked,
  wanted: Filter | undefined,
): Promise<{ rows: readonly DirectoryAuditBody[]; last: number | undefined }> {
  const order = $orderby.endsWith(' desc') ? 'newest' : 'oldest'
  const side = order === 'newest' ? 'before' : 'after'
  const rows: DirectoryAuditBody[] = []
  let last = $skiptoken
  const limit = limits.historyPage.value
  for (let looked = 0; looked < limits.decisionLogLook.value; looked += limit) {
    const from = last !== undefined && { [side]: last }
    const found = await rowsOf(rooms, await rooms.history.list({ order, limit, ...from }))
    for (const row of found) {
      if (!wanted || wanted(flatAuditRow(row))) {
        if (rows.length === $top) return { rows, last }
        rows.push(row)
      }
      last = Number(row.id)
    }
    if (found.length < limit) return { rows, last: undefined }
  }
  return { rows, last }
}

/** Of all that there are, whatever the page. */
async function countOf(rooms: Rooms, wanted: Filter | undefined): Promise<number> {
  if (!wanted) return await rooms.history.count({})
  let [count, after] = [0, 0]
  const limit = limits.historyPage.value
  for (;;) {
    const found = await rowsOf(rooms, await rooms.history.list({ order: 'oldest', limit, after }))
    count += found.filter((row) => wanted(flatAuditRow(row))).length
    if (found.length < limit) return count
    after = Number(found.at(-1)?.id)
  }
}

async function rowsOf(
  { directory }: Rooms,
  entries: readonly SignedEntry[],
): Promise<readonly DirectoryAuditBody[]> {
  const users = new Map<string, User | undefined>()
  const rows: DirectoryAuditBody[] = []
  for (const entry of entries) {
    const { actor } = entry.entry
    if (!users.has(actor)) users.set(actor, await directory.find(actor))
    rows.push(directoryAuditRow(entry, users.get(actor)))
  }
  return rows
}
