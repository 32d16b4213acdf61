import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { HandedOutRow, PayloadBody } from '../graph/actions-contract.ts'
import type { Collection } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { shortTime, table } from './print.ts'

const path = '/postern/profiles'

interface Place {
  readonly device?: string
  readonly user?: string
}

/** `profile payload`, `handed-out` and `taken-back`: what Apple devices install. */
export function profilePayloadCommands(profile: Command, edges: CommandEdges): void {
  const placed = (command: Command) =>
    command
      .option('--device <id>', 'for this device')
      .option('--user <name>', 'for this user, where the device is not known yet')

  placed(
    profile
      .command('payload <profile>')
      .description('make the configuration profile (.mobileconfig) that an Apple device installs'),
  )
    .option('--out <file>', 'write it to a file, not to standard output')
    .action((key: string, { out, ...place }: Place & { out?: string }) =>
      edges.withServer(async (server) => {
        const made = await server.call<PayloadBody>(
          'POST',
          `${path}/${encodeURIComponent(key)}/payload`,
          checked(place),
        )
        if (out !== undefined) writeFileSync(out, made.content)
        if (edges.printJson(made)) return
        if (out === undefined) return await edges.write(made.content)
        edges.print(`${made.identifier} ${made.uuid}: ${out}`)
      }),
    )
  profile
    .command('handed-out')
    .description('configuration profiles that were made: current, outdated, or to be removed')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<HandedOutRow>>(
          'GET',
          `${path}/handed-out?$top=10000`,
        )
        if (!edges.printJson(value)) edges.print(tableOf(value))
      }),
    )
  placed(
    profile
      .command('taken-back <identifier>')
      .description('it is no longer on the device: whoever manages it has removed it'),
  ).action((identifier: string, place: Place) =>
    edges.withServer(async (server) => {
      const { value } = await server.call<Collection<HandedOutRow>>(
        'GET',
        `${path}/handed-out?$top=10000`,
      )
      const { device, user } = checked(place)
      const found = value.find(
        (row) =>
          row.identifier === identifier &&
          (device === undefined
            ? row.deviceId === null && row.userPrincipalName === user
            : row.deviceId === device),
      )
      if (!found) throw new Failure('not.found', `${identifier} was not handed out there`)
      await server.call('DELETE', `${path}/handed-out/${identifier}/${found.place}`)
    }),
  )
}

function checked(place: Place): Place {
  if ((place.device === undefined) === (place.user === undefined))
    throw new Failure('request.malformed', 'say --device or --user, one of them')
  return place
}

const tableOf = (rows: readonly HandedOutRow[]): string =>
  table(
    ['state', 'profile', 'user', 'device', 'made', 'by', 'identifier'],
    rows.map((row) => [
      row.state,
      row.displayName,
      row.userPrincipalName,
      row.deviceId,
      shortTime(row.handedOutDateTime),
      row.actor,
      row.identifier,
    ]),
  )
