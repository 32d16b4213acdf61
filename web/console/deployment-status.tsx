import { type ReactNode, useState } from 'react'
import type {
  DeployedDeviceRow,
  DeploymentBody,
  DeploymentReason,
} from '../../src/graph/collections-contract.ts'
import type { Collection } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { CollectionFromState } from './collection-from-state.tsx'
import type { Column } from './columns.tsx'
import { platformName, type State, stateName, states, statesOf } from './deployment-words.ts'
import { Details } from './details.tsx'
import { Export } from './export.tsx'
import { pageOf } from './pager.tsx'
import { Reasons } from './reasons.tsx'
import { Search } from './search.tsx'
import { Unreached } from './unreached.tsx'
import { counted } from './words.ts'
import { Rows } from './rows.tsx'

/** What is looked at: a policy (`all`: all together), one of its states, maybe one reason of that. */
export interface StatusSight {
  readonly policy: string
  readonly state: string
  readonly reason: string
  readonly search: string
  readonly sort: string
  readonly page: number
  readonly device: string
}

/** Leads to the status of a policy. */
export function statusLink(policy: string, state?: State, reason?: string): string {
  const query = new URLSearchParams({ view: 'policies', policy })
  if (state) query.set('state', state)
  if (reason) query.set('reason', reason)
  return `/console/?${query}`
}

interface Looking {
  readonly sight: StatusSight
  look(change: Partial<StatusSight>): void
  readonly tick: number
}

/** How devices stand under one policy: a tab per state, why, and which devices these are. */
export function Status({ sight, look, tick }: Looking): ReactNode {
  const path = `/postern/deployments/${encodeURIComponent(sight.policy)}`
  const { value, thrown } = useReading<DeploymentBody>(path, tick)
  const close = () => {
    look({ device: '' })
    // Back to where the reader came from.
    document.querySelector<HTMLElement>(`[data-device="${sight.device}"]`)?.focus()
  }
  return (
    <>
      <nav className="crumbs" aria-label="Back">
        <a href="/console/?view=policies">Compliance policies</a>
      </nav>
      {!value && <h1>Compliance policy</h1>}
      <Fault thrown={thrown} hint />
      {value && <Shown deployment={value} path={path} {...{ sight, look, tick }} />}
      <Waiting reading={{ value, thrown }} />
      {sight.device && <Details key={sight.device} id={sight.device} tick={tick} close={close} />}
    </>
  )
}

function Shown(properties: Looking & { deployment: DeploymentBody; path: string }): ReactNode {
  const { deployment, path, sight, look, tick } = properties
  const tab = states.find(({ state }) => state === sight.state)?.state ?? 'noncompliant'
  const reasons = deployment.reasons.filter(({ state }) => state === tab)
  const tabs = states.filter((one) => one.state === tab || statesOf(deployment).includes(one))
  return (
    <>
      <div>
        <h1>{deployment.displayName}</h1>
        <p className="quiet">
          {platformName(deployment.platform)} · {counted(deployment.total, 'device')}
        </p>
      </div>
      <Unreached tick={tick} {...(sight.policy !== 'all' && { policy: deployment.displayName })} />
      <div className="choices" role="group" aria-label="State">
        {tabs.map(({ state, name, tone }) => (
          <button
            key={state}
            type="button"
            className="choice"
            aria-pressed={state === tab}
            onClick={() => look({ state, reason: '', page: 0 })}
          >
            <span className={`dot ${tone}`} aria-hidden="true" /> {name}{' '}
            <span className="count">{deployment[state].toLocaleString('en-US')}</span>
          </button>
        ))}
      </div>
      <Reasons
        reasons={reasons}
        chosen={sight.reason}
        choose={(reason) => look({ reason, page: 0 })}
      />
      <Assets
        key={sight.policy}
        reason={reasons.find(({ id }) => id === sight.reason)}
        state={tab}
        {...{ deployment, path, sight, look, tick }}
      />
    </>
  )
}

