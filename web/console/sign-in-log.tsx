import { type ReactNode, useState } from 'react'
import type { SignInBody } from '../../src/graph/audit-contract.ts'
import type { SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import { Export } from './export.tsx'
import { Grid } from './grid.tsx'
import { type Page as Rows, tokenOf } from './link.ts'
import { logColumns, shownColumns } from './log-columns.tsx'
import { type LogSight, logFilter, results, wholeLog } from './log-sight.ts'
import { Page } from './page.tsx'
import { Search } from './search.tsx'
import { SignInDetails } from './sign-in-details.tsx'
import { Turning } from './turning.tsx'

const path = '/auditLogs/signIns'
const rowsOnPage = 100

interface Looking {
  readonly sight: LogSight
  look(change: Partial<LogSight>): void
}

/** The sign-in log: who was let in or kept out, when, and why. */
export function SignInLog({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('log', wholeLog)
  const close = () => {
    look({ entry: '' })
    // Back to where the reader came from.
    document.querySelector<HTMLElement>(`[data-device="${sight.entry}"]`)?.focus()
  }
  return (
    <Page section="log" session={session} live={live}>
      <List {...{ sight, look, tick }} />
      {sight.entry && (
        <SignInDetails key={sight.entry} id={sight.entry} {...{ tick, close, look }} />
      )}
    </Page>
  )
}

function List({ sight, look, tick }: Looking & { tick: number }): ReactNode {
  const [unsaved, setUnsaved] = useState<unknown>()
  // Within a visit "the last hour" ends where it ended: the address of a list may not change by itself.
  const [now] = useState(Date.now)
  const filter = logFilter(sight, now)
  const query = new URLSearchParams(filter ? { $filter: filter } : {})
  const page = new URLSearchParams(query)
  page.set('$top', String(rowsOnPage))
  if (sight.before > 0) page.set('$skiptoken', String(sight.before))
  const list = useReading<Rows<SignInBody>>(`${path}?${page}`, tick)
  const rows = list.value?.value ?? []
  const file = { path, query, columns: logColumns, name: 'sign-ins' }
  const nothing = list.value !== undefined && rows.length === 0
  return (
    <>
      <div className="tools">
        <h1>Sign-in log</h1>
        <Search
          value={sight.search}
          what="sign-ins"
          placeholder="Search user, device, address…"
          search={(search) => look({ search, before: 0 })}
        />
        <Export {...file} disabled={nothing} failed={setUnsaved} />
        <Export {...file} format="JSON" disabled={nothing} failed={setUnsaved} />
      </div>
      <Choices {...{ sight, look }} />
      <Fault thrown={unsaved ?? list.thrown} hint />
      <div className="sheet grid">
        <Grid
          columns={shownColumns}
          rows={rows}
          caption="Sign-ins, newest first"
          sort=""
          sortBy={() => {}}
          chosen={sight.entry}
          choose={(entry) => look({ entry })}
        />
        {nothing && <Nothing isFiltered={filter !== ''} more={tokenOf(list.value) !== ''} />}
        <Waiting reading={list} />
      </div>
      {list.value && (
        <Turning
          key={filter}
          next={Number(tokenOf(list.value))}
          count={rows.length}
          before={sight.before}
          turn={(before) => look({ before, entry: '' })}
        />
      )}
    </>
  )
}

function Nothing({ isFiltered, more }: { isFiltered: boolean; more: boolean }): ReactNode {
  if (more)
    return <p className="empty quiet">None among the newest ones; older ones may match: go on.</p>
  return (
    <p className="empty quiet">
      {isFiltered
        ? 'No sign-in matches.'
        : 'No sign-in yet. Every new or changed decision about a mail client is told here.'}
    </p>
  )
}

const spans = [
  [0, 'All times'],
  [1, 'Last hour'],
  [24, 'Last 24 hours'],
  [168, 'Last 7 days'],
  [720, 'Last 30 days'],
] as const

function Choices({ sight, look }: Looking): ReactNode {
  return (
    <div className="tools">
      <div className="choices" role="group" aria-label="Result">
        {results.map(({ key, name }) => (
          <button
            key={key}
            type="button"
            className="choice"
            aria-pressed={key === sight.result}
            onClick={() => look({ result: key, before: 0 })}
          >
            {name}
          </button>
        ))}
      </div>
      <label>
        <span className="hidden">Time</span>
        <select
          className="input"
          value={sight.hours}
          onChange={(event) => look({ hours: Number(event.target.value), before: 0 })}
        >
          {spans.map(([hours, name]) => (
            <option key={hours} value={hours}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {sight.client && (
        <button
          type="button"
          className="choice"
          aria-pressed="true"
          onClick={() => look({ client: '', before: 0 })}
        >
          One client only <span aria-hidden="true">✕</span>
          <span className="hidden">: show all</span>
        </button>
      )}
    </div>
  )
}
