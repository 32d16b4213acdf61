import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { type FactKind, factTable } from '../devices/fact-table.ts'
import {
  boundFacts,
  type Facts,
  type FactName,
  isFactValue,
  type Platform,
} from '../devices/facts.ts'
import { forcesSettings } from './forcing.ts'
import type { Judgement, Subject } from './judge.ts'
import { asSettings, settingsProblem } from './settings-schema.ts'
import type { ComplianceState } from './verdict.ts'

/** A device out of a line of `postern judge`. */
export interface DeviceLine {
  readonly id: string
  readonly subject: Subject
  /** Properties and facts that mean nothing here. */
  readonly ignored: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const bad = (where: string, problem: string) =>
  new Failure('request.malformed', `${where}: ${problem}`)

const properties = new Set([
  'id',
  'platform',
  'facts',
  'lastReport',
  'owner',
  'channel',
  'configuration',
  'before',
])

/** Platforms as others call them, without regard to case. */
const platforms: ReadonlyMap<string, Platform> = new Map(
  Object.entries({
    ios: 'iOS',
    ipados: 'iOS',
    android: 'android',
    androidforwork: 'android',
    androidenterprise: 'android',
    windows: 'windows',
    windows10: 'windows',
    windows11: 'windows',
    windows81: 'windows',
    windowsphone: 'windowsPhone',
    windowsphone81: 'windowsPhone',
    windows10mobile: 'windowsPhone',
    macos: 'macOS',
    linux: 'linux',
    unknown: 'unknown',
  } as const),
)

/**
 * Reads `{ id, platform, facts, lastReport, owner }`: facts are `{ name: value }` or `{ name: { value, source, trust, at } }`,
 * times ISO 8601 or milliseconds. `owner` is a name or `{ groups: [...] }`; of an owner without groups nothing is known, so
 * every policy is taken to be meant. Also `channel` (default: one that forces settings, as Intune's devices have),
 * `configuration` (settings by name) and `before` (what was printed for the device the last time, so that grace and error
 * hold go on). Throws `request.malformed`.
 */
export function readDeviceLine(text: string, now: Instant): DeviceLine {
  const line = parse(text)
  const { id, channel, configuration } = line
  if (typeof id !== 'string' || id === '') throw bad('id', 'is no text')
  if (channel !== undefined && typeof channel !== 'string') throw bad('channel', 'is no text')
  const lastReportAt = readMoment(line['lastReport'], 'lastReport')
  const ignored = Object.keys(line).filter((key) => !properties.has(key))
  const facts = readFacts(line['facts'], lastReportAt ?? now, now, ignored)
  const before = readBefore(line['before'])
  const groups = readGroups(line['owner'])
  return {
    id,
    subject: {
      facts,
      platform: readPlatform(line['platform'], facts),
      lastReportAt: lastReportAt === undefined ? undefined : Math.min(lastReportAt, now),
      memberships: groups && new Set(groups),
      before,
      forced: channel === undefined || forcesSettings(channel),
      ...(configuration !== undefined && { configuration: readConfiguration(configuration) }),
    },
    ignored,
  }
}

function parse(text: string): Json {
  if (text.length > limits.judgeLineChars.value)
    throw new Failure('limit.exceeded', `longer than ${limits.judgeLineChars.value} characters`)
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch (cause) {
    throw new Failure('request.malformed', 'is no JSON', { cause })
  }
  if (!isObject(line)) throw new Failure('request.malformed', 'is no JSON object')
  return line
}

function readMoment(value: unknown, where: string): Instant | undefined {
  if (value === undefined || value === null) return undefined
  const moment = typeof value === 'string' ? Date.parse(value) : value
  if (typeof moment !== 'number' || !Number.isSafeInteger(moment) || moment < 0)
    throw bad(where, 'is no time: ISO 8601, or milliseconds since 1970')
  return moment
}

function readPlatform(value: unknown, facts: Facts): Platform {
  if (value === undefined || value === null) return facts.platform?.value ?? 'unknown'
  const name = typeof value === 'string' ? value.toLowerCase().replace(/[ ._]/g, '') : ''
  const platform = platforms.get(name)
  if (!platform) throw bad('platform', `is none of ${[...platforms.keys()].join(', ')}`)
  return platform
}

function readFacts(value: unknown, toldAt: Instant, now: Instant, ignored: string[]): Facts {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw bad('facts', 'is no object')
  const facts: { [N in FactName]?: unknown } = {}
  for (const [name, told] of Object.entries(value)) {
    if (isFactName(name)) {
      const fact = readFact(name, told, toldAt)
      if (fact) facts[name] = fact
    } else ignored.push(`facts.${name}`)
  }
  return boundFacts(facts as Facts, now) // each value was found to be one of its fact
}

function isFactName(name: string): name is FactName {
  return Object.hasOwn(factTable, name)
}

function readFact(name: FactName, told: unknown, toldAt: Instant): unknown {
  // Null is how an inventory writes that it does not know.
  const fact = isObject(told) ? told : { value: told }
  const { value, source = 'report', trust = 'managed' } = fact
  if (value === undefined || value === null) return undefined
  const where = `facts.${name}`
  if (!isFactValue(name, value)) throw bad(where, `is no ${sayKind(factTable[name])}`)
  if (Array.isArray(value) && value.length > limits.factListItems.value)
    throw new Failure('limit.exceeded', `${where}: more than ${limits.factListItems.value} items`)
  if (typeof source !== 'string') throw bad(`${where}.source`, 'is no text')
  if (trust !== 'attested' && trust !== 'managed' && trust !== 'claimed')
    throw bad(`${where}.trust`, 'is none of attested, managed, claimed')
  return { value, source, trust, at: readMoment(fact['at'], `${where}.at`) ?? toldAt }
}

function sayKind(kind: FactKind): string {
  return kind.kind === 'choice' ? `one of ${kind.choices.join(', ')}` : kind.kind
}

function readGroups(owner: unknown): readonly string[] | undefined {
  if (owner === undefined || owner === null || typeof owner === 'string') return undefined
  const groups = isObject(owner) ? owner['groups'] : owner
  if (groups === undefined || groups === null) return undefined
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string'))
    throw bad('owner.groups', 'is no list of names')
  return groups
}

function readConfiguration(value: unknown) {
  const problem = settingsProblem(value)
  if (problem) throw bad('configuration', problem)
  return asSettings(value)
}

const counting = ['compliant', 'inGracePeriod', 'noncompliant', 'notApplicable', 'unknown'] as const

function readState(value: unknown): ComplianceState | undefined {
  return counting.find((state) => state === value)
}

/** The judgement before, out of what was printed of it. */
function readBefore(value: unknown): Judgement | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw bad('before', 'is no object')
  const moment = (name: string, of: Json = value) => readMoment(of[name], `before.${name}`)
  const [failingSince, erringSince] = [moment('failingSince'), moment('erringSince')]
  const graceUntil = moment('graceUntil')
  const { beforeError } = value
  const earlier = isObject(beforeError) ? readState(beforeError['state']) : undefined
  const earlierEnd = isObject(beforeError) ? moment('graceUntil', beforeError) : undefined
  const heldState = readState(value['heldState'])
  return {
    state: value['state'] === 'error' ? 'error' : (readState(value['state']) ?? 'unknown'),
    ...(heldState && { heldState }),
    findings: [],
    policies: [],
    ...(graceUntil !== undefined && { graceUntil }),
    ...(failingSince !== undefined && { failingSince }),
    ...(erringSince !== undefined && { erringSince }),
    ...(earlier && {
      beforeError: {
        state: earlier,
        ...(earlierEnd !== undefined && { graceUntil: earlierEnd }),
      },
    }),
  }
}
