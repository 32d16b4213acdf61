import type { SignInBody } from '../../src/graph/audit-contract.ts'
import { Moment } from '../look/moment.tsx'
import { type Column, State } from './columns.tsx'
import { resultWord } from './result-words.ts'
import { judgedWord, reasonName, type Tone } from './words.ts'

/** What came of an attempt, with the colour of it; what enforcing would have done is told where nothing was. */
export function outcomeOf({ postern }: SignInBody): {
  readonly word: string
  readonly tone: Tone
  readonly spared: string
} {
  const [word, tone] = judgedWord(postern.outcome)
  const spared = postern.outcome === postern.judged ? '' : judgedWord(postern.judged)[0]
  return { word, tone, spared }
}

/** A device by the name that people know it by. */
export const deviceOf = ({ deviceDetail, postern }: SignInBody): string =>
  deviceDetail.displayName || postern.easDeviceId

const policiesOf = ({ appliedConditionalAccessPolicies }: SignInBody): string =>
  appliedConditionalAccessPolicies
    .filter(({ result }) => !/^(notApplied|notEnabled|reportOnlyNotApplied)$/.test(result))
    .map(({ displayName, result }) => `${displayName}: ${resultWord(result)[0]}`)
    .join('; ')

const unsorted = { unsorted: true } as const

/** The columns of the sign-in log, in the order in which they stand; it is kept newest first. */
export const logColumns: readonly Column<SignInBody, string>[] = [
  {
    id: 'at',
    name: 'Time',
    text: (row) => row.createdDateTime,
    show: (row) => <Moment iso={row.createdDateTime} />,
    ...unsorted,
  },
  { id: 'user', name: 'User', text: (row) => row.userPrincipalName, ...unsorted },
  { id: 'device', name: 'Device', text: deviceOf, ...unsorted },
  { id: 'from', name: 'From', text: (row) => row.ipAddress, ...unsorted },
  {
    id: 'result',
    name: 'Result',
    text(row) {
      const { word, spared } = outcomeOf(row)
      return spared ? `${word} (would be: ${spared})` : word
    },
    show(row) {
      const { word, tone, spared } = outcomeOf(row)
      return (
        <>
          <State word={word} tone={tone} />
          {spared && <span className="quiet"> would be: {spared}</span>}
        </>
      )
    },
    ...unsorted,
  },
  { id: 'reason', name: 'Reason', text: (row) => reasonName(row.postern.stateReason), ...unsorted },
  { id: 'policies', name: 'Policies', text: policiesOf, ...unsorted },
  { id: 'easDeviceId', name: 'EAS device ID', text: (row) => row.postern.easDeviceId, ...unsorted },
  { id: 'was', name: 'Before', text: (row) => row.postern.was ?? '', ...unsorted },
  { id: 'path', name: 'Steps', text: (row) => row.postern.path.join(' > '), ...unsorted },
  {
    id: 'latencyMs',
    name: 'Decided in ms',
    text: (row) => String(row.postern.latencyMs),
    ...unsorted,
  },
]

const onPage = new Set(['at', 'user', 'device', 'from', 'result', 'reason', 'policies'])

/** Those that stand on the page; the rest is in the details and in exported files. */
export const shownColumns = logColumns.filter(({ id }) => onPage.has(id))
