import { type ReactNode, useEffect, useRef } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { Mark } from '../look/mark.tsx'
import { UserMenu } from '../look/user-menu.tsx'

/** The pages, by what they are about; the first of a group is where its link leads. */
const groups = [
  {
    name: 'Devices',
    pages: [
      { view: '', name: 'All devices' },
      { view: 'collections', name: 'Collections' },
    ],
  },
  { name: 'Compliance', pages: [{ view: 'policies', name: 'Compliance policies' }] },
  {
    name: 'Access',
    pages: [
      { view: 'access', name: 'Conditional access' },
      { view: 'rollout', name: 'Rollout' },
      { view: 'what-if', name: 'What if' },
    ],
  },
  {
    name: 'Records',
    pages: [
      { view: 'log', name: 'Sign-in log' },
      { view: 'history', name: 'History' },
    ],
  },
] as const

type View = (typeof groups)[number]['pages'][number]['view']

/** What stands above each page: the way to the others, and whether it follows what happens. */
export function Top(properties: { section: View; session: SessionBody; live: boolean }): ReactNode {
  const { section, session, live } = properties
  const inside = ({ pages }: (typeof groups)[number]) => pages.some(({ view }) => view === section)
  const pages: readonly Page[] = groups.find(inside)?.pages ?? []
  return (
    <div>
      <header className="top">
        <Mark title="Postern" />
        <nav aria-label="Sections">
          {groups.map((group) => (
            <a
              key={group.name}
              href={hrefOf(group.pages[0].view)}
              {...(inside(group) && { 'aria-current': pages.length > 1 ? 'true' : 'page' })}
            >
              {group.name}
            </a>
          ))}
        </nav>
        <span className={`live ${live ? 'on' : ''}`} role="status">
          {live ? 'Live' : 'Connecting…'}
        </span>
        <UserMenu session={session} />
      </header>
      {pages.length > 1 && <Pages pages={pages} section={section} />}
    </div>
  )
}

interface Page {
  readonly view: View
  readonly name: string
}

function Pages({ pages, section }: { pages: readonly Page[]; section: View }): ReactNode {
  const here = useRef<HTMLAnchorElement>(null)
  // On a phone they may be wider than the window.
  useEffect(() => here.current?.scrollIntoView({ inline: 'center', block: 'nearest' }), [])
  return (
    <nav className="pages" aria-label="In this section">
      {pages.map(({ view, name }) => (
        <a
          key={view}
          href={hrefOf(view)}
          {...(view === section && { 'aria-current': 'page', ref: here })}
        >
          {name}
        </a>
      ))}
    </nav>
  )
}

const hrefOf = (view: View): string => (view ? `/console/?view=${view}` : '/console/')
