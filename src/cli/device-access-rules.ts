import type { Command } from 'commander'
import type { Collection, DeviceAccessRuleRow } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { type ChangeFlags, headersOf, printConsequence, withChangeFlags } from './policy-change.ts'
import { table } from './print.ts'

const path = '/postern/deviceAccessRules'
const at = (identity: string) => `${path}/${encodeURIComponent(identity)}`

interface AddFlags extends ChangeFlags {
  readonly characteristic: string
  readonly level: string
  readonly name?: string
}

/** `rule …`: Exchange's device access rules, as `New-`, `Get-`, `Set-` and `Remove-ActiveSyncDeviceAccessRule` do it. */
export function ruleCommands(program: Command, edges: CommandEdges): void {
  const rule = program
    .command('rule')
    .description('device access rules: what clients of a kind may do where no policy speaks')
  rule
    .command('list')
    .description('every rule; of those that name a client the strictest counts, in whatever order')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<DeviceAccessRuleRow>>(
          'GET',
          `${path}?$top=10000`,
        )
        if (edges.printJson(value)) return
        edges.print(
          table(
            ['identity', 'characteristic', 'exactly', 'level'],
            value.map((one) => [
              one.identity,
              one.characteristic,
              one.queryString,
              one.accessLevel,
            ]),
          ),
        )
      }),
    )
  withChangeFlags(
    rule
      .command('add <query>')
      .description('a rule for clients that say exactly this of themselves; no wildcards')
      .requiredOption(
        '--characteristic <name>',
        'DeviceModel, DeviceType, DeviceOS, UserAgent or XMSWLHeader',
      )
      .requiredOption('--level <level>', 'allow, block or quarantine')
      .option('--name <name>', 'what it is called; without it what it asks for'),
  ).action((queryString: string, { characteristic, level, name, ...flags }: AddFlags) => {
    const body = { queryString, characteristic, accessLevel: level, ...(name && { name }) }
    return send(edges, { method: 'POST', to: path, body, flags })
  })
  withChangeFlags(
    rule.command('set <rule> <level>').description('change its level; nothing else of it can be'),
  ).action((identity: string, accessLevel: string, flags: ChangeFlags) =>
    send(edges, { method: 'PATCH', to: at(identity), body: { accessLevel }, flags }),
  )
  withChangeFlags(rule.command('remove <rule>').description('take it away')).action(
    (identity: string, flags: ChangeFlags) =>
      send(edges, { method: 'DELETE', to: at(identity), flags }),
  )
}

/** Sends one change, or with `--dry-run` asks what it would do. */
async function send(
  edges: CommandEdges,
  { method, to, body, flags }: { method: string; to: string; body?: object; flags: ChangeFlags },
): Promise<void> {
  await edges.withServer(async (server) => {
    if (flags.dryRun)
      return printConsequence(await server.call(method, `${to}?dryRun=true`, body), edges)
    const row = await server.call<DeviceAccessRuleRow | undefined>(
      method,
      to,
      body,
      headersOf(flags),
    )
    if (row && !edges.printJson(row)) edges.print(`${row.identity}: ${row.accessLevel}`)
  })
}
