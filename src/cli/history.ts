import type { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { canonicalJson } from '../history/canonical.ts'
import {
  type HistoryBody,
  type HistoryHead,
  type HistoryRow,
  writeHead,
} from '../graph/history-contract.ts'
import type { CommandEdges } from './cli.ts'
import type { Connection } from './connection.ts'
import { exportHead } from './history-file.ts'
import { verifyCommand } from './history-verify.ts'
import { countOf, momentOf } from './moment.ts'
import { csv, shortTime, table } from './print.ts'

interface ListFlags {
  readonly actor?: string
  readonly kind?: string
  readonly name?: string
  readonly since?: string
  readonly count: string
  readonly all?: boolean
  readonly csv?: boolean
}

const listHelp = `
An actor is a user's name, \`local:NAME\` for one who typed a command on the server, or \`rollback\`. A name is that of a policy,
location, rule, collection, profile, template, user or group, or its id. A time is a moment such as 2026-03-01T08:00:00Z, or how long ago: 90m, 12h, 30d.`

/** `history …`: who changed what. */
export function historyCommands(program: Command, edges: CommandEdges): void {
  const history = program
    .command('history')
    .description('who changed what, and how it differs: a chain of signed entries')
  history
    .command('list')
    .description('changes, newest first')
    .option('--actor <name>', 'by one of them')
    .option('--kind <kind>', 'of one kind of thing, as the list names it')
    .option('--name <name>', 'of one thing')
    .option('--since <time>', 'no older ones')
    .option('--count <number>', 'how many', '50')
    .option('--all', 'all there are')
    .option('--csv', 'for a spreadsheet')
    .addHelpText('after', listHelp)
    .action((flags: ListFlags) => edges.withServer((server) => printList(server, edges, flags)))
  history
    .command('show <number>')
    .description('one change, property by property')
    .action((seq: string) =>
      edges.withServer(async (server) => {
        const row = await server.call<HistoryRow>(
          'GET',
          `/postern/history/${encodeURIComponent(seq)}`,
        )
        if (!edges.printJson(row)) for (const line of linesOf(row)) edges.print(line)
      }),
    )
  history
    .command('head')
    .description('number and hash of the last entry: note them down elsewhere, for `verify --head`')
    .action(() => edges.withServer((server) => printHead(server, edges)))
  history
    .command('key')
    .description('the public key that proves the entries: keep it elsewhere, for `verify --key`')
    .action(() =>
      edges.withServer(async (server) => {
        const { key } = await server.call<HistoryHead>('GET', '/postern/history/head')
        if (!edges.printJson(key)) edges.print(key.pem.trimEnd())
      }),
    )
  history
    .command('export')
    .description('all of it as lines of JSON, to be kept elsewhere and verified there')
    .action(() => edges.withServer((server) => printExport(server, edges)))
  verifyCommand(history, edges)
}

/** Page by page, `most` in all. */
async function* pagesOf(
  server: Connection,
  query: Readonly<Record<string, string>>,
  most: number,
): AsyncGenerator<readonly HistoryRow[]> {
  const side = query['order'] === 'oldest' ? 'after' : 'before'
  let next: number | null = null
  for (let left = most; left > 0; ) {
    const asked = new URLSearchParams({
      ...query,
      top: String(Math.min(left, 200)),
      ...(next !== null && { [side]: String(next) }),
    })
    const page: HistoryBody = await server.call('GET', `/postern/history?${asked}`)
    if (page.value.length > 0) yield page.value
    left -= page.value.length
    next = page.next
    if (next === null) return
  }
}

async function printList(server: Connection, edges: CommandEdges, flags: ListFlags): Promise<void> {
  const { actor, kind, name, since } = flags
  const query = {
    ...(actor !== undefined && { actor }),
    ...(kind !== undefined && { kind }),
    ...(name !== undefined && { name }),
    ...(since !== undefined && { since: momentOf(since, systemClock.now()) }),
  }
  const most = flags.all ? Number.POSITIVE_INFINITY : countOf(flags.count)
  const rows: HistoryRow[] = []
  for await (const page of pagesOf(server, query, most)) rows.push(...page)
  if (edges.printJson(rows)) return
  const cells = rows.map(cellsOf)
  if (flags.csv) return await edges.write(`${csv(columns, cells)}\r\n`)
  edges.print(rows.length > 0 ? table(columns, cells) : 'nothing was changed')
}

const columns = ['number', 'at', 'actor', 'change', 'kind', 'name', 'what'] as const

function cellsOf(row: HistoryRow): (string | number)[] {
  const { seq, at, actor, change, kind, difference, applied } = row.entry
  const what = applied
    ? `${applied.length} policies`
    : difference.map(({ path }) => path.replace(/^\$\.?/, '')).join(', ')
  return [seq, shortTime(new Date(at).toISOString()), actor, change, kind, nameOf(row), what]
}

const nameOf = ({ entry: { id, name }, names }: HistoryRow): string => names[id] ?? name

function linesOf(row: HistoryRow): string[] {
  const { seq, at, actor, change, kind, id, difference, applied = [], correlation } = row.entry
  const name = nameOf(row)
  return [
    `${seq}: ${said(actor)} ${change} ${kind}${name ? ` ${said(JSON.stringify(name))}` : ''}`,
    `    at ${new Date(at).toISOString()}, id ${said(id)}, together with all of ${correlation}`,
    `    hash ${row.hash}`,
    ...applied.map((one) => `${one.kind}${one.name && ` ${JSON.stringify(one.name)}`} ${one.form}`),
    ...difference.flatMap(({ path, before, after }) => {
      const where = path.replace(/^\$\.?/, '') || 'all of it'
      if (where.endsWith('[*]'))
        return [
          ...listed(after).map((item) => `${where.slice(0, -3)}: + ${worded(item, row)}`),
          ...listed(before).map((item) => `${where.slice(0, -3)}: - ${worded(item, row)}`),
        ]
      if (before === undefined) return [`${where}: ${worded(after, row)}`]
      if (after === undefined) return [`${where}: ${worded(before, row)} -> nothing`]
      return [`${where}: ${worded(before, row)} -> ${worded(after, row)}`]
    }),
  ].map(said)
}

const listed = (items: unknown): readonly unknown[] => (Array.isArray(items) ? items : [])

/** Ids of things that are still there are told by their names. */
const worded = (value: unknown, { names }: HistoryRow): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? (names[inner] ?? inner) : inner,
  )

/** Control characters of a name must not reach a terminal. */
const said = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')

async function printHead(server: Connection, edges: CommandEdges): Promise<void> {
  const { head } = await server.call<HistoryHead>('GET', '/postern/history/head')
  if (!edges.printJson(head)) edges.print(head ? writeHead(head) : 'nothing was changed yet')
}

async function printExport(server: Connection, edges: CommandEdges): Promise<void> {
  const { head, key } = await server.call<HistoryHead>('GET', '/postern/history/head')
  await edges.write(`${canonicalJson(exportHead({ head, key: key.pem }))}\n`)
  // What is changed meanwhile is left to the next export: this one ends with its head.
  const before = String((head?.seq ?? 0) + 1)
  for await (const page of pagesOf(server, { order: 'oldest', before }, Number.POSITIVE_INFINITY))
    await edges.write(
      page.map(({ entry, signature }) => `${canonicalJson({ entry, signature })}\n`).join(''),
    )
}
