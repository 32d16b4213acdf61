import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import { type ConsequenceBody, confirmHeader, rollbackHeader } from '../graph/draft-contract.ts'
import type { CommandEdges } from './cli.ts'
import { shortTime, table } from './print.ts'

/** How a command that changes policies is to do it. */
export interface ChangeFlags {
  readonly confirm?: string
  readonly rollbackAfter?: string
  readonly dryRun?: boolean
}

/** Gives a command that changes policies the flags that all of them have. */
export function withChangeFlags(command: Command): Command {
  return command
    .option(
      '--dry-run',
      'change nothing: say who would be newly blocked and newly allowed, and why',
    )
    .option('--confirm <name>', 'do it although people would be locked out: what the refusal named')
    .option('--rollback-after <time>', 'undo it after 90s, 10m, 2h … unless `policy confirm` comes')
}

/** The same for the server. Throws `request.malformed`. */
export function headersOf({ confirm, rollbackAfter }: ChangeFlags): Record<string, string> {
  return {
    ...(confirm !== undefined && { [confirmHeader]: confirm }),
    ...(rollbackAfter !== undefined && { [rollbackHeader]: String(secondsOf(rollbackAfter)) }),
  }
}

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const

function secondsOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (!number)
    throw new Failure('request.malformed', `${text} is no time: a number and s, m, h or d`)
  return Number(number) * units[unit as keyof typeof units] // one of them, by the expression
}

/** Prints what a draft would do. */
export function printConsequence(told: ConsequenceBody, edges: CommandEdges): void {
  if (edges.printJson(told)) return
  const { clients, attempts, letIn, newlyBlocked, newlyAllowed, newlyInGrace } = told
  edges.print(
    `tried on ${clients} clients in ${attempts} attempts; ${letIn} reach mail now: ` +
      `${told.newlyBlockedCount} newly blocked, ${told.newlyAllowedCount} newly allowed` +
      (told.newlyInGraceCount > 0 ? `, ${told.newlyInGraceCount} blocked when grace ends` : ''),
  )
  const rows = [
    ...newlyBlocked.map((one) => ['blocked', one] as const),
    ...newlyAllowed.map((one) => ['allowed', one] as const),
    ...newlyInGrace.map((one) => [`blocked ${shortTime(one.graceEndDateTime)}`, one] as const),
  ]
  if (rows.length > 0)
    edges.print(
      table(
        ['newly', 'user', 'EAS device ID', 'from', 'decision', 'reason', 'policy', 'because'],
        rows.map(([word, one]) => [
          word,
          one.userPrincipalName,
          one.easDeviceId,
          one.ipAddress,
          one.after,
          one.reason,
          one.policy,
          one.findings.map(sayFinding).join('; '),
        ]),
      ),
    )
  for (const danger of told.dangers)
    edges.print(
      danger.kind === 'share'
        ? `danger: ${danger.blocked} of ${danger.letIn} clients, more than ${danger.mostPercent} %`
        : `danger: ${danger.kind}: ${danger.users.join(', ')}`,
    )
  if (told.confirm !== null) edges.print(`confirm with ${told.confirm}`)
}

type Finding = ConsequenceBody['newlyBlocked'][number]['findings'][number]

const sayFinding = ({ setting, policy, measured, required }: Finding): string =>
  `${setting} is ${measured}, ${policy || 'the site'} requires ${required}`
