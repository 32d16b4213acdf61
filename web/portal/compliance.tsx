import { type ReactNode, useEffect, useState } from 'react'
import type { Issue, PortalClient } from '../../src/graph/contract.ts'
import type { Act } from './client.tsx'
import { said } from './said/said.ts'

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
  if (client.enrollment !== 'done') return <p className="quiet">{said().afterEnrollment}</p>
  const { issues } = client
  return (
    <>
      <p>{summary(client)}</p>
      {issues.map((issue) => (
        <Problem key={issue.rule} issue={issue} />
      ))}
      {issues.length > 0 && <p className="quiet">{said().afterChange}</p>}
      <div className="answers start">
        <button
          type="button"
          className={`button ${issues.length > 0 ? 'first' : ''}`}
          disabled={busy}
          onClick={() => void act('check').then(() => setChecked(true))}
        >
          {busy ? said().checking : said().check}
        </button>
        <span className="quiet" role="status">
          {isChecked && !busy && outcome(client)}
        </span>
      </div>
    </>
  )
}

function summary({ compliance, issues }: PortalClient): string {
  if (issues.length > 0) return said().things(issues.length)
  return compliance === 'done' ? said().meets : said().unchecked
}

function outcome({ compliance, issues }: PortalClient): string {
  if (issues.length > 0) return said().checkedStill
  return compliance === 'done' ? said().checkedWell : said().checked
}

function Problem({ issue }: { issue: Issue }): ReactNode {
  return (
    <div className="issue">
      <strong>{issue.title}</strong>
      <p>{issue.explanation}</p>
      {issue.measured !== undefined && (
        <dl className="values">
          <div>
            <dt>{said().found}</dt>
            <dd>{issue.measured}</dd>
          </div>
          <div>
            <dt>{said().needed}</dt>
            <dd>{issue.required}</dd>
          </div>
        </dl>
      )}
      <details>
        <summary>{said().howToResolve}</summary>
        <p>{issue.howToResolve}</p>
      </details>
    </div>
  )
}
