import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { Collection, GroupRow, UserRow } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { table } from './print.ts'

/** A password never stands on the command line, where every process of the machine can read it. */
function readPassword(file: string): string {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '')
  if (!text) throw new Failure('request.malformed', 'the password is empty')
  return text
}

/** `user …` and `group …`. */
export function directoryCommands(program: Command, edges: CommandEdges): void {
  const user = program.command('user').description('users of the local directory')
  listUsers(user, edges)
  addUsers(user, edges)
  changeUsers(user, edges)
  groupCommands(program, edges)
}

function listUsers(user: Command, edges: CommandEdges): void {
  user
    .command('list')
    .description('every user')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<UserRow>>('GET', '/users?$top=10000')
        if (edges.printJson(value)) return
        edges.print(
          table(
            ['name', 'display name', 'mail', 'enabled', 'role', 'language', 'groups'],
            value.map((row) => [
              row.userPrincipalName,
              row.displayName,
              row.mail,
              row.accountEnabled,
              row.role,
              row.preferredLanguage,
              row.memberOf.join(', '),
            ]),
          ),
        )
      }),
    )
}

function addUsers(user: Command, edges: CommandEdges): void {
  user
    .command('add <name> <mail>')
    .description('add a user; the password comes from a file, or from standard input with -')
    .requiredOption('--password-file <file>', 'file that holds the password, - for standard input')
    .option('--display-name <text>', 'name for people')
    .option('--administrator', 'may use the console and this CLI')
    .action(
      (
        name: string,
        mail: string,
        options: { passwordFile: string; displayName?: string; administrator?: boolean },
      ) =>
        edges.withServer(async (server) => {
          const row = await server.call<UserRow>('POST', '/users', {
            userPrincipalName: name,
            mail,
            password: readPassword(options.passwordFile),
            ...(options.displayName !== undefined && { displayName: options.displayName }),
            ...(options.administrator && { role: 'administrator' }),
          })
          if (!edges.printJson(row)) edges.print(`added ${row.userPrincipalName}`)
        }),
    )
}

function changeUsers(user: Command, edges: CommandEdges): void {
  for (const [word, accountEnabled, told] of [
    ['disable', false, 'the account loses mail and sign-in at once'],
    ['enable', true, 'give it back'],
  ] as const)
    user
      .command(`${word} <name>`)
      .description(told)
      .action((name: string) =>
        edges.withServer(async (server) => {
          const row = await server.call<UserRow>('PATCH', `/users/${encodeURIComponent(name)}`, {
            accountEnabled,
          })
          if (!edges.printJson(row)) edges.print(`${row.userPrincipalName} ${word}d`)
        }),
      )
  user
    .command('set <name>')
    .description('change what is known of a user')
    .option('--language <tag>', 'to be written to in it: de, en-US …; none: as everybody')
    .option('--display-name <text>', 'name for people')
    .option('--mail <address>', 'mail address')
    .action((name: string, options: { language?: string; displayName?: string; mail?: string }) =>
      edges.withServer(async (server) => {
        const { language, ...rest } = options
        const row = await server.call<UserRow>('PATCH', `/users/${encodeURIComponent(name)}`, {
          ...rest,
          ...(language !== undefined && {
            preferredLanguage: language === 'none' ? null : language,
          }),
        })
        if (!edges.printJson(row)) edges.print(`${row.userPrincipalName} changed`)
      }),
    )
  user
    .command('password <name>')
    .description('set a new password')
    .requiredOption('--password-file <file>', 'file that holds the password, - for standard input')
    .action((name: string, options: { passwordFile: string }) =>
      edges.withServer(async (server) => {
        const password = readPassword(options.passwordFile)
        const row = await server.call<UserRow>('PATCH', `/users/${encodeURIComponent(name)}`, {
          password,
        })
        if (!edges.printJson(row)) edges.print(`${row.userPrincipalName} has a new password`)
      }),
    )
}

function groupCommands(program: Command, edges: CommandEdges): void {
  const group = program.command('group').description('groups of users; a group may hold groups')
  group
    .command('list')
    .description('every group with its direct members')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<GroupRow>>('GET', '/groups?$top=10000')
        if (edges.printJson(value)) return
        edges.print(
          table(
            ['name', 'members'],
            value.map((row) => [
              row.displayName,
              row.members.map((member) => member.name).join(', '),
            ]),
          ),
        )
      }),
    )
  group
    .command('add <name>')
    .description('add an empty group')
    .action((displayName: string) =>
      edges.withServer(async (server) => {
        const row = await server.call<GroupRow>('POST', '/groups', { displayName })
        if (!edges.printJson(row)) edges.print(`added ${row.displayName}`)
      }),
    )
  for (const [word, key, told] of [
    ['join', 'add', 'put users or groups into a group'],
    ['leave', 'remove', 'take users or groups out of a group'],
  ] as const)
    group
      .command(`${word} <group> <member...>`)
      .description(told)
      .action((name: string, members: string[]) =>
        edges.withServer(async (server) => {
          const row = await server.call<GroupRow>(
            'POST',
            `/groups/${encodeURIComponent(name)}/members`,
            { [key]: members },
          )
          if (!edges.printJson(row))
            edges.print(
              `${row.displayName}: ${row.members.map((member) => member.name).join(', ')}`,
            )
        }),
      )
}
