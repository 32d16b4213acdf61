import { type ReactNode, useCallback, useEffect, useState } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { currentSession, Refused, sessionNews } from './api.ts'
import { Dialog } from './dialog.tsx'
import { Fault } from './fault.tsx'
import { Mark } from './mark.tsx'
import { said } from './said.ts'
import { SignInForm } from './sign-in.tsx'

/** Shows `children` to whoever is signed in, and a sign-in form to everybody else. */
export function SignedIn(properties: {
  title: string
  hint: string
  children(session: SessionBody, refresh: () => void): ReactNode
}): ReactNode {
  const { title, hint, children } = properties
  const [session, setSession] = useState<SessionBody | 'none'>()
  const [ended, setEnded] = useState(false)
  const [thrown, setThrown] = useState<unknown>()

  const refresh = useCallback(() => {
    currentSession({ unattended: true }).then(
      (now) => {
        setThrown(undefined)
        setSession(now)
      },
      (error: unknown) => {
        if (error instanceof Refused && error.status === 401) setSession((was) => was ?? 'none')
        else setThrown(error)
      },
    )
  }, [])
  useEffect(refresh, [refresh])
  useEffect(() => {
    const end = () => setEnded(true)
    const begin = (event: Event) => {
      if (!(event instanceof CustomEvent)) return
      const begun = event.detail as SessionBody // as it is dispatched
      // Another person must not find what the first one was doing.
      if (typeof session === 'object' && session.user.name !== begun.user.name) location.reload()
      setSession(begun)
      setEnded(false)
    }
    sessionNews.addEventListener('ended', end)
    sessionNews.addEventListener('begun', begin)
    return () => {
      sessionNews.removeEventListener('ended', end)
      sessionNews.removeEventListener('begun', begin)
    }
  }, [session])

  if (session === undefined) return <Opening thrown={thrown} again={refresh} />
  if (session === 'none')
    return (
      <Door title={title} hint={hint}>
        <SignInForm />
      </Door>
    )
  return (
    <>
      {children(session, refresh)}
      {ended && <SignInAgain name={session.user.name} />}
    </>
  )
}

/** A form alone on its page. */
export function Door(properties: { title: string; hint: string; children: ReactNode }): ReactNode {
  return (
    <main className="door">
      <Mark title="Postern" />
      <div className="sheet form">
        <div>
          <h1>{properties.title}</h1>
          <p className="quiet">{properties.hint}</p>
        </div>
        {properties.children}
      </div>
    </main>
  )
}

function Opening({ thrown, again }: { thrown: unknown; again(): void }): ReactNode {
  if (thrown === undefined) return <p className="opening quiet">{said().oneMoment}</p>
  return (
    <main className="door">
      <Mark title="Postern" />
      <Fault thrown={thrown} hint />
      <button type="button" className="button" onClick={again}>
        {said().tryAgain}
      </button>
    </main>
  )
}

function SignInAgain({ name }: { name: string }): ReactNode {
  return (
    <Dialog title={said().ended}>
      <p className="quiet">{said().signInAgain}</p>
      <SignInForm name={name} />
    </Dialog>
  )
}
