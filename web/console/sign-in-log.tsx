import { type ReactNode, useState } from 'react'
import type { SignInBody } from '../../src/graph/audit-contract.ts'
import type { SessionBody } from '../../src/graph/contract.ts'
import { useChanges } from '../look/reading.ts'
import { useAddress } from './address.ts'
import { Chronicle, closeEntry } from './chronicle.tsx'
import { logColumns, shownColumns } from './log-columns.tsx'
import { type LogSight, logFilter, results, wholeLog } from './log-sight.ts'
import { Page } from './page.tsx'
import { SignInDetails } from './sign-in-details.tsx'

const path = '/auditLogs/signIns'
interface Looking {
  readonly sight: LogSight
  look(change: Partial<LogSight>): void
}

/** The sign-in log: who was let in or kept out, when, and why. */
export function SignInLog({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('log', wholeLog)
  // Within a visit "the last hour" ends where it ended: the address of a list may not change by itself.
  const [now] = useState(Date.now)
  const close = () => closeEntry(sight, look)
  return (
    <Page section="log" session={session} live={live}>
      <Chronicle<SignInBody>
        title="Sign-in log"
        what="sign-ins"
        placeholder="Search user, device, address…"
        file="sign-ins"
        columns={shownColumns}
        exported={logColumns}
        filter={logFilter(sight, now)}
        empty={{
          filtered: 'No sign-in matches.',
          all: 'No sign-in yet. Every new or changed decision about a mail client is told here.',
        }}
        {...{ path, sight, look, tick }}
      >
        <Choices {...{ sight, look }} />
      </Chronicle>
      {sight.entry && (
        <SignInDetails key={sight.entry} id={sight.entry} {...{ tick, close, look }} />
      )}
    </Page>
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
