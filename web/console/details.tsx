import { type ReactNode, useEffect, useState } from 'react'
import type { ExplanationBody, ManagedDevice } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/parts.tsx'
import { reasonName } from './columns.tsx'

const actions = [
  ['allowAccess', 'Allow'],
  ['blockAccess', 'Block'],
  ['resetAccess', 'Reset'],
] as const

/** Why this device is in its state, step by step, and what an administrator can do about it. */
export function Details(properties: {
  device: ManagedDevice
  close(): void
  changed(): void
}): ReactNode {
  const { device, close, changed } = properties
  const [explanation, setExplanation] = useState<ExplanationBody>()
  const [thrown, setThrown] = useState<unknown>()
  const path = `/deviceManagement/managedDevices/${device.id}`

  useEffect(() => {
    if (!device.easDeviceId) return setExplanation(undefined)
    call<ExplanationBody>('GET', `${path}/explain`).then(setExplanation, setThrown)
  }, [
    path,
    device.easDeviceId,
    device.exchangeAccessState,
    device.exchangeAccessStateReason,
    device.complianceState,
  ])

  async function act(action: string) {
    try {
      await call('POST', `${path}/${action}`)
      setThrown(undefined)
      changed()
    } catch (error) {
      setThrown(error)
    }
  }

  return (
    <aside className="details sheet" aria-label={`Details of ${device.deviceName}`}>
      <header>
        <h1>{device.deviceName}</h1>
        <button type="button" className="button" onClick={close}>
          Close
        </button>
      </header>
      <p className="quiet">
        {[device.userPrincipalName, device.model, device.operatingSystem]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <div className="acts">
        {device.easDeviceId &&
          actions.map(([action, word]) => (
            <button key={action} type="button" className="button" onClick={() => void act(action)}>
              {word}
            </button>
          ))}
        {device.azureADDeviceId && (
          <button
            type="button"
            className="button"
            onClick={() => {
              if (confirm(`Retire ${device.deviceName}? It loses mail at once.`)) void act('retire')
            }}
          >
            Retire
          </button>
        )}
      </div>
      <Fault thrown={thrown} />
      {explanation && (
        <>
          <h2>Why</h2>
          <p>
            {explanation.enforced ? '' : 'Observed only: '}
            {explanation.judged} — {reasonName(explanation.stateReason)}
          </p>
          <ul className="reasons">
            {explanation.reasons.map((reason) => (
              <li key={`${reason.code}${reason.policy}`}>
                {reason.title}
                {reason.measured !== undefined && (
                  <span className="quiet">
                    {' '}
                    Found {reason.measured}, needed {reason.required}.
                  </span>
                )}
              </li>
            ))}
          </ul>
          <h2>Steps</h2>
          <ol className="trail">
            {explanation.steps.map((step) => (
              <li key={step.step} className={step.matched ? 'matched' : ''}>
                <strong>{step.step}</strong> <span className="quiet">{step.because}</span>
              </li>
            ))}
          </ol>
        </>
      )}
      <h2>Facts</h2>
      <dl>
        {Object.entries({
          'EAS device ID': device.easDeviceId,
          'Device type': device.easDeviceType,
          'EAS version': device.easVersion,
          'User agent': device.userAgent,
          IMEI: device.imei,
          Compliance: device.complianceState,
        })
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </aside>
  )
}
