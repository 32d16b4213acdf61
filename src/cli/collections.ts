import type { Command } from 'commander'
import { Option } from 'commander'
import {
  type CollectionMember,
  type CollectionRow,
  type DeployedDeviceRow,
  type DeploymentBody,
  type DeploymentReason,
  type DeploymentRow,
  deploymentStates,
} from '../graph/collections-contract.ts'
import { type Collection } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { csv, shortTime, table } from './print.ts'

const path = '/postern/collections'
const at = (name: string) => `${path}/${encodeURIComponent(name)}`

interface Parts {
  readonly description?: string
  readonly rule?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly limiting?: string
}

const help = `
A rule is written in the language of device filters, for example
  --rule 'device.platform -eq "iOS" -and device.model -startsWith "iPad"'
  --rule 'user.memberOf -contains "Staff" -and user.accountEnabled -eq True'
Members are whoever the rule speaks of, whoever was added by name, and the members of included collections; never those
of excluded ones, and only those of the limiting one. A device collection may name user collections: the devices of those
users. Nothing has to be refreshed: a policy that is for a collection reaches whoever is in it at that moment.`

/** `collection …` and `deployment …`. */
export function collectionCommands(program: Command, edges: CommandEdges): void {
  const group = program
    .command('collection')
    .description('sets of users or devices that policies are deployed to')
  readingCommands(group, edges)
  changingCommands(group, edges)
  memberCommands(group, edges)
  deploymentCommands(program, edges)
}

function readingCommands(group: Command, edges: CommandEdges): void {
  group
    .command('list')
    .description('every collection with how many are in it')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<CollectionRow>>('GET', `${path}?$top=10000`)
        if (edges.printJson(value)) return
        if (value.length === 0) return edges.print('no collections')
        const rows = value.map((one) => [
          one.displayName,
          one.collectionType,
          one.memberCount,
          partsOf(one),
        ])
        edges.print(table(['name', 'holds', 'members', 'made of'], rows))
      }),
    )
  group
    .command('show <collection>')
    .description('what a collection is made of')
    .action((name: string) =>
      edges.withServer(async (server) => {
        const one = await server.call<CollectionRow>('GET', at(name))
        if (edges.printJson(one)) return
        edges.print(
          table(
            ['property', 'value'],
            Object.entries(one).map(([property, value]) => [property, String(value ?? '')]),
          ),
        )
      }),
    )
  group
    .command('members <collection>')
    .description('who is in it now')
    .option('--csv', 'print comma-separated values')
    .action((name: string, { csv: asCsv }: { csv?: boolean }) =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<CollectionMember>>(
          'GET',
          `${at(name)}/members?$top=10000&$orderby=displayName`,
        )
        if (edges.printJson(value)) return
        const rows = value.map((one) => [one.displayName, one.detail, one.id])
        const print = asCsv ? csv : table
        if (rows.length === 0 && !asCsv) return edges.print('nobody')
        edges.print(print(['name', 'detail', 'id'], rows))
      }),
    )
}

const partsOf = ({ rule, directMembers, include, exclude, limiting }: CollectionRow): string =>
  [
    rule,
    directMembers.length > 0 && `${directMembers.length} by name`,
    include.length > 0 && `include ${include.join(', ')}`,
    exclude.length > 0 && `exclude ${exclude.join(', ')}`,
    limiting !== null && `within ${limiting}`,
  ]
    .filter(Boolean)
    .join('; ')

function changingCommands(group: Command, edges: CommandEdges): void {
  const described = (command: Command) =>
    command
      .option('--description <text>', 'what it is for')
      .option('--rule <filter>', 'who else is in it, in the language of device filters')
      .option('--include <collection...>', 'collections whose members are in it')
      .option('--exclude <collection...>', 'collections whose members are not')
      .option('--limiting <collection>', 'only members of this one can be in it')
      .addHelpText('after', help)
  described(group.command('create <name>'))
    .description('make a collection')
    .addOption(
      new Option('--type <type>', 'what it holds').choices(['user', 'device']).default('user'),
    )
    .action((displayName: string, { type: collectionType, ...parts }: Parts & { type: string }) =>
      edges.withServer(async (server) => {
        const body = { displayName, collectionType, ...parts }
        const made = await server.call<CollectionRow>('POST', path, body)
        if (!edges.printJson(made)) edges.print(`${made.displayName}: ${made.memberCount} members`)
      }),
    )
  described(group.command('change <collection>'))
    .description('change what it is made of')
    .option('--name <name>', 'call it otherwise')
    .action((key: string, { name, ...parts }: Parts & { name?: string }) =>
      edges.withServer(async (server) => {
        const body = { ...(name !== undefined && { displayName: name }), ...parts }
        const made = await server.call<CollectionRow>('PATCH', at(key), body)
        if (!edges.printJson(made)) edges.print(`${made.displayName}: ${made.memberCount} members`)
      }),
    )
}

