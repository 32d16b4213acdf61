import { createRoot } from 'react-dom/client'
import '../look/look.css'
import './console.css'
import './details.css'
import type { ReactNode } from 'react'
import { Door, SignedIn } from '../look/signed-in.tsx'
import { leave } from '../look/user-menu.tsx'
import { Devices } from './devices.tsx'
import { FirstAdministrator } from './first-administrator.tsx'

/** The one-time link that the first start prints carries its token behind `#`: it reaches no server log. */
const firstToken = new URLSearchParams(location.hash.slice(1)).get('first')

function Console(): ReactNode {
  return (
    <SignedIn title="Console" hint="For administrators of this site.">
      {(session, refresh) =>
        session.user.role === 'administrator' ? (
          <Devices session={session} refreshSession={refresh} />
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
