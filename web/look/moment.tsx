import type { ReactNode } from 'react'

/** A moment as this browser writes it, to the minute; in full, and in UTC, for whoever points at it. */
export function Moment({ iso }: { iso: string | null }): ReactNode {
  if (!iso) return null
  const utc = `${iso.slice(0, 19).replace('T', ' ')} UTC`
  return (
    <time dateTime={iso} title={utc}>
      {sayMoment(iso)}
    </time>
  )
}

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** The same as text. */
export const sayMoment = (iso: string): string => format.format(new Date(iso))
