import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { Collection, ExplanationBody, ManagedDevice } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import type { Connection } from './connection.ts'
import { type ChangeFlags, headersOf, printConsequence, withChangeFlags } from './policy-change.ts'
import { shortTime, table } from './print.ts'

const path = '/deviceManagement/managedDevices'

/** `device …`, `explain`, `enforce`. */
export function deviceCommands(program: Command, edges: CommandEdges): void {
  const device = program.command('device').description('devices and mail clients')
  device
    .command('list')
    .description('every client that came by, with its Exchange Access State')
    .option('--search <text>', 'only those that mention this')
    .option('--state <state>', 'only allowed, blocked, quarantined …')
    .action((options: { search?: string; state?: string }) =>
      edges.withServer(async (server) => list(server, edges, options)),
    )
  device
    .command('show <device>')
    .description('one device: id, EAS device ID or name')
    .action((key: string) =>
      edges.withServer(async (server) => {
        const found = await findDevice(server, key)
        if (!edges.printJson(found)) edges.print(table(['property', 'value'], details(found)))
      }),
    )
  for (const [word, action, told] of actions)
    device
      .command(`${word} <device>`)
      .description(told)
      .action((key: string) => edges.withServer((server) => act(server, edges, key, action)))

  program
    .command('explain <device>')
    .description('why is this device let in or kept out, step by step')
    .action((key: string) => edges.withServer(async (server) => explain(server, edges, key)))
  const begin = program
    .command('enforce')
    .description('begin enforcing, for everyone or for groups first; --off goes back to observing')
    .option('--group <name...>', 'only members of these groups')
    .option('--off', 'observe again: all mail passes')
  withChangeFlags(begin).action((options: EnforceFlags) =>
    edges.withServer((server) => enforce(server, edges, options)),
  )
}

interface EnforceFlags extends ChangeFlags {
  readonly group?: string[]
  readonly off?: boolean
}

/** What an administrator does to one device: the word, the API's action, and what it means. */
const actions = [
  [
    'allow',
    'allowAccess',
    'allow (personal list; where a policy asks for approval, this approves)',
  ],
  ['block', 'blockAccess', 'block (personal list; wins over every policy)'],
  ['reset', 'resetAccess', 'take allow or block back; ends an autoblock, too'],
  ['retire', 'retire', 'end the enrollment; mail stops at once'],
] as const

async function act(
  server: Connection,
  edges: CommandEdges,
  key: string,
  action: string,
): Promise<void> {
  const { id } = await findDevice(server, key)
  const after = await server.call<ManagedDevice>('POST', `${path}/${id}/${action}`)
  if (edges.printJson(after)) return
  const { deviceName, exchangeAccessState, exchangeAccessStateReason } = after
  edges.print(`${deviceName}: ${exchangeAccessState} (${exchangeAccessStateReason})`)
}

async function enforce(
  server: Connection,
  edges: CommandEdges,
  { group, off, ...flags }: EnforceFlags,
): Promise<void> {
  const body = { state: off ? 'observing' : 'enforcing', ...(group && { scope: group }) }
  if (flags.dryRun) {
    const path = '/postern/policies/replay'
    return printConsequence(await server.call('POST', path, { enforcement: body }), edges)
  }
  const after = await server.call<{ state: string; scope: string | string[] }>(
    'PUT',
    '/postern/enforcement',
    body,
    headersOf(flags),
  )
  if (edges.printJson(after)) return
  const enforcing = after.state === 'enforcing'
  edges.print(enforcing ? `enforcing for ${String(after.scope)}` : 'observing: all mail passes')
}

async function list(
  server: Connection,
  edges: CommandEdges,
  { search, state }: { search?: string; state?: string },
): Promise<void> {
  const query = new URLSearchParams({
    $top: '10000',
    ...(search !== undefined && { $search: search }),
  })
  const { value } = await server.call<Collection<ManagedDevice>>('GET', `${path}?${query}`)
  const rows = value.filter((row) => state === undefined || row.exchangeAccessState === state)
  if (edges.printJson(rows)) return
  if (rows.length === 0) return edges.print('no devices')
  edges.print(
    table(
      [
        'name',
        'user',
        'access state',
        'reason',
        'compliance',
        'last success sync',
        'EAS device ID',
      ],
      rows.map((row) => [
        row.deviceName,
        row.userPrincipalName,
        row.enforced || row.judged === 'allow'
          ? row.exchangeAccessState
          : `${row.exchangeAccessState} (would ${row.judged})`,
        row.exchangeAccessStateReason,
        row.complianceState,
        shortTime(row.exchangeLastSuccessfulSyncDateTime),
        row.easDeviceId,
      ]),
    ),
  )
}

/** By id, EAS device ID (in any case) or unambiguous name. */
export async function findDevice(server: Connection, key: string): Promise<ManagedDevice> {
  const { value } = await server.call<Collection<ManagedDevice>>('GET', `${path}?$top=10000`)
  const folded = key.toLowerCase()
  const found = value.filter((row) =>
    [
      row.id,
      row.azureADDeviceId ?? '',
      row.easDeviceId.toLowerCase(),
      row.deviceName.toLowerCase(),
    ].includes(row.id === key ? key : folded),
  )
  const [only, second] = found
  if (!only) throw new Failure('not.found', `no device ${JSON.stringify(key)}`)
  if (second)
    throw new Failure(
      'request.malformed',
      `${found.length} devices are meant by ${JSON.stringify(key)}; use an id: ${found.map(({ id }) => id).join(', ')}`,
    )
  return only
}

const details = (row: ManagedDevice): [string, string][] => [
  ...Object.entries(row)
    .filter(([name]) => name !== 'issues')
    .map(([name, value]): [string, string] => [name, value === null ? '' : String(value)]),
  ...row.issues.map((issue): [string, string] => [
    `issue ${issue.rule}`,
    `${issue.title}; found ${issue.measured ?? 'nothing'}, needed ${issue.required ?? ''}`,
  ]),
]

async function explain(server: Connection, edges: CommandEdges, key: string): Promise<void> {
  const { id, deviceName } = await findDevice(server, key)
  const told = await server.call<ExplanationBody>('GET', `${path}/${id}/explain`)
  if (edges.printJson(told)) return
  edges.print(
    `${deviceName}: ${told.judged}${told.enforced ? '' : ' (observing: passes)'}, ${told.stateReason}\n`,
  )
  for (const reason of told.reasons) {
    const measured =
      reason.measured === undefined ? '' : `; found ${reason.measured}, needed ${reason.required}`
    edges.print(`  ${reason.code}: ${reason.title}${measured}`)
  }
  edges.print('')
  edges.print(
    table(
      ['step', 'matched', 'because'],
      told.steps.map((step) => [step.step, step.matched, step.because]),
    ),
  )
  if (told.recheckAt) edges.print(`\nlooked at again ${shortTime(told.recheckAt)} at the latest`)
}
