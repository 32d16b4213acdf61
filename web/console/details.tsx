import type { ReactNode } from 'react'
import type { ExplanationBody, LogRow, ManagedDevice } from '../../src/graph/contract.ts'
import { Refused } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useReading } from '../look/reading.ts'
import { Actions } from './actions.tsx'
import { State } from './columns.tsx'
import { Facts } from './facts.tsx'
import { logLink } from './log-sight.ts'
import { Panel } from './panel.tsx'
import { Findings, Remedies, Trail, Why } from './why.tsx'
import { judgedWords, reasonName, stateWords } from './words.ts'

const base = '/deviceManagement/managedDevices'

/** One device: its state and why, what an administrator can do about it, and what is known of it. */
export function Details(properties: { id: string; tick: number; close(): void }): ReactNode {
  const { id, tick, close } = properties
  const { value: device, thrown, again } = useReading<ManagedDevice>(`${base}/${id}`, tick)
  const isGone = thrown instanceof Refused && thrown.status === 404
  return (
    <Panel
      title={device?.deviceName ?? 'Device'}
      about={
        device &&
        [device.userDisplayName || device.userPrincipalName, device.emailAddress]
          .filter(Boolean)
          .join(' · ')
      }
      close={close}
    >
      {isGone ? <p>This device is not in the list any more.</p> : <Fault thrown={thrown} hint />}
      {device && !isGone && <Content {...{ device, tick, again }} />}
    </Panel>
  )
}

function Content(properties: { device: ManagedDevice; tick: number; again(): void }): ReactNode {
  const { device, tick, again } = properties
  const [word, tone] = stateWords[device.exchangeAccessState]
  const [judged] = judgedWords[device.judged]
  const spared = !device.enforced && device.judged !== 'allow' && device.judged !== 'none'
  return (
    <>
      <p className="states">
        <State word={word || 'Never came over EAS'} tone={tone} />
        <span>{reasonName(device.exchangeAccessStateReason)}</span>
        {spared && <span className="quiet">{judged} when enforced</span>}
      </p>
      <Actions device={device} done={again} />
      <Findings issues={device.issues} />
      {device.easDeviceId && <Explained {...{ device, tick }} />}
      <Facts device={device} />
    </>
  )
}

function Explained({ device, tick }: { device: ManagedDevice; tick: number }): ReactNode {
  const { id, issues } = device
  const why = useReading<ExplanationBody>(`${base}/${id}/explain`, tick)
  const log = useReading<{ value: readonly LogRow[] }>(`/postern/log?device=${id}&$top=10`, tick)
  return (
    <>
      {why.value && <Why explanation={why.value} />}
      {why.value && <Remedies explanation={why.value} issues={issues} />}
      {why.value && <Trail steps={why.value.steps} />}
      <Fault thrown={why.thrown ?? log.thrown} />
      {log.value && log.value.value.length > 0 && <History id={id} rows={log.value.value} />}
    </>
  )
}

function History({ id, rows }: { id: string; rows: readonly LogRow[] }): ReactNode {
  return (
    <section>
      <h2>Decisions</h2>
      <ol className="history">
        {rows.map((row) => {
          const [word, tone] = judgedWords[row.judged]
          return (
            <li key={row.seq}>
              <Moment iso={row.at} />
              <State word={word} tone={tone} />
              <span>
                {reasonName(row.stateReason)}
                {!row.enforced && <span className="quiet"> (observed)</span>}
              </span>
            </li>
          )
        })}
      </ol>
      <p>
        <a href={logLink({ client: id })}>All in the sign-in log</a>
      </p>
    </section>
  )
}
