import { type ReactNode, useState } from 'react'
import type { Collection, SessionBody } from '../../src/graph/contract.ts'
import type { RolloutRow } from '../../src/graph/rollout-contract.ts'
import { Fault } from '../look/fault.tsx'
import { Moment, sayMoment } from '../look/moment.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import { type Column, State } from './columns.tsx'
import { LocalRows } from './local-rows.tsx'
import { NewRollout } from './new-rollout.tsx'
import { Page } from './page.tsx'
import { RolloutPanel } from './rollout-panel.tsx'
import { rolloutState } from './rollout-words.ts'

const first = { rollout: '' }

/** Groups that grow day by day: how far each is, and what stands in its way. */
export function Rollouts({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('rollout', first)
  const [making, setMaking] = useState(false)
  const list = useReading<Collection<RolloutRow>>('/postern/rollouts?$top=1000', tick)
  const close = () => {
    look({ rollout: '' })
    // Back to where the reader came from.
    document.querySelector<HTMLElement>(`[data-device="${sight.rollout}"]`)?.focus()
  }
  return (
    <Page section="rollout" session={session} live={live}>
      {!list.value && <h1>Rollout</h1>}
      <Fault thrown={list.thrown} hint />
      {list.value && (
        <LocalRows
          title="Rollouts"
          heading={<h1>Rollout</h1>}
          more={
            <button type="button" className="button" onClick={() => setMaking(true)}>
              New rollout…
            </button>
          }
          rows={list.value.value}
          columns={columns}
          what="rollouts"
          name="rollouts"
          empty="No rollout yet. A group that policies are aimed at can grow by some users each day."
          chosen={sight.rollout}
          choose={(rollout) => look({ rollout })}
        />
      )}
      <Waiting reading={list} />
      {sight.rollout && (
        <RolloutPanel
          key={sight.rollout}
          id={sight.rollout}
          {...{ tick, close }}
          done={list.again}
        />
      )}
      {making && (
        <NewRollout
          close={() => setMaking(false)}
          made={({ id }) => {
            setMaking(false)
            list.again()
            look({ rollout: id })
          }}
        />
      )}
    </Page>
  )
}

const columns: readonly Column<RolloutRow, string>[] = [
  { id: 'target', name: 'Group', text: (row) => row.target },
  {
    id: 'state',
    name: 'State',
    text: (row) => rolloutState(row)[0],
    show(row) {
      const [word, tone] = rolloutState(row)
      return <State word={word} tone={tone} />
    },
  },
  { id: 'pool', name: 'Out of', text: (row) => row.pool ?? 'everybody' },
  { id: 'moved', name: 'Moved', text: (row) => String(row.movedCount) },
  { id: 'refused', name: 'Of these refused', text: (row) => String(row.refusedCount) },
  {
    id: 'next',
    name: 'Next wave',
    text: (row) => (row.nextWaveDateTime === null ? '' : sayMoment(row.nextWaveDateTime)),
    show: (row) => <Moment iso={row.nextWaveDateTime} />,
  },
]
