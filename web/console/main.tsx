import { createRoot } from 'react-dom/client'
import '../look/look.css'
import './console.css'
import type { ReactNode } from 'react'
import { makeFirstAdministrator, signOut } from '../look/api.ts'
import { Field, Form, Mark, SignedIn } from '../look/parts.tsx'
import { Devices } from './devices.tsx'

/** The one-time link that the first start prints carries its token behind `#`: it reaches no server log. */
const firstToken = new URLSearchParams(location.hash.slice(1)).get('first')

function FirstAdministrator({ token }: { token: string }): ReactNode {
  return (
    <main>
      <Form
        action="Create administrator"
        submit={async (values) => {
          await makeFirstAdministrator({
            token,
            name: values['name'] ?? '',
            mail: values['mail'] ?? '',
            password: values['password'] ?? '',
          })
          location.hash = ''
          location.reload()
        }}
      >
        <Mark title="Postern" />
        <div>
          <h1>Welcome</h1>
          <p className="quiet">
            This link works once. Choose the account that administers this site; ten characters or
            more for the password.
          </p>
        </div>
        <Field label="User name" name="name" autoComplete="username" />
        <Field label="Mail address" name="mail" type="email" autoComplete="email" />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={10}
        />
      </Form>
    </main>
  )
}

function Console(): ReactNode {
  return (
    <SignedIn title="Console" hint="For administrators of this site.">
      {(session, refresh) =>
        session.user.role === 'administrator' ? (
          <Devices session={session} refreshSession={refresh} />
        ) : (
          <main className="sheet door">
            <h1>Administrators only</h1>
            <p>
              You are signed in as {session.user.name}. Your own devices are in the{' '}
              <a href="/portal/">portal</a>.
            </p>
            <button
              type="button"
              className="button"
              onClick={() => void signOut().finally(() => location.reload())}
            >
              Sign out
            </button>
          </main>
        )
      }
    </SignedIn>
  )
}

const place = document.getElementById('app')
if (place)
  createRoot(place).render(firstToken ? <FirstAdministrator token={firstToken} /> : <Console />)
