import { type ReactNode, useEffect, useState } from 'react'
import { Refused, signIn } from './api.ts'
import { Fault } from './fault.tsx'
import { Field, Form } from './form.tsx'
import { said } from './said.ts'

/** Name and password. `name` is given where the same person signs in again. */
export function SignInForm({ name }: { name?: string }): ReactNode {
  return (
    <Form
      action={said().signIn}
      submit={async (value) => void (await signIn(value('name'), value('password')))}
      Told={SignInFault}
    >
      <Field
        label={said().userName}
        name="name"
        autoComplete="username"
        autoFocus={!name}
        {...(name && { defaultValue: name })}
      />
      <Field
        label={said().password}
        name="password"
        type="password"
        autoComplete="current-password"
        autoFocus={Boolean(name)}
      />
    </Form>
  )
}

function SignInFault({ thrown }: { thrown: unknown }): ReactNode {
  if (!(thrown instanceof Refused)) return <Fault thrown={thrown} />
  const reference = `${thrown.code} · id ${thrown.id}`
  if (thrown.code === 'credentials.refused')
    return (
      <div className="fault" role="alert">
        <p>{said().wrong}</p>
        <p>{said().wrongMore}</p>
        <p className="reference">{reference}</p>
      </div>
    )
  if (thrown.code === 'credentials.throttled')
    return (
      <div className="fault" role="alert">
        <p>{said().tooMany}</p>
        <Wait key={thrown.id} seconds={thrown.waitSeconds} />
        <p className="reference">{reference}</p>
      </div>
    )
  return <Fault thrown={thrown} />
}

/** Counts down; a screen reader hears the first number only. */
function Wait({ seconds }: { seconds: number }): ReactNode {
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    const timer = setInterval(() => setLeft((now) => Math.max(0, now - 1)), 1000)
    return () => clearInterval(timer)
  }, [])
  return <p aria-live="off">{left > 0 ? said().wait(left) : said().waited}</p>
}
