import { type ReactNode, useState } from 'react'
import type {
  Collection,
  DeviceOverview,
  ManagedDevice,
  SessionBody,
} from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { type Sight, useSight } from './address.ts'
import { Choices, filterOf } from './choices.tsx'
import { ColumnChooser } from './chooser.tsx'
import { useChosenColumns } from './chosen-columns.ts'
import { Details } from './details.tsx'
import { Enforcement } from './enforcement.tsx'
import { Export } from './export.tsx'
import { FirstSteps } from './first-steps.tsx'
import { pageOf } from './pager.tsx'
import { Rows } from './rows.tsx'
import { Search } from './search.tsx'
import { Top } from './top.tsx'

const path = '/deviceManagement/managedDevices'

function queryOf({ search, show, sort }: Sight): URLSearchParams {
  const filter = filterOf(show)
  return new URLSearchParams({
    $orderby: sort,
    ...(search && { $search: search }),
    ...(filter && { $filter: filter }),
  })
}

/** The devices page: who reads mail with what, in which state, and why. */
export function Devices(properties: { session: SessionBody; refreshSession(): void }): ReactNode {
  const { session, refreshSession } = properties
  const { tick, live } = useChanges('/postern/changes', (kinds) => {
    if (kinds.includes('access.policies') || kinds.includes('opened')) refreshSession()
  })
  const overview = useReading<DeviceOverview>('/deviceManagement/managedDeviceOverview', tick)
  const [sight, look] = useSight()
  const close = () => {
    look({ device: '' })
    // Back to where the reader came from.
    document.querySelector<HTMLElement>(`[data-device="${sight.device}"]`)?.focus()
  }
  return (
    <div className="frame">
      <Top section="" session={session} live={live} />
      <Enforcement session={session} overview={overview.value} changed={refreshSession} />
      <main className="content">
        {overview.value?.totalDeviceCount === 0 ? (
          <FirstSteps session={session} tick={tick} />
        ) : (
          <List session={session} overview={overview.value} {...{ sight, look, tick }} />
        )}
        <Fault thrown={overview.thrown} hint />
      </main>
      {sight.device && <Details key={sight.device} id={sight.device} tick={tick} close={close} />}
    </div>
  )
}

function List(properties: {
  session: SessionBody
  overview: DeviceOverview | undefined
  sight: Sight
  look(change: Partial<Sight>): void
  tick: number
}): ReactNode {
  const { session, overview, sight, look, tick } = properties
  const observing = session.site.enforcement === 'observing'
  const { shown, isShown, toggle } = useChosenColumns(session.user.name, observing)
  const [unsaved, setUnsaved] = useState<unknown>()
  const query = queryOf(sight)
  const list = useReading<Collection<ManagedDevice>>(`${path}?${pageOf(query, sight.page)}`, tick)
  const count = list.value?.['@odata.count'] ?? 0
  return (
    <>
      <div className="tools">
        <h1>Devices</h1>
        <Search value={sight.search} search={(search) => look({ search, page: 0 })} />
        <ColumnChooser isShown={isShown} toggle={toggle} />
        <Export
          path={path}
          query={query}
          columns={shown}
          name="devices"
          disabled={count === 0}
          failed={setUnsaved}
        />
      </div>
      <Choices overview={overview} chosen={sight.show} choose={(show) => look({ show, page: 0 })} />
      <Fault thrown={unsaved ?? list.thrown} hint />
      <Rows
        {...{ list, sight, look }}
        columns={shown}
        caption="Devices and their Exchange Access State"
        total={overview?.totalDeviceCount ?? count}
        empty={
          <>
            No device matches.{' '}
            <button
              type="button"
              className="link"
              onClick={() => look({ search: '', show: 'all', page: 0 })}
            >
              Show all
            </button>
          </>
        }
        chosen={sight.device}
        choose={(device) => look({ device })}
      />
    </>
  )
}
