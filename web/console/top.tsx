import { type ReactNode, useEffect, useRef } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { Mark } from '../look/mark.tsx'
import { UserMenu } from '../look/user-menu.tsx'

const sections = [
  { view: '', name: 'Devices', href: '/console/' },
  { view: 'policies', name: 'Compliance policies', href: '/console/?view=policies' },
  { view: 'access', name: 'Conditional access', href: '/console/?view=access' },
  { view: 'collections', name: 'Collections', href: '/console/?view=collections' },
  { view: 'rollout', name: 'Rollout', href: '/console/?view=rollout' },
  { view: 'what-if', name: 'What if', href: '/console/?view=what-if' },
  { view: 'log', name: 'Sign-in log', href: '/console/?view=log' },
  { view: 'history', name: 'History', href: '/console/?view=history' },
] as const

/** What stands above each page: the way to the others, and whether it follows what happens. */
export function Top(properties: {
  section: (typeof sections)[number]['view']
  session: SessionBody
  live: boolean
}): ReactNode {
  const { section, session, live } = properties
  const here = useRef<HTMLAnchorElement>(null)
  // On a phone the sections are wider than the window.
  useEffect(() => here.current?.scrollIntoView({ inline: 'center', block: 'nearest' }), [])
  return (
    <header className="top">
      <Mark title="Postern" />
      <nav aria-label="Sections">
        {sections.map(({ view, name, href }) => (
          <a
            key={view}
            href={href}
            {...(view === section && { 'aria-current': 'page', ref: here })}
          >
            {name}
          </a>
        ))}
      </nav>
      <span className={`live ${live ? 'on' : ''}`} role="status">
        {live ? 'Live' : 'Connecting…'}
      </span>
      <UserMenu session={session} />
    </header>
  )
}
