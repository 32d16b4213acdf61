import { useCallback, useEffect, useState } from 'react'

/** What is looked at: kept in the address, so that it survives a reload and can be sent to a colleague. */
export interface Sight {
  readonly search: string
  /** Key of a choice of devices. */
  readonly show: string
  /** A column, with ` desc` for the other way round. */
  readonly sort: string
  /** From 0. */
  readonly page: number
  /** The device whose details are open. */
  readonly device: string
}

const first: Sight = { search: '', show: 'all', sort: 'deviceName', page: 0, device: '' }

function readAddress(): Sight {
  const query = new URLSearchParams(location.search)
  const text = (name: 'search' | 'show' | 'sort' | 'device') => query.get(name) ?? first[name]
  const page = Number(query.get('page') ?? 0)
  return {
    search: text('search'),
    show: text('show'),
    sort: text('sort'),
    page: Number.isSafeInteger(page) && page > 0 ? page : 0,
    device: text('device'),
  }
}

function writeAddress(sight: Sight): void {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(sight))
    if (value !== first[name as keyof Sight]) query.set(name, String(value)) // it has these names only
  const text = query.toString()
  history.replaceState(null, '', text ? `?${text}` : location.pathname)
}

/** What is looked at, and its change. */
export function useSight(): readonly [Sight, (change: Partial<Sight>) => void] {
  const [sight, setSight] = useState(readAddress)
  useEffect(() => writeAddress(sight), [sight])
  const look = useCallback(
    (change: Partial<Sight>) => setSight((was) => ({ ...was, ...change })),
    [],
  )
  return [sight, look]
}
