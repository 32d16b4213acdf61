import type { ReactNode } from 'react'
import type { Reading } from './reading.ts'
import { said } from './said.ts'

/** Says so while there is nothing to show yet, and nothing to complain about. */
export function Waiting<T>({
  reading: { value, thrown },
}: {
  reading: Pick<Reading<T>, 'value' | 'thrown'>
}): ReactNode {
  if (value !== undefined || thrown !== undefined) return null
  return <p className="empty quiet">{said().oneMoment}</p>
}
