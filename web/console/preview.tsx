import type { ReactNode } from 'react'
import type { AffectedDevice, EnforcementPreview } from '../../src/graph/contract.ts'
import { State } from './columns.tsx'
import { counted, judgedWords, reasonName } from './words.ts'

/** Whose mail a change ends, and whose it brings back, by name. */
export function Preview(properties: {
  preview: EnforcementPreview | undefined
  /** Phones meet the site's settings for the first time. */
  begins: boolean
}): ReactNode {
  const { preview, begins } = properties
  if (!preview) return <p className="quiet">Looking who is affected…</p>
  const { total, loseCount, loseUserCount, lose, regainCount, regain } = preview
  return (
    <div className="preview" aria-live="polite">
      {loseCount > 0 && (
        <>
          <p>
            <strong>
              {counted(loseCount, 'device')} of {total.toLocaleString('en-US')}
            </strong>{' '}
            ({counted(loseUserCount, 'person', 'people')}) {loseCount === 1 ? 'loses' : 'lose'} mail
            at once; each is told why:
          </p>
          <Affected devices={lose} count={loseCount} name="Devices that lose mail" />
        </>
      )}
      {regainCount > 0 && (
        <>
          <p>
            <strong>{counted(regainCount, 'device')}</strong> {regainCount === 1 ? 'gets' : 'get'}{' '}
            mail again:
          </p>
          <Affected devices={regain} count={regainCount} name="Devices that get mail again" />
        </>
      )}
      {loseCount === 0 && regainCount === 0 && (
        <p>No device that came by so far loses mail or gets it back.</p>
      )}
      {begins && (
        <p className="quiet">
          Every phone is asked once to accept the security settings, such as a screen lock.
        </p>
      )}
    </div>
  )
}

function Affected(properties: {
  devices: readonly AffectedDevice[]
  count: number
  name: string
}): ReactNode {
  const { devices, count, name } = properties
  return (
    // Focus lets a keyboard scroll it.
    <div className="affected" role="region" aria-label={name} tabIndex={0}>
      <table>
        <colgroup>
          <col />
          <col />
          <col className="of-state" />
          <col className="of-reason" />
        </colgroup>
        <thead className="hidden">
          <tr>
            <th scope="col">User</th>
            <th scope="col">Device</th>
            <th scope="col">State</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => {
            const [word, tone] = judgedWords[device.judged]
            return (
              <tr key={device.id}>
                <td>{device.userDisplayName || device.userPrincipalName}</td>
                <td>{device.deviceName}</td>
                <td>
                  <State word={word} tone={tone} />
                </td>
                <td>{reasonName(device.reason)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {count > devices.length && (
        <p className="quiet">and {counted(count - devices.length, 'more device')}</p>
      )}
    </div>
  )
}
