import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { Collection } from '../graph/contract.ts'
import { confirmHeader } from '../graph/draft-contract.ts'
import type { RolloutBody, RolloutDetail, RolloutRow } from '../graph/rollout-contract.ts'
import type { CommandEdges } from './cli.ts'
import { shortTime, table } from './print.ts'

const path = '/postern/rollouts'
const at = (key: string, act = '') => `${path}/${encodeURIComponent(key)}${act && `/${act}`}`

/** `rollout …`: a group that grows by some users a day, and with it the policies that are aimed at it. */
export function rolloutCommands(program: Command, edges: CommandEdges): void {
  const rollout = program
    .command('rollout')
    .description('let a group grow by some users a day, and so the policies that are aimed at it')
  startCommand(rollout, edges)
  rollout
    .command('list')
    .description('every rollout, the newest first')
    .action(() =>
      edges.withServer(async (server) => {
        const { value } = await server.call<Collection<RolloutRow>>('GET', `${path}?$top=10000`)
        if (edges.printJson(value)) return
        edges.print(
          table(
            ['target', 'pool', 'state', 'moved', 'refused', 'waves', 'next wave', 'id'],
            value.map((row) => [
              row.target,
              row.pool ?? '(everybody)',
              stateOf(row),
              row.movedCount,
              row.refusedCount,
              row.waves.length,
              shortTime(row.nextWaveDateTime),
              row.id,
            ]),
          ),
        )
      }),
    )
  rollout
    .command('show <rollout>')
    .description('who is next, who of them would be refused and why, and when it is finished')
    .action((key: string) =>
      edges.withServer(async (server) =>
        printDetail(await server.call<RolloutDetail>('GET', at(key)), edges),
      ),
    )
  for (const [act, told, confirmed] of acts) {
    const command = rollout.command(`${act} <rollout>`).description(told)
    if (confirmed)
      command.option('--confirm <name>', 'also where it locks people out: what the refusal named')
    command.action((key: string, { confirm }: { confirm?: string }) =>
      edges.withServer(async (server) => {
        const headers = confirm === undefined ? {} : { [confirmHeader]: confirm }
        const row = await server.call<RolloutRow>('POST', at(key, act), undefined, headers)
        if (!edges.printJson(row)) edges.print(sentenceOf(row))
      }),
    )
  }
}

const acts = [
  ['pause', 'make no more waves until somebody goes on', false],
  ['resume', 'go on at the next hour; what was refused so far is accepted', true],
  ['next', 'make a wave now, in the place of the one of this day', true],
  ['back', 'take the users of the last wave out of the group, and pause', false],
  ['stop', 'end it for good; who was moved stays', false],
] as const

interface StartFlags {
  readonly pool?: string
  readonly waves: string
  readonly at: string
  readonly zone: string
  readonly weekdays?: boolean
  readonly observe: string
  readonly pauseAbove: string
}

function startCommand(rollout: Command, edges: CommandEdges): void {
  rollout
    .command('start <target>')
    .description('begin: the first wave is at the next hour that is asked for')
    .option('--pool <group>', 'out of whom the target grows; without it out of everybody')
    .requiredOption(
      '--waves <sizes>',
      'users each day, in a list: 20, or 10%, or 5,20,100,rest; the last one holds from then on',
    )
    .option('--at <time>', 'hour of the day', '09:00')
    .option('--zone <name>', 'where that hour is, for example Europe/Berlin', 'UTC')
    .option('--weekdays', 'from Monday to Friday only')
    .option('--observe <hours>', 'how long those who were moved are observed', '24')
    .option('--pause-above <percent>', 'of the observed: it pauses when more are refused', '10')
    .action((target: string, flags: StartFlags) =>
      edges.withServer(async (server) => {
        const body: RolloutBody = {
          target,
          ...(flags.pool !== undefined && { pool: flags.pool }),
          sizes: flags.waves.split(',').map(sizeOf),
          startTime: flags.at,
          timeZone: flags.zone,
          weekdaysOnly: flags.weekdays ?? false,
          observationHours: numberOf(flags.observe),
          pauseAbovePercent: numberOf(flags.pauseAbove),
        }
        printDetail(await server.call<RolloutDetail>('POST', path, body), edges)
      }),
    )
}

function sizeOf(text: string): RolloutBody['sizes'][number] {
  const word = text.trim()
  if (word === 'rest') return word
  if (/^\d{1,3}%$/.test(word)) return `${numberOf(word.slice(0, -1))}%`
  return numberOf(word)
}

function numberOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new Failure('request.malformed', `${text} is no number`)
  return Number(text)
}

const stateOf = ({ state, pause }: RolloutRow): string =>
  pause ? `${state}: ${pause.code}` : state

function sentenceOf(row: RolloutRow): string {
  const next = row.nextWaveDateTime ? `; next wave ${shortTime(row.nextWaveDateTime)}` : ''
  return `${row.target}: ${stateOf(row)}; ${row.movedCount} moved in ${row.waves.length} waves${next}`
}

function printDetail(told: RolloutDetail, edges: CommandEdges): void {
  if (edges.printJson(told)) return
  edges.print(sentenceOf(told))
  if (told.pause) edges.print(told.pause.title)
  edges.print(
    told.usedBy.length > 0
      ? `reached through it: ${told.usedBy.join(', ')}`
      : 'no policy speaks of this group yet: being moved changes nothing for anybody',
  )
  if (told.waves.length > 0)
    edges.print(
      `\n${table(
        ['wave', 'made', 'by', 'users', 'refused'],
        told.waves.map((wave) => [
          wave.number,
          shortTime(wave.madeDateTime),
          wave.actor,
          wave.userCount,
          wave.refusedCount,
        ]),
      )}`,
    )
  for (const { userPrincipalName, wave, refusedDateTime } of told.members)
    if (refusedDateTime !== null)
      edges.print(`refused: ${userPrincipalName} of wave ${wave}, ${shortTime(refusedDateTime)}`)
  if (told.foreseen.length > 0) printForecast(told, edges)
}

function printForecast(told: RolloutDetail, edges: CommandEdges): void {
  const { next, foreseen, remainingCount, remainingRefusedCount, finishDateTime } = told
  edges.print(
    `\n${remainingCount} users are left, of whom ${remainingRefusedCount} would be refused now; ` +
      `finished ${shortTime(finishDateTime)}`,
  )
  edges.print(
    table(
      ['wave', 'on', 'users', 'refused'],
      foreseen.map(({ number, dateTime, userCount, refusedCount }) => [
        number,
        shortTime(dateTime),
        userCount,
        refusedCount,
      ]),
    ),
  )
  edges.print(`\nnext: ${next.users.map(({ userPrincipalName }) => userPrincipalName).join(', ')}`)
  const { newlyBlocked, dangers, confirm } = next.consequence
  if (newlyBlocked.length > 0)
    edges.print(
      table(
        ['would be refused', 'EAS device ID', 'from', 'decision', 'reason', 'policy'],
        newlyBlocked.map((one) => [
          one.userPrincipalName,
          one.easDeviceId,
          one.ipAddress,
          one.after,
          one.reason,
          one.policy,
        ]),
      ),
    )
  for (const danger of dangers)
    edges.print(
      danger.kind === 'share'
        ? `danger: ${danger.blocked} of ${danger.letIn} clients, more than ${danger.mostPercent} %`
        : `danger: ${danger.kind}: ${danger.users.join(', ')}`,
    )
  if (confirm !== null) edges.print(`it would pause instead; confirm with ${confirm}`)
}
