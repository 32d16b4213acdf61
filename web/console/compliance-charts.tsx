import type { ReactNode } from 'react'
import type { DeploymentBody, DeploymentReason } from '../../src/graph/collections-contract.ts'
import { statusLink } from './deployment-status.tsx'
import { categoryName, states } from './deployment-words.ts'
import { counted } from './words.ts'

/** All devices by their overall state; each part leads to its devices. */
export function CompliancePart({ overall }: { overall: DeploymentBody }): ReactNode {
  const parts = states
    .map((one) => ({ ...one, count: overall[one.state] }))
    .filter(({ count }) => count > 0)
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  return (
    <section className="sheet chart" aria-labelledby="overall">
      <h2 id="overall">Overall device compliance</h2>
      {total === 0 ? (
        <p className="quiet">No device is enrolled yet.</p>
      ) : (
        <>
          <svg
            className="parts"
            viewBox="0 0 100 4"
            preserveAspectRatio="none"
            role="img"
            aria-label={parts.map(({ name, count }) => `${name}: ${count}`).join(', ')}
          >
            {parts.map(({ state, tone, count }, at) => (
              <rect
                key={state}
                className={`part ${tone}`}
                x={(100 * sum(parts.slice(0, at))) / total}
                width={(100 * count) / total}
                height="4"
              />
            ))}
          </svg>
          <ul className="legend">
            {parts.map(({ state, name, tone, count }) => (
              <li key={state}>
                <span className={`dot ${tone}`} aria-hidden="true" />
                <a href={statusLink('all', state)}>{name}</a>
                <span className="count">{count.toLocaleString('en-US')}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const sum = (parts: readonly { readonly count: number }[]) =>
  parts.reduce((all, { count }) => all + count, 0)

const shownReasons = 8

/** What most devices fail by; each leads to its devices. */
export function TopReasons({ overall }: { overall: DeploymentBody }): ReactNode {
  const failing = overall.reasons.filter(
    ({ state, type }) => type === 'setting' && (state === 'noncompliant' || state === 'error'),
  )
  const most = failing[0]?.deviceCount ?? 1
  return (
    <section className="sheet chart" aria-labelledby="top-reasons">
      <h2 id="top-reasons">Top reasons for noncompliance</h2>
      {failing.length === 0 && <p className="quiet">No device fails a setting.</p>}
      <ol className="bars">
        {failing.slice(0, shownReasons).map((reason) => (
          <li key={`${reason.state} ${reason.id}`}>
            <a href={statusLink('all', reason.state, reason.id)}>{said(reason)}</a>
            <span className="count" title={counted(reason.deviceCount, 'device')}>
              {reason.deviceCount.toLocaleString('en-US')}
            </span>
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
              <rect className="part bad" width={(100 * reason.deviceCount) / most} height="4" />
            </svg>
          </li>
        ))}
      </ol>
    </section>
  )
}

function said(reason: DeploymentReason): string {
  const { name, category } = reason
  return category === 'value' ? name : `${name} (${categoryName(reason).toLowerCase()})`
}
