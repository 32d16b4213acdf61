import { createRoot } from 'react-dom/client'
import '../look/look.css'
import './console.css'
import './details.css'
import './policies.css'
import type { ReactNode } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { Door, SignedIn } from '../look/signed-in.tsx'
import { leave } from '../look/user-menu.tsx'
import { AccessPolicies } from './access-policies.tsx'
import { Collections } from './collections.tsx'
import { Devices } from './devices.tsx'
import { FirstAdministrator } from './first-administrator.tsx'
import { History } from './history.tsx'
import { Policies } from './policies.tsx'
import { Rollouts } from './rollouts.tsx'
import { SignInLog } from './sign-in-log.tsx'
import { WhatIf } from './what-if.tsx'

/** The one-time link that the first start prints carries its token behind `#`: it reaches no server log. */
const firstToken = new URLSearchParams(location.hash.slice(1)).get('first')

/** Sections are links, so that the way back is the browser's own. */
const view = new URLSearchParams(location.search).get('view')

function Section(properties: { session: SessionBody; refreshSession(): void }): ReactNode {
  if (view === 'policies') return <Policies session={properties.session} />
  if (view === 'collections') return <Collections session={properties.session} />
  if (view === 'access') return <AccessPolicies session={properties.session} />
  if (view === 'rollout') return <Rollouts session={properties.session} />
  if (view === 'what-if') return <WhatIf session={properties.session} />
  if (view === 'history') return <History session={properties.session} />
  if (view === 'log') return <SignInLog session={properties.session} />
  return <Devices {...properties} />
}

function Console(): ReactNode {
  return (
    <SignedIn title="Console" hint="For administrators of this site.">
      {(session, refresh) =>
        session.user.role === 'administrator' ? (
          <Section session={session} refreshSession={refresh} />
        ) : (
          <Door
            title="Administrators only"
            hint={`You are signed in as ${session.user.name}. Your own devices are in the portal.`}
          >
            <a className="button first" href="/portal/">
              Open the portal
            </a>
            <button type="button" className="button" onClick={leave}>
              Sign out
            </button>
          </Door>
        )
      }
    </SignedIn>
  )
}

const place = document.getElementById('app')
if (place)
  createRoot(place).render(firstToken ? <FirstAdministrator token={firstToken} /> : <Console />)
