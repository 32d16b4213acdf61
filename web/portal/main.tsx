import { createRoot } from 'react-dom/client'
import '../look/look.css'
import './portal.css'
import { SignedIn } from '../look/signed-in.tsx'
import { Clients } from './clients.tsx'

const place = document.getElementById('app')
if (place)
  createRoot(place).render(
    <SignedIn
      title="Your mail devices"
      hint="Sign in with the name and password of your mail account."
    >
      {(session) => <Clients session={session} />}
    </SignedIn>,
  )
