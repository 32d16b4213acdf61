import type { Command } from 'commander'
import { stringify } from 'yaml'
import { Failure } from '../base/failures.ts'
import type { ProfileRow } from '../graph/actions-contract.ts'
import type { ProfileWarning } from '../graph/collections-contract.ts'
import type { CommandEdges } from './cli.ts'
import type { Connection } from './connection.ts'
import { profilePayloadCommands } from './profile-payloads.ts'
import { readPolicyFolder } from './policy-files.ts'
import { table } from './print.ts'

const path = '/postern/profiles'

/** `profile …`: mail accounts that the organisation sets up on devices. */
export function profileCommands(program: Command, edges: CommandEdges): void {
  const profile = program
    .command('profile')
    .description('mail profiles, in Graph’s JSON (iosEasEmailProfileConfiguration …)')
  profile
    .command('list')
    .description('every profile, with whom it is for')
    .action(() => edges.withServer((server) => list(server, edges)))
  profile
    .command('export')
    .description('print every profile as YAML, or with --json as JSON; `apply` takes it back')
    .action(() =>
      edges.withServer(async (server) => {
        const value = await profilesOf(server)
        if (!edges.printJson(value))
          edges.print(
            value
              .map((one) => stringify(one))
              .join('---\n')
              .trimEnd(),
          )
      }),
    )
  profile
    .command('apply <path>')
    .description(
      'apply a file or folder of JSON or YAML: each takes the place of its id or namesake, all or nothing',
    )
    .option('--check', 'change nothing: say what is wrong, and what would be')
    .action((folder: string, { check = false }: { check?: boolean }) =>
      edges.withServer((server) => apply(server, edges, folder, check)),
    )
  profile
    .command('check')
    .description('policies in force that demand a managed mail account of users who get no profile')
    .action(() =>
      edges.withServer(async (server) => {
        const { warnings } = await server.call<Told>('GET', `${path}/warnings`)
        if (edges.printJson(warnings)) return
        edges.print(
          warnings.map(sayWarning).join('\n') || 'profiles and policies reach the same users',
        )
      }),
    )
  profilePayloadCommands(profile, edges)
  profile
    .command('delete <profile>')
    .description('by id or name; management then takes the account off the devices')
    .action((key: string) =>
      edges.withServer((server) =>
        server.call('DELETE', `/deviceManagement/deviceConfigurations/${encodeURIComponent(key)}`),
      ),
    )
}

interface Told {
  readonly warnings: readonly ProfileWarning[]
}

/** A trap in words. */
export const sayWarning = ({ policy, setting, userCount, users }: ProfileWarning): string =>
  `warning: ${policy}: ${setting}: ${userCount} users get no mail profile, so their devices cannot meet it (${users.slice(0, 5).join(', ')}${userCount > 5 ? ', …' : ''})`

async function profilesOf(server: Connection): Promise<readonly ProfileRow[]> {
  const { value } = await server.call<{ value: readonly ProfileRow[] }>('GET', path)
  return value
}

async function list(server: Connection, edges: CommandEdges): Promise<void> {
  const value = await profilesOf(server)
  if (edges.printJson(value)) return
  edges.print(
    table(
      ['name', 'type', 'host', 'for', 'not for', 'id'],
      value.map((one) => [
        one.displayName,
        one['@odata.type'].replace('#microsoft.graph.', ''),
        one.hostName,
        targets(one, 'groupAssignmentTarget', 'allLicensedUsersAssignmentTarget'),
        targets(one, 'exclusionGroupAssignmentTarget'),
        one.id,
      ]),
    ),
  )
}

function targets({ assignments }: ProfileRow, ...kinds: readonly string[]): string {
  return assignments
    .filter(({ target }) => kinds.some((kind) => target['@odata.type'].endsWith(`.${kind}`)))
    .map(({ target }) => target.groupId ?? 'all')
    .join(', ')
}

async function apply(
  server: Connection,
  edges: CommandEdges,
  folder: string,
  check: boolean,
): Promise<void> {
  const { documents, faults } = readPolicyFolder(folder, 'yaml')
  const [fault] = faults
  if (fault) throw new Failure('policy.invalid', `${fault.file}: ${fault.what}`)
  const value = documents.map((document) => document.value)
  const { warnings } = await server.call<Told>('PUT', path, { value, check })
  if (edges.printJson({ applied: check ? 0 : value.length, warnings })) return
  for (const warning of warnings) edges.complain(sayWarning(warning))
  edges.print(
    check ? `${value.length} profiles are understood` : `applied ${value.length} profiles`,
  )
}
