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

/** Texts, and numbers from 0. */
type Kept<T> = { readonly [K in keyof T]: string | number }

function readAddress<T extends Kept<T>>(first: T): T {
  const query = new URLSearchParams(location.search)
  const read = Object.entries<string | number>(first).map(([name, usual]) => {
    const text = query.get(name) ?? String(usual)
    if (typeof usual === 'string') return [name, text]
    const number = Number(text)
    return [name, Number.isSafeInteger(number) && number > 0 ? number : usual]
  })
  return Object.fromEntries(read) as T // of the same names and types
}

function writeAddress<T extends Kept<T>>(view: string, first: T, sight: T): void {
  const query = new URLSearchParams(view ? { view } : {})
  for (const [name, value] of Object.entries<string | number>(sight))
    if (value !== first[name as keyof T]) query.set(name, String(value)) // it has these names only
  const text = query.toString()
  history.replaceState(null, '', text ? `?${text}` : location.pathname)
}

/** What the page called `view` looks at, and its change; `first` is what it looks at without an address. */
export function useAddress<T extends Kept<T>>(
  view: string,
  first: T,
): readonly [T, (change: Partial<T>) => void] {
  const [usual] = useState(first)
  const [sight, setSight] = useState(() => readAddress(usual))
  useEffect(() => writeAddress(view, usual, sight), [view, usual, sight])
  const look = useCallback((change: Partial<T>) => setSight((was) => ({ ...was, ...change })), [])
  return [sight, look]
}

/** What the devices page looks at, and its change. */
export const useSight = () => useAddress('', first)
