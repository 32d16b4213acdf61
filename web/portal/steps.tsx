import type { ReactNode } from 'react'
import type { PortalBody, PortalClient, StepState } from '../../src/graph/contract.ts'
import type { Act } from './client.tsx'
import { Compliance } from './compliance.tsx'
import { Enrollment } from './enrollment.tsx'
import { stepWords } from './words.ts'

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
      <Step title="Device enrollment" state={client.enrollment}>
        <Enrollment {...{ client, devices, busy, act }} />
      </Step>
      <Step title="Device compliance" state={client.compliance}>
        <Compliance {...{ client, busy, act }} />
      </Step>
      <Step title="Enrollment activation" state={activation}>
        <Activation client={client} />
      </Step>
    </ol>
  )
}

function Step(properties: { title: string; state: StepState; children: ReactNode }): ReactNode {
  const { title, state, children } = properties
  const [sign, word] = stepWords[state]
  return (
    <li className={`step ${state}`}>
      <span className="sign" aria-hidden="true">
        {sign}
      </span>
      <h3>{title}</h3>
      <span className="word">{word}</span>
      <div className="inside">{children}</div>
    </li>
  )
}

function Activation({ client }: { client: PortalClient }): ReactNode {
  if (client.enrollment !== 'done')
    return <p className="quiet">Happens by itself once you confirm the device.</p>
  if (client.activation === 'done') return <p>The mail account on this device is bound to it.</p>
  if (client.activation === 'waiting')
    return <p>Your part is done: an administrator has to approve the device.</p>
  return <p className="quiet">The mail account on this device is not bound to it yet.</p>
}
