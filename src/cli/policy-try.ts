import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { ConsequenceBody, LockoutGuardBody, UnconfirmedBody } from '../graph/draft-contract.ts'
import type { CommandEdges } from './cli.ts'
import { type ChangeFlags, headersOf, printConsequence } from './policy-change.ts'
import { readPolicyDocuments } from './policy-documents.ts'
import { shortTime, table } from './print.ts'

const help = `
Asks the server what the draft would do to every client that it knows, from every place where each came from within a
month, and to every device that compliance policies judge. The path is read as by \`policy apply\`.

Exit codes: 0 nobody is newly blocked, 3 somebody is, 1 refused, 2 usage.`

/** Says what a file or folder of policies would do, and tells by the exit code whether anybody is newly blocked. */
export async function tryPolicies(
  path: string,
  { prune = false }: { readonly prune?: boolean },
  edges: CommandEdges,
): Promise<void> {
  const { documents, leftOut } = readPolicyDocuments(path)
  for (const source of leftOut) edges.complain(`left out, no policy: ${source}`)
  await edges.withServer(async (server) => {
    const draft = { documents, prune }
    const told = await server.call<ConsequenceBody>('POST', '/postern/policies/try', draft)
    printConsequence(told, edges)
    edges.end(told.newlyBlockedCount > 0 ? 3 : 0)
  })
}

/** `policy try`, `policy confirm`, `policy guard`: looking before and after a change of policies. */
export function policyTryCommands(policy: Command, edges: CommandEdges): void {
  policy
    .command('try <path>')
    .description('say who would be newly blocked and newly allowed by a file or folder of policies')
    .option('--prune', 'as if what no file names were deleted')
    .addHelpText('after', help)
    .action((path: string, flags: { prune?: boolean }) => tryPolicies(path, flags, edges))
  policy
    .command('confirm')
    .description('keep the change that would be undone by itself; --show only tells of it')
    .option('--show', 'change nothing')
    .action(({ show }: { show?: boolean }) =>
      edges.withServer(async (server) => {
        const path = '/postern/policies'
        const waiting = show
          ? (await server.call<{ value: UnconfirmedBody[] }>('GET', `${path}/unconfirmed`)).value
          : [await server.call<UnconfirmedBody>('POST', `${path}/confirm`)]
        if (edges.printJson(waiting)) return
        if (waiting.length === 0) return edges.print('no change waits for a confirmation')
        for (const { actor, changedDateTime, rollbackDateTime, parts } of waiting)
          edges.print(
            `${parts.join(', ')}, changed by ${actor} ${shortTime(changedDateTime)}: ` +
              (show ? `undone ${shortTime(rollbackDateTime)} unless confirmed` : 'stays'),
          )
      }),
    )
  guardCommand(policy, edges)
}

interface GuardFlags extends ChangeFlags {
  readonly breakGlassUser?: string[]
  readonly breakGlassGroup?: string[]
  readonly mostPercent?: string
  readonly leastClients?: string
}

function guardCommand(policy: Command, edges: CommandEdges): void {
  policy
    .command('guard')
    .description(
      'what a change of policies may not do without a confirmation; without flags: show it',
    )
    .option('--break-glass-user <name...>', 'accounts for emergencies; replaces those before')
    .option('--break-glass-group <name...>', 'groups of them; replaces those before')
    .option(
      '--most-percent <number>',
      'of the clients that reach mail: most that may lose it at once',
    )
    .option('--least-clients <number>', 'where fewer clients reach mail, a share says nothing')
    .action((flags: GuardFlags) =>
      edges.withServer(async (server) => {
        const path = '/postern/lockout'
        const before = await server.call<LockoutGuardBody>('GET', path)
        const asked: LockoutGuardBody = {
          breakGlassUsers: flags.breakGlassUser ?? before.breakGlassUsers,
          breakGlassGroups: flags.breakGlassGroup ?? before.breakGlassGroups,
          mostPercent: numberOf(flags.mostPercent, before.mostPercent),
          leastClients: numberOf(flags.leastClients, before.leastClients),
        }
        const after =
          Object.keys(flags).length > 0
            ? await server.call<LockoutGuardBody>('PUT', path, asked, headersOf(flags))
            : before
        if (!edges.printJson(after))
          edges.print(
            table(
              ['setting', 'value'],
              Object.entries(after).map(([name, value]) => [name, String(value)]),
            ),
          )
      }),
    )
}

function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d{1,6}$/.test(text)) throw new Failure('request.malformed', `${text} is no number`)
  return Number(text)
}
