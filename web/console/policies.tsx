import type { ReactNode } from 'react'
import type { DeploymentBody, DeploymentRow } from '../../src/graph/collections-contract.ts'
import type { Collection, SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import { CompliancePart, TopReasons } from './compliance-charts.tsx'
import { Status, type StatusSight, statusLink } from './deployment-status.tsx'
import { platformName, statesOf } from './deployment-words.ts'
import { Page } from './page.tsx'
import { Unreached } from './unreached.tsx'

/** Nothing is looked at by default: the list of all policies. */
const first: StatusSight = {
  policy: '',
  state: 'noncompliant',
  reason: '',
  search: '',
  sort: 'deviceName',
  page: 0,
  device: '',
}

/** Compliance policies: how devices stand under each, and under all of them. */
export function Policies({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('policies', first)
  return (
    <Page section="policies" session={session} live={live}>
      {sight.policy ? <Status {...{ sight, look, tick }} /> : <Overview tick={tick} />}
    </Page>
  )
}

function Overview({ tick }: { tick: number }): ReactNode {
  const all = useReading<DeploymentBody>('/postern/deployments/all', tick)
  const list = useReading<Collection<DeploymentRow>>(
    '/postern/deployments?$orderby=displayName',
    tick,
  )
  return (
    <>
      <h1>Compliance policies</h1>
      <Fault thrown={list.thrown ?? all.thrown} hint />
      <Unreached tick={tick} />
      {all.value && (
        <div className="charts">
          <CompliancePart overall={all.value} />
          <TopReasons overall={all.value} />
        </div>
      )}
      {list.value && <List rows={list.value.value} />}
      <Waiting reading={list} />
    </>
  )
}

function List({ rows }: { rows: readonly DeploymentRow[] }): ReactNode {
  if (rows.length === 0)
    return (
      <div className="sheet empty quiet">
        <p>No compliance policy yet: every device that is enrolled counts as compliant.</p>
        <p>
          In a terminal: <code>npx postern policy apply policies/</code>
        </p>
      </div>
    )
  const shown = statesOf(...rows)
  return (
    <div className="sheet grid policies">
      <table>
        <caption className="hidden">Compliance policies and how devices stand under them</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Platform</th>
            {shown.map(({ state, name }) => (
              <th key={state} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="name">
                <a href={statusLink(row.id)}>{row.displayName}</a>
              </td>
              <td data-label="Platform">{platformName(row.platform)}</td>
              {shown.map(({ state, name }) => (
                <td key={state} data-label={name} className="number">
                  {row[state] > 0 ? (
                    <a href={statusLink(row.id, state)}>{row[state].toLocaleString('en-US')}</a>
                  ) : (
                    <span className="quiet">0</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
