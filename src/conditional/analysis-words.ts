import type { CellReport, Fact, HoleReport } from './analysis-report.ts'
import { exchangeOnline } from './policy.ts'

/** What is true of a sign-in, in the columns in which people read it. */
export interface FactWords {
  readonly who: string
  readonly from: string
  readonly done: string
  readonly device: string
}

/** Sorts facts into columns; a fact that fits none is told with the device. */
export function wordsOf(facts: readonly Fact[]): FactWords {
  const of = (column: keyof FactWords) =>
    facts.filter((fact) => columnOf(fact) === column).map((fact) => wordFor(fact))
  return {
    who: of('who').join(' and '),
    from: of('from').join(' and '),
    done: of('done').join(', '),
    device: of('device').join(', '),
  }
}

function columnOf({ kind }: Fact): keyof FactWords {
  if (/^(user|group|role|guest|tenant)$/.test(kind)) return 'who'
  if (kind === 'location' || kind === 'trusted') return 'from'
  return kind === 'satisfied' || kind === 'method' ? 'done' : 'device'
}

/** A fact in a few words. */
function wordFor(fact: Fact): string {
  switch (fact.kind) {
    case 'app':
      return fact.id === exchangeOnline ? 'to mail' : `to ${fact.name ?? fact.id}`
    case 'location':
      return fact.name ?? fact.id
    case 'trusted':
      return 'a trusted location'
    case 'satisfied':
      return fact.control
    case 'method':
      return fact.method
    case 'device': {
      const { property, operator, value } = fact.comparison
      return `${property} -${operator} ${JSON.stringify(value)}`
    }
    case 'signInRisk':
    case 'userRisk':
    case 'insiderRisk':
      return `${fact.kind} ${fact.level}`
    case 'flow':
      return fact.method
    case 'guest':
      return fact.type
    default:
      return 'id' in fact ? `${fact.kind} ${fact.name ?? fact.id}` : fact.kind
  }
}

/** Whom a hole is for, in a few words. */
export function wordsForWho(who: HoleReport['who']): string {
  const names = who.map((one) => {
    switch (one.kind) {
      case 'member':
        return 'members'
      case 'unmentioned':
        return 'anyone in no group that policies include'
      case 'guest':
        return one.type
      case 'exception':
        return 'id' in one.atom ? `${one.atom.kind} ${one.name ?? one.atom.id}` : one.atom.kind
      case 'people':
        return shortened(one.names)
      default:
        return 'several exceptions at once'
    }
  })
  return shortened(names)
}

const shown = 6

const shortened = (names: readonly string[]): string =>
  names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`

/** Clients with their platforms, those that share platforms together: `browser, other on iOS, android`. */
export function wordsForCells(
  cells: readonly Pick<CellReport, 'client' | 'platform'>[],
): { client: string; platform: string }[] {
  const byClient = Map.groupBy(cells, ({ client }) => client)
  const byPlatforms = Map.groupBy(byClient, ([, own]) =>
    own.map(({ platform }) => platform).join(', '),
  )
  return [...byPlatforms].map(([platforms, clients]) => ({
    client: clients.map(([client]) => client).join(', '),
    platform: platforms.split(', ').length === allPlatforms ? 'any platform' : platforms,
  }))
}

/** Six that tell what they are, and one that does not. */
const allPlatforms = 7