/** Settings are told by their titles, which the reasons bring. */
function columnsOf({ reasons }: DeploymentBody): readonly Column<DeployedDeviceRow>[] {
  const titles = new Map(reasons.map(({ code, name }) => [code, name]))
  const unmet = ({ findings }: DeployedDeviceRow) =>
    [...new Set(findings.map(({ rule }) => titles.get(rule) ?? rule))].join('; ')
  return [
    { id: 'deviceName', name: 'Name', text: (row) => row.deviceName },
    { id: 'userPrincipalName', name: 'User', text: (row) => row.userPrincipalName },
    { id: 'state', name: 'State', unsorted: true, text: (row) => stateName(row.state) },
    { id: 'errorCategory', name: 'Error category', text: (row) => row.errorCategory },
    { id: 'errorId', name: 'Error ID', text: (row) => row.errorId },
    { id: 'findings', name: 'Not met', unsorted: true, text: unmet },
    {
      id: 'lastReportDateTime',
      name: 'Last report',
      text: (row) => row.lastReportDateTime ?? '',
      show: (row) => <Moment iso={row.lastReportDateTime} />,
    },
  ]
}

interface Listed extends Looking {
  readonly deployment: DeploymentBody
  readonly path: string
  readonly state: State
  readonly reason: DeploymentReason | undefined
}

/** Where the devices of a state, or of one of its reasons, are listed. */
function queryOf({ path, state, reason, sight }: Listed): {
  readonly path: string
  readonly query: URLSearchParams
} {
  return {
    path: reason ? `${path}/reasons/${encodeURIComponent(reason.id)}/devices` : `${path}/devices`,
    query: new URLSearchParams({
      $filter: `state eq '${state}'`,
      $orderby: sight.sort,
      ...(sight.search && { $search: sight.search }),
    }),
  }
}

function Assets(properties: Listed): ReactNode {
  const { deployment, state, reason, sight, look, tick } = properties
  const [unsaved, setUnsaved] = useState<unknown>()
  const { path, query } = queryOf(properties)
  const list = useReading<Collection<DeployedDeviceRow>>(
    `${path}?${pageOf(query, sight.page)}`,
    tick,
  )
  const count = list.value?.['@odata.count'] ?? 0
  const columns = columnsOf(deployment)
  const file = { path, query, columns, name: `${deployment.displayName}-${state}` }
  return (
    <>
      <div className="tools">
        <h2>{reason ? `Devices: ${reason.name}` : 'Devices'}</h2>
        {reason && (
          <button type="button" className="link" onClick={() => look({ reason: '', page: 0 })}>
            All of this state
          </button>
        )}
        <Search
          value={sight.search}
          placeholder="Search name, user, ID…"
          search={(search) => look({ search, page: 0 })}
        />
        {!reason && sight.policy !== 'all' && deployment[state] > 0 && (
          <Gather deployment={deployment} state={state} />
        )}
        <Export {...file} disabled={count === 0} failed={setUnsaved} />
        <Export {...file} format="JSON" disabled={count === 0} failed={setUnsaved} />
      </div>
      <Fault thrown={unsaved ?? list.thrown} hint />
      <Rows
        {...{ list, columns, sight, look }}
        caption="Devices in this state"
        total={reason?.deviceCount ?? deployment[state]}
        empty={sight.search ? 'No device matches.' : 'No device is in this state.'}
        chosen={sight.device}
        choose={(device) => look({ device })}
      />
    </>
  )
}

function Gather(properties: { deployment: DeploymentBody; state: State }): ReactNode {
  const { deployment, state } = properties
  const [asking, setAsking] = useState(false)
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Create collection…
      </button>
      {asking && (
        <CollectionFromState
          policy={deployment.id}
          state={state}
          name={`${deployment.displayName}: ${stateName(state).toLowerCase()}`}
          close={() => setAsking(false)}
        />
      )}
    </>
  )
}
