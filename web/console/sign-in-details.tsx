import type { ReactNode } from 'react'
import type { SignInBody } from '../../src/graph/audit-contract.ts'
import type { ExplanationBody, ManagedDevice } from '../../src/graph/contract.ts'
import { Refused } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useReading } from '../look/reading.ts'
import { State } from './columns.tsx'
import { deviceOf, outcomeOf } from './log-columns.tsx'
import type { LogSight } from './log-sight.ts'
import { Panel } from './panel.tsx'
import { resultWord } from './result-words.ts'
import { Remedies, Trail, Why } from './why.tsx'
import { reasonName } from './words.ts'

/** One decision of the log: what came of it, by which policy, and what holds for the same client now. */
export function SignInDetails(properties: {
  id: string
  tick: number
  close(): void
  look(change: Partial<LogSight>): void
}): ReactNode {
  const { id, tick, close, look } = properties
  const { value: row, thrown } = useReading<SignInBody>(`/auditLogs/signIns/${id}`, 0)
  return (
    <Panel
      title={row ? `${row.userPrincipalName || 'A user who is gone'}, ${deviceOf(row)}` : 'Sign-in'}
      about={row && <Moment iso={row.createdDateTime} />}
      close={close}
    >
      <Fault thrown={thrown} hint />
      {row && <Told row={row} />}
      {row && <Now client={row.postern.partnership} tick={tick} />}
      {row && <Known row={row} />}
      {row && (
        <p>
          <button
            type="button"
            className="link"
            onClick={() => look({ client: row.postern.partnership, before: 0, entry: '' })}
          >
            All of this client
          </button>
        </p>
      )}
    </Panel>
  )
}

function Told({ row }: { row: SignInBody }): ReactNode {
  const { postern } = row
  const { word, tone, spared } = outcomeOf(row)
  return (
    <>
      <p className="states">
        <State word={word} tone={tone} />
        <span>{reasonName(postern.stateReason)}</span>
        {spared && <span className="quiet">{spared} when enforced</span>}
      </p>
      <section>
        <h2>Why then</h2>
        <ul className="reasons">
          {postern.reasons.map(({ code, policy, measured, required }) => (
            <li key={`${code} ${policy}`}>
              {reasonName(code)}
              {policy && <span className="quiet"> · {policy}</span>}
              {measured !== undefined && required !== undefined && (
                <span className="values">
                  Found {String(measured)}, needed {String(required)}
                </span>
              )}
            </li>
          ))}
        </ul>
      </section>
      <AppliedPolicies row={row} />
    </>
  )
}

function AppliedPolicies({ row }: { row: SignInBody }): ReactNode {
  const policies = row.appliedConditionalAccessPolicies
  return (
    <section>
      <h2>Conditional access policies</h2>
      {policies.length === 0 && <p className="quiet">None was asked.</p>}
      <ul className="findings">
        {policies.map(({ id, displayName, result, enforcedGrantControls }) => {
          const [word, tone] = resultWord(result)
          return (
            <li key={id} className={tone}>
              <strong>{displayName}</strong>
              <span className="values">
                {word}
                {enforcedGrantControls.length > 0 && `: ${enforcedGrantControls.join(', ')}`}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Known({ row }: { row: SignInBody }): ReactNode {
  return (
    <section>
      <h2>What is known of it</h2>
      <dl>
        {factsOf(row).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function factsOf(row: SignInBody): readonly (readonly [name: string, text: string])[] {
  const { postern, deviceDetail } = row
  const facts: readonly (readonly [string, string])[] = [
    ['From', row.ipAddress],
    ['Client app', row.clientAppUsed],
    ['EAS device ID', postern.easDeviceId],
    ['Device type', postern.easDeviceType],
    ['User agent', postern.userAgent],
    ['Operating system', deviceDetail.operatingSystem],
    ['Device', deviceDetail.deviceId],
    ['Compliant', deviceDetail.isCompliant ? 'Yes' : 'No'],
    ['Managed', deviceDetail.isManaged ? 'Yes' : 'No'],
    ['Before', postern.was ?? 'Nothing: it was new'],
    ['Error code', row.status.errorCode === 0 ? '' : String(row.status.errorCode)],
    ['Steps', postern.path.join(' › ')],
    ['Decided in', `${postern.latencyMs} ms`],
    ['Entry', row.id],
  ]
  return facts.filter(([, text]) => text !== '')
}

/** Why it is so now, and what would change it: the log says only what was. */
function Now({ client, tick }: { client: string; tick: number }): ReactNode {
  const path = `/deviceManagement/managedDevices/${encodeURIComponent(client)}`
  const device = useReading<ManagedDevice>(path, tick)
  const why = useReading<ExplanationBody>(`${path}/explain`, tick)
  const thrown = device.thrown ?? why.thrown
  if (thrown instanceof Refused && thrown.status === 404)
    return <p className="quiet">The client is not in the list any more.</p>
  return (
    <>
      <Fault thrown={thrown} />
      {why.value && <Why explanation={why.value} title="Why now" />}
      {why.value && device.value && (
        <Remedies explanation={why.value} issues={device.value.issues} />
      )}
      {why.value && <Trail steps={why.value.steps} />}
      {device.value && (
        <p>
          <a href={`/console/?${new URLSearchParams({ device: device.value.id })}`}>
            The device, and what can be done about it
          </a>
        </p>
      )}
    </>
  )
}
