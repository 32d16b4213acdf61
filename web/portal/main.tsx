import { createRoot } from 'react-dom/client'
import '../look/look.css'
import './portal.css'
import type { SessionBody } from '../../src/graph/contract.ts'
import { sessionNews } from '../look/api.ts'
import { speak } from '../look/language.ts'
import { SignedIn } from '../look/signed-in.tsx'
import { Clients } from './clients.tsx'
import { said } from './said/said.ts'

/** What somebody is known to like to read comes before what the browser is set to. */
function choose(preferred: string | null): void {
  speak([...(preferred === null ? [] : [preferred]), ...navigator.languages])
  document.title = said().page
}

choose(null)
sessionNews.addEventListener('begun', (event) => {
  if (!(event instanceof CustomEvent)) return
  const { user } = event.detail as SessionBody // as it is dispatched
  choose(user.preferredLanguage)
})

const place = document.getElementById('app')
if (place)
  createRoot(place).render(
    <SignedIn title={said().title} hint={said().signInHint}>
      {(session) => <Clients session={session} />}
    </SignedIn>,
  )