function memberCommands(group: Command, edges: CommandEdges): void {
  for (const word of ['add', 'remove'] as const)
    group
      .command(`${word} <collection> <member...>`)
      .description(`${word} members by name: users by sign-in name or id, devices by id`)
      .action((name: string, members: readonly string[]) =>
        edges.withServer(async (server) => {
          const after = await server.call<CollectionRow>('POST', `${at(name)}/members`, {
            [word]: members,
          })
          if (!edges.printJson(after))
            edges.print(`${after.displayName}: ${after.memberCount} members`)
        }),
      )
  group
    .command('delete <collection>')
    .description('delete a collection that no policy and no other collection speaks of')
    .action((name: string) =>
      edges.withServer(async (server) => {
        await server.call('DELETE', at(name))
        if (!edges.printJson({})) edges.print(`deleted ${name}`)
      }),
    )
  group
    .command('from-state <name>')
    .description('make a device collection of those who are in a state under a policy now')
    .requiredOption('--policy <policy>', 'name of the compliance policy')
    .addOption(
      new Option('--state <state>', 'the state').choices(deploymentStates).makeOptionMandatory(),
    )
    .action((displayName: string, { policy, state }: { policy: string; state: string }) =>
      edges.withServer(async (server) => {
        const body = { displayName, policy, state }
        const made = await server.call<CollectionRow>('POST', `${path}/fromState`, body)
        if (!edges.printJson(made)) edges.print(`${made.displayName}: ${made.memberCount} members`)
      }),
    )
}

function deploymentCommands(program: Command, edges: CommandEdges): void {
  const group = program
    .command('deployment')
    .description('how compliance policies stand on the devices that they are deployed to')
  group
    .command('list')
    .description('every policy with how many devices are in each state')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<DeploymentRow>>(
          'GET',
          '/postern/deployments?$top=10000',
        )
        if (edges.printJson(value)) return
        if (value.length === 0) return edges.print('no compliance policies')
        const rows = value.map((one) => [
          one.displayName,
          one.total,
          ...deploymentStates.map((state) => one[state]),
        ])
        edges.print(table(['policy', 'devices', ...deploymentStates], rows))
      }),
    )
  statusCommand(group, edges)
  reasonsCommand(group, edges)
}

function statusCommand(group: Command, edges: CommandEdges): void {
  group
    .command('status <policy>')
    .description('the devices that a policy is deployed to, with their states')
    .addOption(new Option('--state <state>', 'only this state').choices(deploymentStates))
    .option('--csv', 'print comma-separated values')
    .action((policy: string, { state, csv: asCsv }: { state?: string; csv?: boolean }) =>
      edges.withServer(async (server) => {
        const query = new URLSearchParams({
          $top: '10000',
          $orderby: 'deviceName',
          ...(state !== undefined && { $filter: `state eq '${state}'` }),
        })
        const { value } = await server.call<Collection<DeployedDeviceRow>>(
          'GET',
          `/postern/deployments/${encodeURIComponent(policy)}/devices?${query}`,
        )
        if (edges.printJson(value)) return
        if (value.length === 0 && !asCsv) return edges.print('no devices')
        const rows = value.map((one) => [
          one.deviceName,
          one.userPrincipalName,
          one.state,
          one.errorCategory,
          one.errorId,
          one.findings
            .map(({ rule, measured, required }) => `${rule}: ${measured}, required ${required}`)
            .join('; '),
          asCsv ? one.lastReportDateTime : shortTime(one.lastReportDateTime),
        ])
        const print = asCsv ? csv : table
        edges.print(print(statusHead, rows))
      }),
    )
}

function reasonsCommand(group: Command, edges: CommandEdges): void {
  group
    .command('reasons <policy>')
    .description(
      'why devices are in their states: settings, error categories and ids, what most have first',
    )
    .option('--csv', 'print comma-separated values')
    .action((policy: string, { csv: asCsv }: { csv?: boolean }) =>
      edges.withServer(async (server) => {
        const path = `/postern/deployments/${encodeURIComponent(policy)}`
        const { reasons } = await server.call<DeploymentBody>('GET', path)
        if (edges.printJson(reasons)) return
        if (reasons.length === 0 && !asCsv) return edges.print('no devices')
        const print = asCsv ? csv : table
        edges.print(print(reasonsHead, reasons.map(reasonCells)))
      }),
    )
}

const statusHead = [
  'device',
  'user',
  'state',
  'error category',
  'error id',
  'because',
  'last report',
]
const reasonsHead = [
  'state',
  'policy',
  'name',
  'type',
  'error category',
  'error id',
  'code',
  'required',
  'devices',
]

const reasonCells = (reason: DeploymentReason) => [
  reason.state,
  reason.policyName,
  reason.name,
  reason.type,
  reason.errorCategory,
  reason.errorId,
  reason.code,
  reason.required,
  reason.deviceCount,
]
