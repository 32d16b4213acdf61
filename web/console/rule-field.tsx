import { type ReactNode, useId, useRef } from 'react'
import { Refused } from '../look/api.ts'

/** Where a rule is not understood, and why. */
interface Place {
  /** Characters before it. */
  readonly at: number
  readonly why: string
  readonly id: string
}

/** The place that a refusal names, in the words of docs/failures.md: `filter.invalid` gives it in its detail. */
export function placeOf(thrown: unknown, rule: string): Place | undefined {
  if (!(thrown instanceof Refused) || thrown.code !== 'filter.invalid') return undefined
  const [, number, why] = /character (\d+): (.*)/s.exec(thrown.message) ?? []
  const { id } = thrown
  if (number === undefined || why === undefined) return { at: rule.length, why: thrown.message, id }
  return { at: Number(number) - 1, why, id }
}

/** A rule in the language of device filters; what is wrong with it is shown where it is wrong. */
export function RuleField(properties: {
  value: string
  kind: 'user' | 'device'
  place: Place | undefined
  change(rule: string): void
}): ReactNode {
  const { value, kind, place, change } = properties
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  return (
    <div className="field">
      <label htmlFor={id}>Rule</label>
      <textarea
        className="input code"
        rows={3}
        spellCheck={false}
        ref={field}
        {...{ id, value }}
        aria-describedby={`${id}-hint`}
        aria-invalid={place !== undefined}
        aria-errormessage={place && `${id}-fault`}
        onChange={(event) => change(event.target.value)}
      />
      {place && (
        <div className="fault" id={`${id}-fault`} role="alert">
          <p>{place.why}.</p>
          <p>
            <code>{value.slice(0, place.at)}</code>
            <mark>{value.slice(place.at) || 'here'}</mark>
          </p>
          <p className="reference">filter.invalid{place.id && ` · id ${place.id}`}</p>
          <p>
            <button
              type="button"
              className="link"
              onClick={() => {
                field.current?.focus()
                field.current?.setSelectionRange(place.at, value.length)
              }}
            >
              Go there
            </button>
          </p>
        </div>
      )}
      <span className="quiet" id={`${id}-hint`}>
        {kind === 'device' ? (
          <>
            Every device that meets it is a member. Example:{' '}
            <code>device.platform -eq "iOS" -and device.model -startsWith "iPhone"</code>
          </>
        ) : (
          <>
            Every user who meets it is a member. Example:{' '}
            <code>user.memberOf -contains "Field staff"</code>
          </>
        )}
      </span>
    </div>
  )
}
