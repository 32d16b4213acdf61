import type { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { compare } from '../conditional/analysis.ts'
import {
  type ChangeReport,
  type DifferenceReport,
  reportDifference,
} from '../conditional/analysis-report.ts'
import { countingOption, readWhole, refuseContradiction } from './analyse.ts'
import type { CommandEdges } from './cli.ts'
import { wordsForCells, wordsOf } from '../conditional/analysis-words.ts'

const help = `
Compares whom two sets of policies let in, not how they say it. Each difference is told by a sign-in that one set grants and
the other refuses, mail first, and by the policies that refuse it.

Exit codes: 0 equal, 3 different, 1 a file cannot be read or the analysis contradicts itself, 2 usage.
docs/admin/analyse.md tells more, and the JSON.`

/** `diff`: what changes for whom between two folders of conditional access policies, without a server. */
export function diffCommand(program: Command, edges: CommandEdges): void {
  program
    .command('diff <before> <after>')
    .description('tell whom one folder of conditional access policies lets in and another does not')
    .addOption(countingOption())
    .addHelpText('after', help)
    .action(
      (
        before: string,
        after: string,
        { counting }: { counting: 'enabled' | 'reportOnly' | 'all' },
      ) => {
        const folders = [readWhole(before), readWhole(after)] as const
        const difference = compare(folders[0].set, folders[1].set, {
          counting,
          now: systemClock.now(),
        })
        refuseContradiction(difference.disagreements)
        const report = reportDifference(
          difference,
          (id) => folders[1].names.get(id.toLowerCase()) ?? folders[0].names.get(id.toLowerCase()),
        )
        if (!edges.printJson(report)) for (const line of linesFor(report)) edges.print(line)
        edges.end(report.equal ? 0 : 3)
      },
    )
}

function linesFor(report: DifferenceReport): string[] {
  if (report.equal) return ['The two sets let in the same.']
  return [
    ...report.assumedLocations.map((id) => `in neither folder, assumed to be somewhere: ${id}`),
    ...report.opened.flatMap((change) => told('opened', change)),
    ...report.closed.flatMap((change) => told('closed', change)),
    ...report.sessions.map(
      ({ control, change, by }) => `${change}: ${control} by ${by.map(nameOf).join(', ')}`,
    ),
    ...(report.undecided ? ['undecided, to be taken for different'] : []),
  ]
}

const nameOf = ({ displayName }: { readonly displayName: string }) => displayName

function told(kind: 'opened' | 'closed', { refusedBy, cells }: ChangeReport): string[] {
  const alike = Map.groupBy(cells, ({ given }) => Object.values(wordsOf(given)).join('\n'))
  const refused = kind === 'opened' ? 'was refused by' : 'is refused by'
  return [...alike.values()].flatMap((same) => {
    const { who, from, done, device } = wordsOf(same[0]?.given ?? [])
    const given = [who, from && `from ${from}`, done && `after ${done}`, device].filter(Boolean)
    return wordsForCells(same).map(
      ({ client, platform }) =>
        `${kind}: ${client} on ${platform}${given.length > 0 ? `: ${given.join('; ')}` : ''}; ${refused} ${refusedBy.map(nameOf).join(', ')}`,
    )
  })
}
