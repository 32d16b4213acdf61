import type { ReactNode } from 'react'
import { counted } from './words.ts'

/** Rows on one page: few enough to draw at once, enough to scroll through. */
const pageRows = 100

/** A query for one page of what it finds; pages count from 0. */
export function pageOf(query: URLSearchParams, page: number): URLSearchParams {
  const part = new URLSearchParams(query)
  part.set('$top', String(pageRows))
  part.set('$skip', String(page * pageRows))
  return part
}

/** Where in the list the page stands, and the way on. */
export function Pager(properties: {
  page: number
  count: number
  total: number
  turn(page: number): void
  noun?: string
}): ReactNode {
  const { page, count, total, turn, noun = 'device' } = properties
  const last = Math.max(0, Math.ceil(count / pageRows) - 1)
  const from = page * pageRows + 1
  const to = Math.min(count, from + pageRows - 1)
  const number = (value: number) => value.toLocaleString('en-US')
  return (
    <nav className="pager" aria-label="Pages">
      <p className="quiet" role="status">
        {count > pageRows && `${number(from)}–${number(to)} of `}
        {counted(count, noun)}
        {count < total && ` of ${number(total)}`}
      </p>
      {last > 0 && (
        <>
          <button
            type="button"
            className="button"
            disabled={page === 0}
            onClick={() => turn(page - 1)}
          >
            Previous
          </button>
          <span className="quiet">
            Page {number(page + 1)} of {number(last + 1)}
          </span>
          <button
            type="button"
            className="button"
            disabled={page >= last}
            onClick={() => turn(page + 1)}
          >
            Next
          </button>
        </>
      )}
    </nav>
  )
}
