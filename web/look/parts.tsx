import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { currentSession, Refused, signIn } from './api.ts'

/** What went wrong, in one line, with the id to ask the administrator about. */
export function Fault({ thrown }: { thrown: unknown }): ReactNode {
  if (thrown === undefined) return null
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const id = thrown instanceof Refused ? thrown.id : ''
  return (
    <p className="fault" role="alert">
      {text.charAt(0).toUpperCase() + text.slice(1)}.
      {id && <span className="quiet"> (id {id})</span>}
    </p>
  )
}

/** A labelled input of a form. */
export function Field(properties: {
  label: string
  name: string
  type?: string
  autoComplete?: string
  minLength?: number
}): ReactNode {
  const { label, ...input } = properties
  return (
    <label className="field">
      <span>{label}</span>
      <input className="input" required {...input} />
    </label>
  )
}

/** Product mark and title above a page or form. */
export function Mark({ title }: { title: string }): ReactNode {
  return (
    <div className="mark">
      <img src="/mark.svg" alt="" />
      {title}
    </div>
  )
}

/** A form that runs `submit` once at a time and shows what it threw. */
export function Form(properties: {
  action: string
  submit(values: Record<string, string>): Promise<void>
  children: ReactNode
}): ReactNode {
  const [thrown, setThrown] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  async function run(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const values: Record<string, string> = {}
    for (const [name, value] of new FormData(event.currentTarget)) values[name] = String(value)
    setBusy(true)
    setThrown(undefined)
    try {
      await properties.submit(values)
    } catch (error) {
      setThrown(error)
    }
    setBusy(false)
  }
  return (
    <form className="sheet door" onSubmit={(event) => void run(event)}>
      {properties.children}
      <Fault thrown={thrown} />
      <button type="submit" className="button first" disabled={busy}>
        {busy ? 'One moment…' : properties.action}
      </button>
    </form>
  )
}

/** Shows `children` to whoever is signed in, and a sign-in form to everybody else. */
export function SignedIn(properties: {
  title: string
  hint: string
  children(session: SessionBody, refresh: () => Promise<void>): ReactNode
}): ReactNode {
  const [session, setSession] = useState<SessionBody | 'none'>()
  const refresh = async () => {
    try {
      setSession(await currentSession())
    } catch {
      setSession('none') // not signed in, or the server is gone: the form will say which
    }
  }
  useEffect(() => void refresh(), [])
  if (session === undefined) return <p className="door quiet">One moment…</p>
  if (session !== 'none') return properties.children(session, refresh)
  return (
    <main>
      <Form
        action="Sign in"
        submit={async (values) =>
          setSession(await signIn(values['name'] ?? '', values['password'] ?? ''))
        }
      >
        <Mark title="Postern" />
        <div>
          <h1>{properties.title}</h1>
          <p className="quiet">{properties.hint}</p>
        </div>
        <Field label="User name or mail address" name="name" autoComplete="username" />
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
      </Form>
    </main>
  )
}
