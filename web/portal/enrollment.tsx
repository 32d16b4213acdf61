import { type ReactNode, useState } from 'react'
import type { PortalBody, PortalClient } from '../../src/graph/contract.ts'
import { Confirm } from '../look/dialog.tsx'
import type { Act } from './client.tsx'

/** Whose is it? Only its user can tell. */
export function Enrollment(properties: {
  client: PortalClient
  devices: PortalBody['devices']
  busy: boolean
  act: Act
}): ReactNode {
  const { client, devices, busy, act } = properties
  const [device, setDevice] = useState('')
  const [isForeign, setForeign] = useState(false)
  if (client.enrollment === 'done')
    return (
      <p>
        This device is yours and is known here as <strong>{client.name}</strong>.
      </p>
    )
  return (
    <>
      <p>
        Is this your device? Its mail identifier is <code>{client.easDeviceId}</code>; you find it
        in the account settings of its mail app.
      </p>
      {devices.length > 0 && <Picker {...{ devices, device, setDevice }} />}
      <div className="answers start">
        <button
          type="button"
          className="button first"
          disabled={busy}
          onClick={() => void act('confirm', device ? { device } : {})}
        >
          Yes, it is mine
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => setForeign(true)}>
          No, it is not mine
        </button>
      </div>
      {isForeign && (
        <Confirm
          title="Not your device?"
          action="Block it"
          busy={busy}
          close={() => setForeign(false)}
          confirm={() => void act('disown').finally(() => setForeign(false))}
        >
          <p>
            It signed in with your name and password, so somebody else knows them. It is blocked
            from your mail at once; only an administrator can take that back.
          </p>
          <p>
            <strong>Then change your password, and tell your help desk.</strong>
          </p>
        </Confirm>
      )}
    </>
  )
}

/** A phone that was reset or restored comes with a new identifier, and is the same device all the same. */
function Picker(properties: {
  devices: PortalBody['devices']
  device: string
  setDevice(device: string): void
}): ReactNode {
  const { devices, device, setDevice } = properties
  const all = [{ id: '', name: 'A new device' }, ...devices]
  return (
    <fieldset className="picker">
      <legend>Which device is it?</legend>
      {all.map(({ id, name }) => (
        <label key={id}>
          <input
            type="radio"
            name="device"
            checked={device === id}
            onChange={() => setDevice(id)}
          />
          <span>
            {name}
            {id && <span className="quiet"> (after a reset, or with another mail app)</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
