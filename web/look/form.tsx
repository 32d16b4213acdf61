import { type ReactNode, type SubmitEvent, useId, useState } from 'react'
import { Fault } from './fault.tsx'

/** A labelled input of a form. */
export function Field(properties: {
  label: string
  name: string
  hint?: string
  type?: string
  autoComplete?: string
  autoFocus?: boolean
  minLength?: number
  defaultValue?: string
  readOnly?: boolean
}): ReactNode {
  const { label, hint, ...input } = properties
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        className="input"
        required
        id={id}
        aria-describedby={hint && `${id}-hint`}
        data-focus={input.autoFocus}
        {...input}
      />
      {hint && (
        <span className="quiet" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  )
}

/** A form that runs `submit` once at a time and shows what it threw. */
export function Form(properties: {
  action: string
  submit(values: Values): Promise<void>
  /** Shows what was thrown in the form's own words; otherwise in the server's. */
  Told?: (properties: { thrown: unknown }) => ReactNode
  children: ReactNode
}): ReactNode {
  const { action, submit, Told = Fault, children } = properties
  const [thrown, setThrown] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  async function run(form: HTMLFormElement) {
    setBusy(true)
    setThrown(undefined)
    try {
      await submit(valuesOf(form))
    } catch (error) {
      setThrown(error)
    }
    setBusy(false)
  }

  return (
    <form
      className="form"
      onSubmit={(event: SubmitEvent<HTMLFormElement>) => {
        event.preventDefault()
        if (!busy) void run(event.currentTarget)
      }}
    >
      {children}
      {thrown !== undefined && <Told thrown={thrown} />}
      <button type="submit" className="button first" disabled={busy}>
        {busy ? 'One moment…' : action}
      </button>
    </form>
  )
}

/** What was typed into the fields, by name. */
export type Values = (name: string) => string

function valuesOf(form: HTMLFormElement): Values {
  const entries = new FormData(form)
  return (name) => {
    const value = entries.get(name)
    return typeof value === 'string' ? value : ''
  }
}
