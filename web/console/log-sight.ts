import type { ChronicleSight } from './chronicle.tsx'

/** What is looked at in the sign-in log; a search is for a user, client or address. */
export interface LogSight extends ChronicleSight {
  /** Key of a result. */
  readonly result: string
  /** Hours back; 0 for all. */
  readonly hours: number
  /** Id of a client: only its entries. */
  readonly client: string
}

/** The newest of all. */
export const wholeLog: LogSight = {
  search: '',
  result: 'all',
  hours: 0,
  client: '',
  before: 0,
  entry: '',
}

/** Leads to a part of the sign-in log. */
export const logLink = (part: Partial<Record<'search' | 'client', string>>): string =>
  `/console/?${new URLSearchParams({ view: 'log', ...part })}`

/** What came of an attempt, each with its filter. */
export const results = [
  { key: 'all', name: 'All', filter: '' },
  { key: 'allow', name: 'Allowed', filter: "postern/outcome eq 'allow'" },
  { key: 'block', name: 'Blocked', filter: "postern/outcome eq 'block'" },
  { key: 'quarantine', name: 'Quarantined', filter: "postern/outcome eq 'quarantine'" },
  { key: 'challenge', name: 'Asked to sign in', filter: "postern/outcome eq 'challenge'" },
  {
    key: 'spared',
    name: 'Let in only by observing',
    filter: "postern/outcome eq 'allow' and postern/judged ne 'allow'",
  },
] as const

const sought = [
  'userPrincipalName',
  'userDisplayName',
  'postern/easDeviceId',
  'deviceDetail/displayName',
  'ipAddress',
]

/** `$filter` of the sign-in log; times count back from `now`. */
export function logFilter({ search, result, hours, client }: LogSight, now: number): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const wanted = search.trim()
  const parts = [
    results.find(({ key }) => key === result)?.filter ?? '',
    hours > 0 ? `createdDateTime ge ${new Date(now - hours * 3_600_000).toISOString()}` : '',
    client && `postern/partnership eq ${quoted(client)}`,
    wanted && `(${sought.map((name) => `contains(${name},${quoted(wanted)})`).join(' or ')})`,
  ]
  return parts.filter(Boolean).join(' and ')
}
