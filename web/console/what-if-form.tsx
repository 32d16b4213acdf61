import { type ReactNode, useId, useState } from 'react'
import type { Collection, ManagedDevice, UserRow } from '../../src/graph/contract.ts'
import { useReading } from '../look/reading.ts'
import {
  apps,
  clientApps,
  imagined,
  platformOf,
  platforms,
  type Question,
} from './what-if-question.ts'

/** Who signs in, with what and from where. Each change is asked at once. */
export function QuestionForm(properties: {
  sight: Question
  look(change: Partial<Question & { policy: string }>): void
  devices: readonly ManagedDevice[]
}): ReactNode {
  const { sight, look, devices } = properties
  const change = (name: keyof Question) => (value: string) => look({ [name]: value, policy: '' })
  const own = devices.map(
    ({ id, deviceName, easDeviceId }) => [id, deviceName || easDeviceId] as const,
  )
  return (
    <form
      className="sheet question"
      aria-label="The sign-in"
      onSubmit={(event) => event.preventDefault()}
    >
      <UserField value={sight.user} choose={(user) => look({ user, device: '', policy: '' })} />
      <Choice
        label="Device"
        value={sight.device}
        options={[['', 'None that is known'], ...own, ...imagined]}
        choose={(device) => {
          const row = devices.find(({ id }) => id === device)
          look({ device, policy: '', ...(row && { platform: platformOf(row) }) })
        }}
      />
      <Choice
        label="Platform"
        value={sight.platform}
        options={platforms}
        choose={change('platform')}
      />
      <Choice
        label="Client app"
        value={sight.client}
        options={clientApps}
        choose={change('client')}
      />
      <Choice label="App" value={sight.app} options={apps} choose={change('app')} />
      <Typed
        label="IP address"
        name="ip"
        pattern="[0-9A-Fa-f.:]+"
        value={sight.ip}
        enter={change('ip')}
      />
      <Typed
        label="Country (two letters)"
        name="country"
        pattern="[A-Za-z]{2}"
        value={sight.country}
        enter={(country) => change('country')(country.toUpperCase())}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={sight.done === 'mfa'}
          onChange={(event) => change('done')(event.target.checked ? 'mfa' : '')}
        />
        A second factor was given
      </label>
    </form>
  )
}

type Options = readonly (readonly [id: string, name: string])[]

function Choice(properties: {
  label: string
  value: string
  options: Options
  choose(id: string): void
}): ReactNode {
  const { label, value, options, choose } = properties
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        className="input"
        id={id}
        value={value}
        onChange={(event) => choose(event.target.value)}
      >
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Taken when it is left or Enter is pressed, or chosen from a list: half of an address is none. */
function Typed(properties: {
  label: string
  name: string
  value: string
  pattern?: string
  list?: string
  enter(text: string): void
}): ReactNode {
  const { label, name, value, pattern, list, enter } = properties
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    setKnown(value)
    setTyped(value)
  }
  const id = useId()
  const take = (input: HTMLInputElement) => {
    const text = input.value.trim()
    if (text !== value && input.reportValidity()) enter(text)
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        className="input"
        autoComplete="off"
        value={typed}
        {...{ id, name, pattern, list }}
        onChange={(event) => {
          setTyped(event.target.value)
          // What is typed comes letter by letter.
          if (list && kindOf(event.nativeEvent) === 'insertReplacementText') take(event.target)
        }}
        onBlur={(event) => take(event.target)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take(event.currentTarget)
        }}
      />
    </div>
  )
}

const kindOf = (event: Event): string | undefined =>
  event instanceof InputEvent ? event.inputType : 'insertReplacementText'

function UserField({ value, choose }: { value: string; choose(name: string): void }): ReactNode {
  const users = useReading<Collection<UserRow>>('/users?$top=1000&$orderby=userPrincipalName', 0)
  const id = useId()
  return (
    <>
      <Typed label="User" name="user" list={id} value={value} enter={choose} />
      <datalist id={id}>
        {users.value?.value.map(({ userPrincipalName, displayName }) => (
          <option key={userPrincipalName} value={userPrincipalName}>
            {displayName}
          </option>
        ))}
      </datalist>
    </>
  )
}
