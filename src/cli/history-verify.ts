import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import { type HistoryVerdict, readHead, writeHead } from '../graph/history-contract.ts'
import type { Head } from '../history/entry.ts'
import { readPublicKey } from '../history/seal.ts'
import { verifyChain } from '../history/verify.ts'
import type { CommandEdges } from './cli.ts'
import { openExport } from './history-file.ts'

interface VerifyFlags {
  readonly head?: string
  readonly file?: string
  readonly key?: string
}

const help = `
Every entry is held against its signature, its number and the entry before it. That entries are gone from the end is found only
by a head that was noted down earlier: \`--head\`. With --file an export is verified without a server, by the key in --key; without
--key by the key in the export itself, which proves no more than that the export is of one piece.

Exit codes: 0 whole, 3 not whole, 1 cannot be told, 2 usage.`

/** `history verify`. */
export function verifyCommand(history: Command, edges: CommandEdges): void {
  history
    .command('verify')
    .description('find what was altered, deleted, put in another order, or forged')
    .option('--head <number:hash>', 'what `history head` printed once')
    .option('--file <export>', 'an export, without a server')
    .option('--key <file>', 'PEM of the public key that `history key` printed once')
    .addHelpText('after', help)
    .action(async (flags: VerifyFlags) => {
      const noted = flags.head === undefined ? undefined : readHead(flags.head)
      if (flags.head !== undefined && !noted)
        throw new Failure('request.malformed', `${flags.head} is not NUMBER:HASH`)
      if (flags.file !== undefined)
        tell(await verifyFile(flags.file, flags.key, noted, edges), edges)
      else
        await edges.withServer(async (server) => {
          const query = noted ? `?head=${writeHead(noted)}` : ''
          const found = await server.call<HistoryVerdict>('GET', `/postern/history/verify${query}`)
          if (flags.key !== undefined) {
            const { id } = readPublicKey(await readKey(flags.key))
            if (id !== found.key)
              throw new Failure(
                'request.malformed',
                `the server signs with ${found.key}, and ${flags.key} is ${id}`,
              )
          }
          tell(found, edges)
        })
    })
}

async function verifyFile(
  path: string,
  keyFile: string | undefined,
  noted: Head | undefined,
  edges: CommandEdges,
): Promise<HistoryVerdict> {
  const file = await openExport(path)
  const key = readPublicKey(keyFile === undefined ? file.key : await readKey(keyFile))
  if (keyFile === undefined)
    edges.complain(`by the key in the file itself, ${key.id}: compare it with \`history key\``)
  const found = await verifyChain(file.pages, [key], noted ?? file.head ?? undefined)
  return { ...found, whole: found.faultCount === 0, key: key.id }
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Failure('not.found', `cannot read ${path}`, { cause })
  }
}

function tell(found: HistoryVerdict, edges: CommandEdges): void {
  edges.end(found.whole ? 0 : 3)
  if (edges.printJson(found)) return
  for (const { seq, fault, detail } of found.faults) edges.print(`${seq} ${fault}: ${detail}`)
  const { entries, head, faultCount, faults } = found
  if (faultCount > faults.length) edges.print(`and ${faultCount - faults.length} more`)
  edges.print(
    found.whole
      ? `whole: ${entries} entries${head ? `, the last is ${writeHead(head)}` : ''}`
      : `NOT WHOLE: ${faultCount} faults in ${entries} entries`,
  )
}
