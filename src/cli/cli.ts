import { Command, CommanderError } from 'commander'
import { asFailure, Failure, failureKinds } from '../base/failures.ts'
import { readConfig } from '../config.ts'
import { actionCommands } from './actions.ts'
import { analyseCommand } from './analyse.ts'
import { type Connection, connect, findLocalAccess, Refusal } from './connection.ts'
import { collectionCommands } from './collections.ts'
import { ruleCommands } from './device-access-rules.ts'
import { deviceCommands } from './devices.ts'
import { diffCommand } from './diff.ts'
import { directoryCommands } from './directory.ts'
import { historyCommands } from './history.ts'
import { judgeCommand } from './judge.ts'
import { logCommand } from './log.ts'
import { mailboxCommands } from './mailbox.ts'
import { policyCommands } from './policies.ts'
import { profileCommands } from './profiles.ts'
import { rolloutCommands } from './rollout.ts'
import { templateCommands } from './templates.ts'
import { whatIfCommand } from './what-if.ts'

/** What `main.ts` lends to the CLI, since it lives above it. */
export interface CliEdges {
  /** Serves until told to stop. */
  run(options: { config?: string; data?: string; listen?: string }): Promise<void>
  /** Plays the main job; resolves to whether every step held. */
  demo(options: { json: boolean; devices: number }): Promise<boolean>
  print(line: string): void
  /** Resolves when the reader has taken it. */
  write(text: string): Promise<void>
  complain(line: string): void
}

/** Runs `job` against the server of this command's data folder. */
export type WithServer = (job: (server: Connection) => Promise<void>) => Promise<void>

/** What every command that speaks to the server is made with. */
export interface CommandEdges {
  readonly withServer: WithServer
  print(line: string): void
  /** `--json` was given. */
  readonly json: boolean
  /** Where `--json` was given, prints this value, and nothing else is to be. */
  printJson(value: unknown): boolean
  /** For output without end: resolves when the reader has taken it. */
  write(text: string): Promise<void>
  complain(line: string): void
  /** The exit code of a command that comes to its end. */
  end(code: number): void
}

/** Parses the arguments and runs one command. Resolves to the exit code: 0 done, 1 refused or failed, 2 usage. */
export async function runCli(argv: readonly string[], edges: CliEdges): Promise<number> {
  const program = new Command('postern')
    .description('Conditional access for the mail server you already run.')
    .option('--config <file>', 'configuration file (YAML)')
    .option('--data <folder>', 'data folder', undefined)
    .option('--json', 'print JSON for programs instead of tables for people')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => edges.print(text.trimEnd()),
      writeErr: (text) => edges.complain(text.trimEnd()),
    })
    .showHelpAfterError('(run with --help for the usage)')
  const global = () => program.opts<{ config?: string; data?: string; json?: boolean }>()
  let code = 0

  program
    .command('run')
    .description('serve (what `npm start` does)')
    .option('--listen <host:port>', 'address to listen on')
    .option('--data <folder>', 'data folder')
    .action((own: { listen?: string; data?: string }) => edges.run({ ...global(), ...own }))
  program
    .command('demo')
    .description('play the main job on a throw-away Postern, step by step, with measured times')
    .option('--devices <count>', 'how many other phones hold connections meanwhile', '20')
    .action(async ({ devices }: { devices: string }) => {
      const held = await edges.demo({ json: global().json ?? false, devices: count(devices) })
      if (!held) code = 1
    })

  const commands = commandEdges(edges, global, (told) => void (code = told))
  deviceCommands(program, commands)
  logCommand(program, commands)
  historyCommands(program, commands)
  directoryCommands(program, commands)
  collectionCommands(program, commands)
  policyCommands(program, commands)
  rolloutCommands(program, commands)
  ruleCommands(program, commands)
  judgeCommand(program, commands)
  whatIfCommand(program, commands)
  analyseCommand(program, commands)
  diffCommand(program, commands)
  mailboxCommands(program, commands)
  actionCommands(program, commands)
  templateCommands(program, commands)
  profileCommands(program, commands)

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (thrown) {
    return complain(thrown, edges)
  }
}

function commandEdges(
  { print, write, complain }: CliEdges,
  global: () => { readonly config?: string; readonly data?: string; readonly json?: boolean },
  end: (code: number) => void,
): CommandEdges {
  return {
    print,
    write,
    complain,
    end,
    get json() {
      return global().json ?? false
    },
    printJson(value) {
      if (!global().json) return false
      print(JSON.stringify(value, undefined, 2))
      return true
    },
    async withServer(job) {
      const { config, data } = global()
      const server = await connect(findLocalAccess(readConfig({ file: config, data }).data))
      try {
        await job(server)
      } finally {
        await server.close()
      }
    },
  }
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 10_000)
    throw new Failure('request.malformed', 'a count is a whole number from 0 to 10000')
  return value
}

function complain(thrown: unknown, edges: CliEdges): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  if (thrown instanceof Refusal) {
    edges.complain(`${thrown.code}: ${thrown.message}`)
    return 1
  }
  const failure = asFailure(thrown)
  edges.complain(`${failure.message}\n  ${failureKinds[failure.code].hint}`)
  if (failure.code === 'internal' && failure.cause instanceof Error)
    edges.complain(String(failure.cause.stack))
  return 1
}
