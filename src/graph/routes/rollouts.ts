import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { AccessPolicies } from '../../access/policy.ts'
import { hour, type Instant, minute } from '../../base/clock.ts'
import { limits } from '../../base/limits.ts'
import type { Compliance } from '../../compliance/compliance.ts'
import {
  type Directory,
  type Everybody,
  type GroupId,
  transitiveGroups,
} from '../../directory/directory.ts'
import { sayPause } from '../../rollout/letter.ts'
import type { Rollouts, Told } from '../../rollout/rollout.ts'
import type { Callers } from '../caller.ts'
import { changeOptions } from '../change-options.ts'
import { collection, urlOf } from '../collection.ts'
import { consequenceBody } from '../consequence.ts'
import { base } from '../contract.ts'
import { groupNamed } from '../policy-names.ts'
import { rolloutBody, type RolloutDetail, type RolloutRow } from '../rollout-contract.ts'
import type { SayReason } from '../rows.ts'

interface Rooms {
  readonly rollouts: Rollouts
  readonly access: Access
  readonly compliance: Compliance
  readonly directory: Directory
  readonly callers: Callers
  readonly sayReason: SayReason
}

type Keyed = { Params: { key: string } }

const path = `${base}/postern/rollouts`

/** Groups that grow day by day. One is addressed by id, or by the name of its target. */
export function rolloutRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { rollouts, directory, callers } = rooms

  app.get(path, async (request) => {
    await callers.administrator(request)
    const everybody = await directory.everybody()
    const told = await rollouts.list()
    const rows = told.map((one) => rowOf(one, everybody))
    return collection(rows, request.query, { url: urlOf(request) })
  })

  app.post(path, async (request, reply) => {
    const { actor } = await callers.administrator(request)
    const { target, pool, sizes, startTime, timeZone, weekdaysOnly, ...rest } = rolloutBody.parse(
      request.body,
    )
    const { groups } = await directory.everybody()
    const [hours = 0, minutes = 0] = startTime.split(':').map(Number)
    const draft = {
      target: groupNamed(groups, target),
      pool: pool === null ? ('all' as const) : groupNamed(groups, pool),
      sizes,
      calendar: { minuteOfDay: hours * 60 + minutes, zone: timeZone, weekdaysOnly },
      observeMs: rest.observationHours * hour,
      mostPercent: rest.pauseAbovePercent,
    }
    return reply.code(201).send(await detailOf(rooms, await rollouts.start(draft, actor)))
  })

  app.get<Keyed>(`${path}/:key`, async (request) => {
    await callers.administrator(request)
    return await detailOf(rooms, await rollouts.find(request.params.key))
  })

  for (const act of ['pause', 'resume', 'next', 'back', 'stop'] as const)
    app.post<Keyed>(`${path}/:key/${act}`, async (request) => {
      const { actor } = await callers.administrator(request)
      const { rollout } = await rollouts.find(request.params.key)
      const { confirm } = changeOptions(request)
      const told = await rollouts.act(rollout.id, act, actor, confirm)
      return rowOf(told, await directory.everybody())
    })
}

const time = (at: Instant): string => new Date(at).toISOString()

function rowOf({ rollout, waves, members }: Told, { groups }: Everybody): RolloutRow {
  const { pool, calendar, pause, nextAt } = rollout
  const nameOf = (group: GroupId) => groups.find(({ id }) => id === group)?.name ?? group
  const refused = members.filter(({ refusedAt }) => refusedAt !== undefined)
  const ofWave = (some: Told['members'], number: number) =>
    some.filter(({ wave }) => wave === number).length
  const { minuteOfDay, zone, weekdaysOnly } = calendar
  return {
    id: rollout.id,
    target: nameOf(rollout.target),
    pool: pool === 'all' ? null : nameOf(pool),
    sizes: rollout.sizes,
    startTime: new Date(minuteOfDay * minute).toISOString().slice(11, 16),
    timeZone: zone,
    weekdaysOnly,
    observationHours: rollout.observeMs / hour,
    pauseAbovePercent: rollout.mostPercent,
    state: rollout.state,
    pause: pause
      ? {
          code: pause.code,
          title: sayPause(pause),
          confirm: pause.code === 'lockout' ? pause.confirm : null,
        }
      : null,
    nextWaveDateTime: nextAt === undefined ? null : time(nextAt),
    movedCount: members.length,
    refusedCount: refused.length,
    waves: waves.map(({ number, at, actor }) => ({
      number,
      madeDateTime: time(at),
      actor,
      userCount: ofWave(members, number),
      refusedCount: ofWave(refused, number),
    })),
    createdBy: rollout.actor,
    createdDateTime: time(rollout.createdAt),
  }
}

async function detailOf(rooms: Rooms, told: Told): Promise<RolloutDetail> {
  const { rollouts, access, compliance, directory } = rooms
  const { rollout, members } = told
  const everybody = await directory.everybody()
  const { candidates, next, consequence, foreseen } = await rollouts.outlook(rollout.id)
  const names = new Map(everybody.users.map(({ id, name }) => [id, name]))
  const page = <T>(some: readonly T[]) => some.slice(0, limits.collectionPage.value)
  const isOver = rollout.state === 'done' || rollout.state === 'stopped'
  const ahead = isOver ? [] : foreseen
  return {
    ...rowOf(told, everybody),
    usedBy: [
      ...usersOf(await access.policies(), aroundOf(rollout.target, everybody)),
      ...(await compliance.policies())
        .filter(({ assignedTo }) => reaches(assignedTo, aroundOf(rollout.target, everybody)))
        .map(({ name }) => name),
    ],
    remainingCount: candidates.length,
    remainingRefusedCount: candidates.filter(({ refused }) => refused).length,
    next: {
      userCount: next.length,
      users: page(next).map(({ name, refused }) => ({ userPrincipalName: name, refused })),
      consequence: await consequenceBody(consequence, rooms),
    },
    foreseenCount: ahead.length,
    foreseen: ahead.slice(0, limits.rolloutWavesShown.value).map((wave) => ({
      number: wave.number,
      dateTime: time(wave.at),
      userCount: wave.users,
      refusedCount: wave.refused,
    })),
    finishDateTime: ahead.length > 0 ? time(ahead.at(-1)?.at ?? 0) : null,
    members: page(members).map(({ user, wave, refusedAt }) => ({
      userPrincipalName: names.get(user) ?? user,
      wave,
      refusedDateTime: refusedAt === undefined ? null : time(refusedAt),
    })),
  }
}

/** The target, and the groups that it lies in: who joins it joins all of them. */
function aroundOf(target: GroupId, everybody: Everybody): ReadonlySet<string> {
  return new Set([target, ...(transitiveGroups(everybody).get(target) ?? [])])
}

const reaches = (groups: 'all' | readonly string[], around: ReadonlySet<string>): boolean =>
  groups !== 'all' && groups.some((group) => around.has(group))

/** What of the policies speaks of these groups. */
function usersOf(policies: AccessPolicies, around: ReadonlySet<string>): readonly string[] {
  const { enforcement, exchangeOnline, conditionalAccess } = policies
  const named = conditionalAccess.policies.filter(({ conditions: { users } }) =>
    reaches([...(users?.includeGroups ?? []), ...(users?.excludeGroups ?? [])], around),
  )
  return [
    ...(reaches(enforcement.scope, around) ? ['enforcement'] : []),
    ...(reaches(exchangeOnline.targeted, around) || reaches(exchangeOnline.exempt, around)
      ? ['exchangeOnline']
      : []),
    ...named.map(({ displayName, id }) => displayName ?? id),
  ]
}
