import { type ReactNode, useState } from 'react'
import type { RolloutDetail, RolloutRow } from '../../src/graph/rollout-contract.ts'
import { call, Refused } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { State } from './columns.tsx'
import { Consequence } from './consequence.tsx'
import { Panel } from './panel.tsx'
import { rolloutState } from './rollout-words.ts'
import { counted } from './words.ts'

/** One rollout: how it stands, who is next, and what can be done about it. */
export function RolloutPanel(properties: {
  id: string
  tick: number
  close(): void
  done(): void
}): ReactNode {
  const { id, tick, close, done } = properties
  const path = `/postern/rollouts/${encodeURIComponent(id)}`
  const { value, thrown, again } = useReading<RolloutDetail>(path, tick)
  return (
    <Panel
      title={value?.target ?? 'Rollout'}
      about={
        value &&
        `${value.sizes.join(', ')} a day out of ${value.pool ?? 'everybody'}, at ${value.startTime} ${value.timeZone}`
      }
      close={close}
    >
      <Fault thrown={thrown} hint />
      {value && (
        <>
          <Standing rollout={value} />
          <Acts
            {...{ path }}
            rollout={value}
            done={() => {
              again()
              done()
            }}
          />
          <Ahead rollout={value} />
          <Behind rollout={value} />
        </>
      )}
      <Waiting reading={{ value, thrown }} />
    </Panel>
  )
}

function Standing({ rollout }: { rollout: RolloutDetail }): ReactNode {
  const [word, tone] = rolloutState(rollout)
  const { pause, movedCount, remainingCount, remainingRefusedCount, finishDateTime } = rollout
  return (
    <>
      <p className="states">
        <State word={word} tone={tone} />
        <span>{pause?.title}</span>
      </p>
      <p>
        {counted(movedCount, 'user')} moved, {remainingCount.toLocaleString('en-US')} left
        {remainingRefusedCount > 0 &&
          `, of whom ${remainingRefusedCount.toLocaleString('en-US')} would lose mail now`}
        .
        {finishDateTime && (
          <>
            {' '}
            The last wave: <Moment iso={finishDateTime} />.
          </>
        )}
      </p>
      {rollout.usedBy.length === 0 && (
        <p className="quiet">No policy is aimed at this group: it grows, and nothing changes.</p>
      )}
      {rollout.usedBy.length > 0 && (
        <p className="quiet">Reached through it: {rollout.usedBy.join(', ')}.</p>
      )}
    </>
  )
}

const acts = {
  pause: 'Pause',
  resume: 'Resume',
  next: 'Next wave now',
  back: 'Take the last wave back',
  stop: 'Stop for good',
} as const

type Act = keyof typeof acts

function actsOf({ state, waves }: RolloutRow): readonly Act[] {
  const back = waves.length > 0 ? (['back'] as const) : []
  if (state === 'running') return ['pause', 'next', ...back, 'stop']
  if (state === 'paused') return ['resume', ...back, 'stop']
  return back
}

function Acts(properties: { path: string; rollout: RolloutDetail; done(): void }): ReactNode {
  const { path, rollout, done } = properties
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<{ act: Act; thrown: unknown }>()
  const refused = failed?.thrown instanceof Refused ? failed.thrown.confirm : undefined

  async function run(act: Act, confirm?: string) {
    setBusy(true)
    try {
      await call('POST', `${path}/${act}`, undefined, { confirm })
      setFailed(undefined)
      done()
    } catch (thrown) {
      setFailed({ act, thrown })
    }
    setBusy(false)
  }

  return (
    <div>
      <div className="acts">
        {actsOf(rollout).map((act) => (
          <button
            key={act}
            type="button"
            className="button"
            disabled={busy}
            onClick={() => void run(act)}
          >
            {acts[act]}
          </button>
        ))}
        {failed && refused !== undefined && (
          <button
            type="button"
            className="button grave"
            disabled={busy}
            onClick={() => void run(failed.act, refused)}
          >
            Lock them out all the same
          </button>
        )}
      </div>
      <Fault thrown={failed?.thrown} hint />
    </div>
  )
}

function Ahead({ rollout }: { rollout: RolloutDetail }): ReactNode {
  const { next, foreseen, foreseenCount } = rollout
  if (next.userCount === 0 || foreseenCount === 0) return null
  return (
    <section>
      <h2>Who is next</h2>
      <p>{next.users.map(({ userPrincipalName }) => userPrincipalName).join(', ')}</p>
      <Consequence consequence={next.consequence} />
      <h2>Waves to come, as things are now</h2>
      <ul>
        {foreseen.map((wave) => (
          <li key={wave.number}>
            <Moment iso={wave.dateTime} />: {counted(wave.userCount, 'user')}
            {wave.refusedCount > 0 &&
              `, ${wave.refusedCount.toLocaleString('en-US')} would lose mail`}
          </li>
        ))}
      </ul>
      {foreseenCount > foreseen.length && (
        <p className="quiet">and {counted(foreseenCount - foreseen.length, 'more wave')}</p>
      )}
    </section>
  )
}

function Behind({ rollout: { waves, members } }: { rollout: RolloutDetail }): ReactNode {
  const refused = members.filter(({ refusedDateTime }) => refusedDateTime !== null)
  if (waves.length === 0) return null
  return (
    <section>
      <h2>Waves so far</h2>
      <ul>
        {waves.map((wave) => (
          <li key={wave.number}>
            <Moment iso={wave.madeDateTime} />: {counted(wave.userCount, 'user')}
            {wave.refusedCount > 0 &&
              `, ${wave.refusedCount.toLocaleString('en-US')} refused since`}
          </li>
        ))}
      </ul>
      {refused.length > 0 && (
        <p>Refused: {refused.map(({ userPrincipalName }) => userPrincipalName).join(', ')}</p>
      )}
    </section>
  )
}
