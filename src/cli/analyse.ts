import { type Command, Option } from 'commander'
import { systemClock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { type Analysis, analyse } from '../conditional/analysis.ts'
import {
  type AnalysisReport,
  type HoleReport,
  reportAnalysis,
} from '../conditional/analysis-report.ts'
import type { CommandEdges } from './cli.ts'
import { type ConditionalFolder, readConditionalFolder } from './conditional-folder.ts'
import { readDirectoryFile } from './directory-file.ts'
import { wordsForCells, wordsForWho, wordsOf } from '../conditional/analysis-words.ts'
import { table } from './print.ts'

interface Options {
  readonly directory?: string
  readonly counting: 'enabled' | 'reportOnly' | 'all'
}

const help = `
A hole is a way to mail without a compliant or hybrid joined device. Each is told with what it takes: groups, locations,
controls such as mfa; nothing of it can be left out. Exceptions are holes that only a group, role or user opens whom policies
exclude and never include. A policy is redundant where others refuse all that it refuses, shadowed where blocks come before it.

Exit codes: 0 no holes, 3 holes, 1 a file cannot be read or the analysis contradicts itself, 2 usage.
docs/admin/analyse.md tells more, and the JSON.`

/** What counts as enabled, for both commands that look at whole sets. */
export const countingOption = () =>
  new Option('--counting <states>', 'which policies count')
    .choices(['enabled', 'reportOnly', 'all'])
    .default('enabled')

/** `analyse`: holes of a set of conditional access policies, and what of it is useless, without a server. */
export function analyseCommand(program: Command, edges: CommandEdges): void {
  program
    .command('analyse <folder>')
    .description('find holes in a folder of conditional access policies, without a server')
    .option('--directory <file>', 'users and groups in Graph’s JSON, so that holes name people')
    .addOption(countingOption())
    .addHelpText('after', help)
    .action((path: string, { directory, counting }: Options) => {
      const folder = readWhole(path)
      const file = directory === undefined ? undefined : readDirectoryFile(directory)
      const { set } = folder
      const analysis = analyse(
        {
          ...set,
          namedLocations: [...(set.namedLocations ?? []), ...(file?.namedLocations ?? [])],
        },
        { counting, now: systemClock.now() },
        file && { people: file.users, groupsAbove: file.groupsAbove },
      )
      refuseContradiction(analysis.disagreements)
      const report = reportAnalysis(
        analysis,
        (id) => folder.names.get(id.toLowerCase()) ?? file?.names.get(id.toLowerCase()),
      )
      if (!edges.printJson(report)) for (const line of linesFor(report, folder)) edges.print(line)
      edges.end(report.holes.length + report.undecided.length > 0 ? 3 : 0)
    })
}

/** Reads a folder of policies, all of it: an analysis that overlooks a file would be worse than none. Throws `policy.invalid`. */
export function readWhole(path: string): ConditionalFolder {
  const folder = readConditionalFolder(path)
  const [fault] = folder.faults
  if (fault) throw new Failure('policy.invalid', `${fault.file}: ${fault.what}`)
  if (folder.sources.length === 0)
    throw new Failure('policy.invalid', `${path} holds no conditional access policy`)
  return folder
}

/** What deciding does not confirm must not be believed. Throws `internal`. */
export function refuseContradiction(disagreements: Analysis['disagreements']): void {
  const [first] = disagreements
  if (!first) return
  const { client, platform, expected, decided } = first
  throw new Failure(
    'internal',
    `the analysis contradicts the decision ${disagreements.length} times, first for ${client} on ${platform}: ${expected}, but ${decided}`,
  )
}

function linesFor(report: AnalysisReport, { set, sources }: ConditionalFolder): string[] {
  const { policies, holes, exceptions, undecided, surplus } = report
  const fileOf = (place: number) => sources[place]?.file ?? ''
  return [
    `${policies.length} of ${set.policies.length} policies count`,
    ...(policies.length < set.policies.length
      ? ['  (--counting reportOnly or all takes in more of them)']
      : []),
    ...report.assumedLocations.map((id) => `not in the folder, assumed to be somewhere: ${id}`),
    ...policies.flatMap(({ displayName, unevaluated }) =>
      unevaluated.map((what) => `not evaluated: ${displayName}: ${what}`),
    ),
    ...section('Holes: mail without a device that we know', holeRows(holes)),
    ...section(
      'Exceptions: only for whom policies exclude and never include',
      holeRows(exceptions),
    ),
    ...undecided.map(
      ({ client, platform, who }) =>
        `undecided, to be taken for a hole: ${wordsForWho([who])}, ${client} on ${platform}`,
    ),
    ...section(
      'Policies that change nothing',
      surplus.map(({ kind, policy, conditions, by }) => ({
        policy: policy.displayName,
        file: fileOf(policy.place),
        why: whyFor[kind],
        because:
          conditions?.join(' and ') ?? by?.map(({ place }) => fileOf(place)).join(', ') ?? '',
      })),
    ),
    '',
    closing(report),
  ]
}

function closing({ holes, undecided, openToMembers }: AnalysisReport): string {
  if (holes.length + undecided.length === 0) return 'No holes.'
  const pairs = `${openToMembers} of ${pairsInAll} pairs of client and platform are open to members`
  return `${holes.length} holes${openToMembers === null ? '' : `; ${pairs}`}.`
}

/** Four clients on seven platforms, one of them unknown. */
const pairsInAll = 28

const whyFor = {
  neverApplies: 'never applies: nobody meets',
  shadowed: 'is shadowed by the blocks of',
  redundant: 'is redundant beside',
} as const

type Row = Readonly<Record<string, string>>

function holeRows(holes: readonly HoleReport[]): Row[] {
  return holes.flatMap(({ who, given, cells }) => {
    const words = wordsOf(given)
    return wordsForCells(cells).map(({ client, platform }) => ({
      who: [wordsForWho(who), words.who && `in ${words.who}`].filter(Boolean).join(' '),
      client,
      platform,
      from: words.from || 'anywhere',
      'having done': words.done || 'nothing more',
      device: words.device || 'any',
    }))
  })
}

function section(title: string, rows: readonly Row[]): string[] {
  const [first] = rows
  if (!first) return []
  return [
    '',
    title,
    table(
      Object.keys(first),
      rows.map((row) => Object.values(row)),
    ),
  ]
}
