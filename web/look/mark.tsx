import type { ReactNode } from 'react'

/** Product mark and title above a page or form. */
export function Mark({ title }: { title: string }): ReactNode {
  return (
    <div className="mark">
      <img src="/mark.svg" alt="" width="28" height="28" />
      {title}
    </div>
  )
}
