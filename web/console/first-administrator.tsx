import { type ReactNode, useState } from 'react'
import { makeFirstAdministrator, Refused } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { Field, Form } from '../look/form.tsx'
import { Door } from '../look/signed-in.tsx'

/** The account that administers the site, made by whoever has the one-time link of the first start. */
export function FirstAdministrator({ token }: { token: string }): ReactNode {
  const [visible, setVisible] = useState(false)
  return (
    <Door
      title="Welcome to Postern"
      hint="Choose the account that administers this site. This link works once."
    >
      <Form
        action="Create administrator"
        submit={async (value) => {
          const [name, mail, password] = [value('name'), value('mail'), value('password')]
          await makeFirstAdministrator({ token, name, mail, password })
          // Without the token, which is worth nothing any more.
          location.replace(location.pathname)
        }}
        Told={Refusal}
      >
        <Field label="User name" name="name" autoComplete="username" autoFocus />
        <Field label="Mail address" name="mail" type="email" autoComplete="email" />
        <Field
          label="Password"
          name="password"
          type={visible ? 'text' : 'password'}
          autoComplete="new-password"
          minLength={10}
          hint="Ten characters or more."
        />
        <label className="check">
          <input
            type="checkbox"
            checked={visible}
            onChange={(event) => setVisible(event.target.checked)}
          />
          Show the password
        </label>
      </Form>
    </Door>
  )
}

function Refusal({ thrown }: { thrown: unknown }): ReactNode {
  if (!(thrown instanceof Refused) || thrown.code !== 'credentials.refused')
    return <Fault thrown={thrown} />
  return (
    <>
      <Fault thrown={thrown} />
      <p>
        If the account exists already, <a href="/console/">sign in</a>. While there is no
        administrator, each start of Postern prints a new link.
      </p>
    </>
  )
}
