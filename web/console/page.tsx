import type { ReactNode } from 'react'
import { Top } from './top.tsx'

/** A page of the console: what stands on top of all, and its content. */
export function Page({
  children,
  ...top
}: Parameters<typeof Top>[0] & { children: ReactNode }): ReactNode {
  return (
    <div className="frame">
      <Top {...top} />
      <main className="content">{children}</main>
    </div>
  )
}
