import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { CommandEdges } from './cli.ts'

/** `mailbox …`: the built-in mailboxes of a site without an upstream. */
export function mailboxCommands(program: Command, edges: CommandEdges): void {
  program
    .command('mailbox')
    .description('built-in mailboxes')
    .command('import <file...>')
    .description('put .eml files into the Inbox of a user')
    .requiredOption('--user <name>', 'whose Inbox')
    .action((files: string[], { user }: { user: string }) =>
      edges.withServer(async (server) => {
        const path = `/postern/mailboxes/${encodeURIComponent(user)}/messages`
        for (const file of files) {
          await server.call('POST', path, readMessage(file))
          if (!edges.printJson({ file, user })) edges.print(`${file}: delivered to ${user}`)
        }
      }),
    )
}

function readMessage(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new Failure('not.found', `cannot read ${file}`, { cause })
  }
}
