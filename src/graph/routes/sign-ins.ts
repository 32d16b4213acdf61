import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Access, LogFilter } from '../../access/access.ts'
import { Failure } from '../../base/failures.ts'
import { limits } from '../../base/limits.ts'
import type { Devices } from '../../devices/devices.ts'
import type { Directory, User, UserId } from '../../directory/directory.ts'
import type { Callers } from '../caller.ts'
import type { SignInBody } from '../audit-contract.ts'
import { base } from '../contract.ts'
import { type Filter, readFilter } from '../filter.ts'
import type { SayReason } from '../rows.ts'
import { flatPaths, flatRow, signInProperties, signInRow } from '../sign-in-rows.ts'

interface Rooms {
  readonly access: Access
  readonly devices: Devices
  readonly directory: Directory
  readonly callers: Callers
  readonly sayReason: SayReason
}

const query = z.strictObject({
  $top: z.coerce.number().int().min(1).max(1000).default(100),
  $filter: z.string().max(limits.listFilterChars.value).default(''),
  /** The number of the last entry that was looked at. */
  $skiptoken: z.coerce.number().int().min(1).optional(),
  $orderby: z.literal('createdDateTime desc').optional(),
  $count: z.enum(['true', 'false']).optional(),
})

const path = `${base}/auditLogs/signIns`

/** Every new or changed decision as Graph tells of sign-ins, newest first. */
export function signInRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { callers } = rooms

  app.get(path, async (request) => {
    await callers.administrator(request)
    const asked = query.parse(request.query)
    const { rows, last } = await find(rooms, asked)
    const next = new URLSearchParams({
      ...(asked.$filter && { $filter: asked.$filter }),
      $top: String(asked.$top),
      $skiptoken: String(last),
    })
    const origin = `${request.protocol}://${request.host}`
    return {
      '@odata.context': `${base}/$metadata#auditLogs/signIns`,
      ...(last !== undefined && { '@odata.nextLink': `${origin}${path}?${next}` }),
      value: rows,
    }
  })

  app.get<{ Params: { id: string } }>(`${path}/:id`, async (request) => {
    await callers.administrator(request)
    const id = /^\d{1,15}$/.test(request.params.id) ? Number(request.params.id) : 0
    const [row] = await rowsOf(rooms, { before: id + 1, limit: 1 })
    if (row?.id !== String(id)) throw new Failure('not.found', `no sign-in ${request.params.id}`)
    return row
  })
}

/** One page, and the entry behind which the next begins. A page may be short, or empty, where little of the log is wanted. */
async function find(
  rooms: Rooms,
  { $top, $filter, $skiptoken }: z.infer<typeof query>,
): Promise<{ rows: readonly SignInBody[]; last: number | undefined }> {
  const wanted: Filter = $filter.trim()
    ? readFilter(flatPaths($filter), signInProperties)
    : () => true
  const rows: SignInBody[] = []
  let before = $skiptoken
  for (let looked = 0; looked < limits.decisionLogLook.value; ) {
    const limit = limits.decisionLogPage.value
    const found = await rowsOf(rooms, { limit, ...(before !== undefined && { before }) })
    for (const row of found) {
      if (!wanted(flatRow(row))) continue
      if (rows.length === $top) return { rows, last: before }
      rows.push(row)
      before = Number(row.id)
    }
    if (found.length < limit) return { rows, last: undefined }
    before = Number(found.at(-1)?.id)
    looked += found.length
  }
  return { rows, last: before }
}

async function rowsOf(
  { access, directory, sayReason, devices }: Rooms,
  filter: LogFilter,
): Promise<readonly SignInBody[]> {
  const entries = await access.log(filter)
  const users = new Map<UserId, User | undefined>()
  const rows: SignInBody[] = []
  for (const entry of entries) {
    // Entries from before 0016 do not say whose they are.
    const id = entry.user ?? (await devices.find(entry.partnership))?.user
    if (id && !users.has(id)) users.set(id, await directory.user(id))
    rows.push(signInRow(entry, id && users.get(id), sayReason))
  }
  return rows
}
