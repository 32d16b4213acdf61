import type { Command } from 'commander'
import type { ActionRow } from '../graph/actions-contract.ts'
import type { Collection } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { shortTime, table } from './print.ts'

const path = '/postern/actions'

interface ListOptions {
  readonly state?: string
  readonly search?: string
  readonly filter?: string
  readonly sort?: string
}

/** `action …`: what is done to those who do not meet a policy. */
export function actionCommands(program: Command, edges: CommandEdges): void {
  const action = program
    .command('action')
    .description(
      'actions for noncompliance: what is due for which device when, and what waits for you',
    )
  action
    .command('list')
    .description('what is to come, waits, and was done, the earliest due first; --json exports it')
    .option('--state <state>', 'only due, confirmation, pending, done, failed, dismissed, over …')
    .option('--search <text>', 'only those that mention this')
    .option('--filter <filter>', "as the API's $filter, for example \"actionType eq 'retire'\"")
    .option('--sort <property>', 'as the API\'s $orderby, for example "deviceName desc"')
    .action((options: ListOptions) => edges.withServer((server) => list(server, edges, options)))
  for (const [word, told] of words)
    action
      .command(`${word} <action>`)
      .description(told)
      .action((id: string) =>
        edges.withServer(async (server) => {
          const row = await server.call<ActionRow>(
            'POST',
            `${path}/${encodeURIComponent(id)}/${word}`,
          )
          if (!edges.printJson(row))
            edges.print(
              `${row.actionType} of ${row.deviceName}: ${row.state} ${row.reason}`.trimEnd(),
            )
        }),
      )
  action
    .command('retry <action>')
    .description('fire a failed one again')
    .action((id: string) =>
      edges.withServer((server) => server.call('POST', `${path}/${encodeURIComponent(id)}/retry`)),
    )
}

const words = [
  [
    'confirm',
    'say yes: retires the device at once; a wipe then waits for a channel that can do it',
  ],
  ['dismiss', 'say no: it is not done in this spell of not meeting the policy'],
] as const

async function list(
  server: Parameters<Parameters<CommandEdges['withServer']>[0]>[0],
  edges: CommandEdges,
  { state, search, filter, sort }: ListOptions,
): Promise<void> {
  const conditions = [
    ...(state ? [`state eq '${state.replaceAll("'", "''")}'`] : []),
    ...(filter ? [`(${filter})`] : []),
  ]
  const query = new URLSearchParams({
    $top: '10000',
    ...(conditions.length > 0 && { $filter: conditions.join(' and ') }),
    ...(search && { $search: search }),
    ...(sort && { $orderby: sort }),
  })
  const { value } = await server.call<Collection<ActionRow>>('GET', `${path}?${query}`)
  if (edges.printJson(value)) return
  edges.print(
    table(
      ['due', 'state', 'reason', 'action', 'device', 'user', 'policy', 'id'],
      value.map((row) => [
        shortTime(row.dueDateTime),
        row.state,
        row.reason,
        row.actionType,
        row.deviceName,
        row.userPrincipalName,
        row.policyName,
        row.id,
      ]),
    ),
  )
}
