import type { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import type { SignInBody } from '../graph/audit-contract.ts'
import type { CommandEdges } from './cli.ts'
import type { Connection } from './connection.ts'
import { findDevice } from './devices.ts'
import { countOf, momentOf } from './moment.ts'
import { shortTime, table } from './print.ts'

interface LogFlags {
  readonly user?: string
  readonly device?: string
  readonly result?: string
  readonly since?: string
  readonly count?: string
  readonly all?: boolean
  readonly csv?: boolean
}

const help = `
A result is allow, block, quarantine or challenge. A time is a moment such as 2026-03-01T08:00:00Z, or how long ago: 90m, 12h, 30d.
With --all the log is told to its beginning, as a stream: --csv one line an entry, --json a list, however long.`

/** `log`: every new or changed decision. */
export function logCommand(program: Command, edges: CommandEdges): void {
  program
    .command('log')
    .description('decisions, newest first: new or changed ones only')
    .option('--user <name>', 'of one user')
    .option('--device <device>', 'of one client or device: EAS device ID, id or name')
    .option('--result <result>', 'only these')
    .option('--since <time>', 'no older ones')
    .option('--count <number>', 'how many (50)')
    .option('--all', 'all there are')
    .option('--csv', 'for a spreadsheet')
    .addHelpText('after', help)
    .action((flags: LogFlags) => edges.withServer((server) => printLog(server, edges, flags)))
}

async function printLog(server: Connection, edges: CommandEdges, flags: LogFlags): Promise<void> {
  const most = flags.all ? Number.POSITIVE_INFINITY : countOf(flags.count ?? '50')
  const ids = flags.device === undefined ? [] : await idsOf(server, flags.device)
  const entries = entriesOf(server, filterOf(flags, ids, systemClock.now()), most)
  if (edges.json) return await writeJson(entries, edges)
  if (flags.csv) return await writeCsv(entries, edges)
  let head = true
  // Pages are aligned one by one: nobody waits for the end of the log.
  for await (const page of entries) {
    edges.print(table(head ? columns : columns.map(() => ''), page.map(cellsOf)))
    head = false
  }
  if (head) edges.print('no decisions yet')
}

type Page = readonly SignInBody[]

/** Page by page, `most` in all. */
async function* entriesOf(server: Connection, filter: string, most: number): AsyncGenerator<Page> {
  let skip: string | null = null
  for (let left = most; left > 0; ) {
    const query = new URLSearchParams({
      $top: String(Math.min(left, 500)),
      ...(filter && { $filter: filter }),
      ...(skip !== null && { $skiptoken: skip }),
    })
    const answer: { value: Page; '@odata.nextLink'?: string } = await server.call(
      'GET',
      `/auditLogs/signIns?${query}`,
    )
    if (answer.value.length > 0) yield answer.value
    left -= answer.value.length
    const next = answer['@odata.nextLink']
    if (next === undefined) return
    skip = new URL(next).searchParams.get('$skiptoken')
  }
}

/** What a device may be called in the log: also one that is gone. */
async function idsOf(server: Connection, device: string): Promise<readonly string[]> {
  try {
    const { id, azureADDeviceId } = await findDevice(server, device)
    return azureADDeviceId === null ? [id] : [id, azureADDeviceId]
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== 'not.found') throw thrown
    return [device]
  }
}

function filterOf({ user, result, since }: LogFlags, ids: readonly string[], now: number): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const parts: string[] = []
  if (user !== undefined) parts.push(`userPrincipalName eq ${quoted(user)}`)
  const places = ['postern/partnership', 'deviceDetail/deviceId', 'postern/easDeviceId']
  const named = ids.flatMap((id) => places.map((place) => `${place} eq ${quoted(id)}`))
  if (named.length > 0) parts.push(`(${named.join(' or ')})`)
  if (result !== undefined) parts.push(`postern/outcome eq ${quoted(result)}`)
  if (since !== undefined) parts.push(`createdDateTime ge ${momentOf(since, now)}`)
  return parts.join(' and ')
}

const columns = [
  'at',
  'user',
  'EAS device ID',
  'from',
  'was',
  'decision',
  'state reason',
  'policies',
  'ms',
  'path',
] as const

function cellsOf(row: SignInBody): (string | number | null)[] {
  const { postern } = row
  return [
    shortTime(row.createdDateTime),
    row.userPrincipalName,
    postern.easDeviceId,
    row.ipAddress,
    postern.was,
    postern.enforced ? postern.outcome : `${postern.outcome} (would ${postern.judged})`,
    postern.stateReason,
    row.appliedConditionalAccessPolicies
      .map(({ displayName, result }) => `${displayName}: ${result}`)
      .join('; '),
    postern.latencyMs,
    postern.path.join(' > '),
  ]
}

async function writeJson(pages: AsyncIterable<Page>, edges: CommandEdges): Promise<void> {
  let mark = '['
  for await (const page of pages)
    for (const row of page) {
      await edges.write(`${mark}\n${JSON.stringify(row)}`)
      mark = ','
    }
  await edges.write(mark === '[' ? '[]\n' : '\n]\n')
}

async function writeCsv(pages: AsyncIterable<Page>, edges: CommandEdges): Promise<void> {
  await edges.write(`${columns.join(',')}\r\n`)
  for await (const page of pages)
    await edges.write(page.map((row) => `${cellsOf(row).map(csvCell).join(',')}\r\n`).join(''))
}

/** RFC 4180; a client chooses its own names, and none may run as a formula. */
function csvCell(value: string | number | null): string {
  const text = String(value ?? '')
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
