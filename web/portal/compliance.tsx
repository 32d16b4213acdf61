import { type ReactNode, useEffect, useState } from 'react'
import type { Issue, PortalClient } from '../../src/graph/contract.ts'
import type { Act } from './client.tsx'

/** How long "checked just now" is true. */
const toldMs = 10_000

/** What is wrong with the device, and how to put it right. */
export function Compliance(properties: {
  client: PortalClient
  busy: boolean
  act: Act
}): ReactNode {
  const { client, busy, act } = properties
  const [isChecked, setChecked] = useState(false)
  useEffect(() => {
    if (!isChecked) return undefined
    const timer = setTimeout(() => setChecked(false), toldMs)
    return () => clearTimeout(timer)
  }, [isChecked])
  if (client.enrollment !== 'done')
    return <p className="quiet">Checked as soon as the device is enrolled.</p>
  const { issues } = client
  return (
    <>
      <p>{summary(client)}</p>
      {issues.map((issue) => (
        <Problem key={issue.rule} issue={issue} />
      ))}
      {issues.length > 0 && (
        <p className="quiet">
          After a change, open the mail app on the device once: it tells its new state when it looks
          for mail.
        </p>
      )}
      <div className="answers start">
        <button
          type="button"
          className={`button ${issues.length > 0 ? 'first' : ''}`}
          disabled={busy}
          onClick={() => void act('check').then(() => setChecked(true))}
        >
          {busy ? 'Checking…' : 'Check compliance'}
        </button>
        <span className="quiet" role="status">
          {isChecked && !busy && outcome(client)}
        </span>
      </div>
    </>
  )
}

function summary({ compliance, issues }: PortalClient): string {
  if (issues.length > 0)
    return issues.length === 1
      ? 'One thing needs to be put right:'
      : `${issues.length} things need to be put right:`
  if (compliance === 'done') return 'This device meets the rules of your organisation.'
  return 'The rules have not been checked on this device yet. That takes a few minutes; mail may wait until then.'
}

function outcome({ compliance, issues }: PortalClient): string {
  if (issues.length > 0) return 'Checked just now: still not right.'
  return compliance === 'done' ? 'Checked just now: all is well.' : 'Checked just now.'
}

function Problem({ issue }: { issue: Issue }): ReactNode {
  return (
    <div className="issue">
      <strong>{issue.title}</strong>
      <p>{issue.explanation}</p>
      {issue.measured !== undefined && (
        <dl className="values">
          <div>
            <dt>Found</dt>
            <dd>{issue.measured}</dd>
          </div>
          <div>
            <dt>Needed</dt>
            <dd>{issue.required}</dd>
          </div>
        </dl>
      )}
      <details>
        <summary>How to resolve this</summary>
        <p>{issue.howToResolve}</p>
      </details>
    </div>
  )
}
