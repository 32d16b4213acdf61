import type { ReactNode } from 'react'
import type { PortalBody, PortalClient, StepState } from '../../src/graph/contract.ts'
import type { Act } from './client.tsx'
import { Compliance } from './compliance.tsx'
import { Enrollment } from './enrollment.tsx'
import { said } from './said/said.ts'
import { signs } from './words.ts'

/** The three steps to mail, each with its state. */
export function Steps(properties: {
  client: PortalClient
  devices: PortalBody['devices']
  busy: boolean
  act: Act
}): ReactNode {
  const { client, devices, busy, act } = properties
  // Until the device is confirmed there is nothing that its user could do here.
  const activation = client.enrollment === 'done' ? client.activation : 'waiting'
  return (
    <ol className="steps">
      <Step title={said().enrollment} state={client.enrollment}>
        <Enrollment {...{ client, devices, busy, act }} />
      </Step>
      <Step title={said().compliance} state={client.compliance}>
        <Compliance {...{ client, busy, act }} />
      </Step>
      <Step title={said().activation} state={activation}>
        <Activation client={client} />
      </Step>
    </ol>
  )
}

function Step(properties: { title: string; state: StepState; children: ReactNode }): ReactNode {
  const { title, state, children } = properties
  return (
    <li className={`step ${state}`}>
      <span className="sign" aria-hidden="true">
        {signs[state]}
      </span>
      <h3>{title}</h3>
      <span className="word">{said().steps[state]}</span>
      <div className="inside">{children}</div>
    </li>
  )
}

function Activation({ client }: { client: PortalClient }): ReactNode {
  if (client.enrollment !== 'done') return <p className="quiet">{said().onceConfirmed}</p>
  if (client.activation === 'done') return <p>{said().bound}</p>
  if (client.activation === 'waiting') return <p>{said().approval}</p>
  return <p className="quiet">{said().notBound}</p>
}
