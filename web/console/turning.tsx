import { type ReactNode, useState } from 'react'

/** Newer and older entries; how many there are in all, a log does not know. */
export function Turning(properties: {
  /** Behind which entry the next page begins, and behind which this one does; 0 for none. */
  next: number
  before: number
  count: number
  turn(before: number): void
}): ReactNode {
  const { next, before, count, turn } = properties
  // The way that was come; after a reload it begins where the page does.
  const [trail, setTrail] = useState<readonly number[]>([])
  const go = (to: number, way: readonly number[]) => {
    setTrail(way)
    turn(to)
    scrollTo({ top: 0 })
  }
  return (
    <nav className="pager" aria-label="Pages">
      <p className="quiet" role="status">
        {count.toLocaleString('en-US')} shown{before === 0 && next > 0 && ', the newest'}
      </p>
      {before > 0 && (
        <>
          <button type="button" className="button" onClick={() => go(0, [])}>
            Newest
          </button>
          <button
            type="button"
            className="button"
            onClick={() => go(trail.at(-1) ?? 0, trail.slice(0, -1))}
          >
            Newer
          </button>
        </>
      )}
      {next > 0 && (
        <button type="button" className="button" onClick={() => go(next, [...trail, before])}>
          Older
        </button>
      )}
    </nav>
  )
}
