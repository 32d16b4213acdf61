import type { ReactNode } from 'react'
import { spokenLocale } from './language.ts'

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

const style = { dateStyle: 'medium', timeStyle: 'short' } as const
const formats = new Map<string | undefined, Intl.DateTimeFormat>()

/** The same as text. */
export function sayMoment(iso: string): string {
  const locale = spokenLocale()
  const format = formats.get(locale) ?? new Intl.DateTimeFormat(locale, style)
  formats.set(locale, format)
  return format.format(new Date(iso))
}
