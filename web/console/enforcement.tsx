import { type ReactNode, useState } from 'react'
import type { DeviceOverview, SessionBody } from '../../src/graph/contract.ts'
import { EnforcementDialog } from './enforcement-dialog.tsx'
import { counted } from './words.ts'

/** Tells whether the site observes or enforces, and leads to the change of it. */
export function Enforcement(properties: {
  session: SessionBody
  overview: DeviceOverview | undefined
  changed(): void
}): ReactNode {
  const { session, overview, changed } = properties
  const [asking, setAsking] = useState(false)
  const { enforcement } = session.site
  const observing = enforcement === 'observing'
  return (
    <section className={`enforcement ${enforcement}`} aria-label="Enforcement">
      {observing ? <Observing overview={overview} /> : <Enforcing {...{ session, overview }} />}
      <button
        type="button"
        className={`button ${observing ? 'first' : ''}`}
        onClick={() => setAsking(true)}
      >
        {observing ? 'Begin enforcing…' : 'Change or stop…'}
      </button>
      {asking && (
        <EnforcementDialog
          site={session.site}
          close={() => setAsking(false)}
          changed={() => {
            setAsking(false)
            changed()
          }}
        />
      )}
    </section>
  )
}

function Observing({ overview }: { overview: DeviceOverview | undefined }): ReactNode {
  const spared = overview?.keptOnlyByObservingDeviceCount
  return (
    <p>
      <strong>Observing.</strong> Every decision is made and recorded, and all mail passes.{' '}
      {overview &&
        overview.totalDeviceCount > 0 &&
        (spared
          ? `Enforcing now would end mail on ${spared.toLocaleString('en-US')} of ${counted(overview.totalDeviceCount, 'device')}.`
          : 'Enforcing now would end mail on no device.')}
    </p>
  )
}

function Enforcing(properties: {
  session: SessionBody
  overview: DeviceOverview | undefined
}): ReactNode {
  const { session, overview } = properties
  const { scope } = session.site
  const states = overview?.deviceExchangeAccessStateSummary
  const out = (states?.blockedDeviceCount ?? 0) + (states?.quarantinedDeviceCount ?? 0)
  const spared = overview?.keptOnlyByObservingDeviceCount ?? 0
  return (
    <p>
      <strong>Enforcing</strong> {scope === 'all' ? 'for everyone.' : `for ${scope.join(', ')}.`}{' '}
      {overview &&
        `${counted(out, 'device')} of ${overview.totalDeviceCount.toLocaleString('en-US')} kept out.`}
      {scope !== 'all' &&
        spared > 0 &&
        ` Enforcing for everyone would end mail on ${spared.toLocaleString('en-US')} more.`}
    </p>
  )
}
