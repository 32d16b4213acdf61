import type { ReactNode } from 'react'
import type { HoleRow, HolesBody } from '../../src/graph/conditional-contract.ts'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { clientNames, holeKinds, whoHas, whySurplus } from './access-words.ts'
import { type Column, State } from './columns.tsx'
import { LocalRows } from './local-rows.tsx'
import { controlName } from './what-if-words.ts'
import { counted } from './words.ts'

/** Ways to mail that the policies leave open, and policies that change nothing. */
export function Holes({ news }: { news: number }): ReactNode {
  const { value, thrown } = useReading<HolesBody>('/postern/conditionalAccess/holes', news)
  return (
    <>
      <Fault thrown={thrown} hint />
      {value && <Told holes={value} />}
      <Waiting reading={{ value, thrown }} />
    </>
  )
}

const holeColumns: readonly Column<HoleRow, string>[] = [
  { id: 'who', name: 'Who', text: whoHas },
  {
    id: 'kind',
    name: 'Kind',
    text: (row) => holeKinds[row.kind],
    show: (row) => (
      <State word={holeKinds[row.kind]} tone={row.kind === 'exception' ? 'warn' : 'bad'} />
    ),
  },
  { id: 'client', name: 'Client app', text: (row) => clientNames(row.client) },
  { id: 'platform', name: 'Platform', text: (row) => row.platform },
  { id: 'from', name: 'From', text: (row) => row.from || 'anywhere' },
  {
    id: 'done',
    name: 'Having given',
    text: (row) => row.done.split(', ').map(controlName).join(', ') || 'nothing more',
  },
  { id: 'device', name: 'Device', text: (row) => row.device || 'any, unknown ones too' },
]

const surplusColumns: readonly Column<HolesBody['surplus'][number], string>[] = [
  { id: 'policy', name: 'Policy', text: (row) => row.policy },
  { id: 'why', name: 'Why', text: whySurplus },
]

function Told({ holes: { policyCount, holes, surplus } }: { holes: HolesBody }): ReactNode {
  const open = holes.filter(({ kind }) => kind !== 'exception').length
  return (
    <>
      <p className="states" role="status">
        <State
          word={open > 0 ? counted(open, 'hole') : 'No hole'}
          tone={open > 0 ? 'bad' : 'good'}
        />
        <span>
          in {counted(policyCount, 'policy', 'policies')} that {policyCount === 1 ? 'is' : 'are'}{' '}
          on.
        </span>
        <span className="quiet">
          A hole is a way to mail without a compliant device of ours. The gate also asks the classic
          policy, personal lists and device rules, which are not counted here.
        </span>
      </p>
      <LocalRows
        title="Ways to mail without a device that is known"
        rows={holes}
        columns={holeColumns}
        what="holes"
        name="holes"
        empty="None: whoever reaches mail does so with a compliant device."
      />
      <LocalRows
        title="Policies that change nothing"
        rows={surplus}
        columns={surplusColumns}
        what="policies that change nothing"
        name="policies-that-change-nothing"
        empty="None: each policy refuses somebody whom no other one does."
      />
    </>
  )
}
