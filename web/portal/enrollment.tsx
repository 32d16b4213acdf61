import { type ReactNode, useState } from 'react'
import type { PortalBody, PortalClient } from '../../src/graph/contract.ts'
import { Confirm } from '../look/dialog.tsx'
import type { Act } from './client.tsx'
import { said } from './said/said.ts'
import { Weighty } from './weighty.tsx'

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
        <Weighty text={said().yours(client.name)} />
      </p>
    )
  return (
    <>
      <p>
        {said().isItYours} <code>{client.easDeviceId}</code>. {said().whereToFind}
      </p>
      {devices.length > 0 && <Picker {...{ devices, device, setDevice }} />}
      <div className="answers start">
        <button
          type="button"
          className="button first"
          disabled={busy}
          onClick={() => void act('confirm', device ? { device } : {})}
        >
          {said().mine}
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => setForeign(true)}>
          {said().notMine}
        </button>
      </div>
      {isForeign && (
        <Confirm
          title={said().notYours}
          action={said().blockIt}
          busy={busy}
          close={() => setForeign(false)}
          confirm={() => void act('disown').finally(() => setForeign(false))}
        >
          <p>{said().somebodyKnows}</p>
          <p>
            <Weighty text={said().changePassword} />
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
  const all = [{ id: '', name: said().newDevice }, ...devices]
  return (
    <fieldset className="picker">
      <legend>{said().whichDevice}</legend>
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
            {id && <span className="quiet"> {said().afterReset}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
