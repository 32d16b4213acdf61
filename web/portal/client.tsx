import { type ReactNode, useState } from 'react'
import type { Issue, PortalClient, StepState } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/parts.tsx'

const stateWords: Record<PortalClient['exchangeAccessState'], [string, string]> = {
  none: ['No mail yet', ''],
  unknown: ['Not judged yet', ''],
  allowed: ['Receives mail', 'good'],
  blocked: ['Blocked', 'bad'],
  quarantined: ['Waiting', 'warn'],
  deviceDiscovery: ['Being recognised', 'warn'],
}

const signs: Record<StepState, [string, string]> = {
  done: ['✓', 'Done'],
  open: ['!', 'Needs you'],
  waiting: ['…', 'Waiting'],
}

/** One phone with its three steps: enrollment, compliance, activation. */
export function Client(properties: {
  client: PortalClient
  asked: boolean
  refresh(): Promise<void>
}): ReactNode {
  const { client, asked, refresh } = properties
  const [thrown, setThrown] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  async function act(path: 'confirm' | 'check') {
    setBusy(true)
    setThrown(undefined)
    try {
      await call('POST', `/me/clients/${client.id}/${path}`, {})
      await refresh()
    } catch (error) {
      setThrown(error)
    }
    setBusy(false)
  }

  const [word, tone] = stateWords[client.exchangeAccessState]
  return (
    <section className={`sheet client ${asked ? 'asked' : ''}`} aria-label={client.name}>
      <header>
        <div>
          <h1>{client.model || client.name}</h1>
          <p className="quiet">
            {[client.operatingSystem, `first seen ${new Date(client.firstSeen).toLocaleString()}`]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        <span className={`state ${tone}`}>{word}</span>
      </header>
      {client.blocked && (
        <p className="fault">An administrator blocked this device. Please ask your help desk.</p>
      )}
      <ol className="steps">
        <Step title="Enrollment" state={client.enrollment}>
          {client.enrollment === 'done' ? (
            <p>This device is yours and is known here as {client.name}.</p>
          ) : (
            <>
              <p>
                Is this your device? Its mail identifier is <code>{client.easDeviceId}</code>.
              </p>
              <button
                type="button"
                className="button first"
                disabled={busy}
                onClick={() => void act('confirm')}
              >
                Yes, it is mine
              </button>
            </>
          )}
        </Step>
        <Step title="Compliance" state={client.compliance}>
          <Compliance client={client} busy={busy} check={() => void act('check')} />
        </Step>
        <Step title="Enrollment activation" state={client.activation}>
          <Activation state={client.activation} />
        </Step>
      </ol>
      <Fault thrown={thrown} />
      {client.exchangeAccessState === 'allowed' && (
        <p className="quiet">All set: mail arrives on this device by itself.</p>
      )}
    </section>
  )
}

function Step(properties: { title: string; state: StepState; children: ReactNode }): ReactNode {
  const [sign, word] = signs[properties.state]
  return (
    <li className={`step ${properties.state}`}>
      <span className="sign" role="img" aria-label={word}>
        {sign}
      </span>
      <h2>{properties.title}</h2>
      <div className="inside">{properties.children}</div>
    </li>
  )
}

function Compliance(properties: { client: PortalClient; busy: boolean; check(): void }): ReactNode {
  const { client, busy, check } = properties
  if (client.compliance === 'waiting')
    return <p className="quiet">Checked as soon as the device is enrolled.</p>
  return (
    <>
      {client.compliance === 'done' && <p>This device meets the rules of your organisation.</p>}
      {client.issues.map((issue) => (
        <Problem key={issue.rule} issue={issue} />
      ))}
      <button type="button" className="button" disabled={busy} onClick={check}>
        Check compliance
      </button>
    </>
  )
}

function Problem({ issue }: { issue: Issue }): ReactNode {
  return (
    <div className="issue">
      <strong>{issue.title}</strong>
      <span>{issue.explanation}</span>
      {issue.measured !== undefined && (
        <span className="quiet">
          Found: {issue.measured}. Needed: {issue.required}.
        </span>
      )}
      <details>
        <summary>How to resolve this</summary>
        <p>{issue.howToResolve}</p>
      </details>
    </div>
  )
}

function Activation({ state }: { state: StepState }): ReactNode {
  if (state === 'done') return <p>The mail account on this device is bound to it.</p>
  if (state === 'waiting') return <p>An administrator still has to approve this device.</p>
  return <p className="quiet">Happens by itself once you confirm the device.</p>
}
