import { type ReactNode, useEffect, useRef, useState } from 'react'

const typingMs = 200

/** Searches while one types, and at once with Enter. */
export function Search(properties: { value: string; search(text: string): void }): ReactNode {
  const { value, search } = properties
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  // The search was changed elsewhere: "Show all".
  if (known !== value) {
    setKnown(value)
    setTyped(value)
  }
  const latest = useRef(search)
  useEffect(() => {
    latest.current = search
  }, [search])
  useEffect(() => {
    if (typed === value) return undefined
    const timer = setTimeout(() => latest.current(typed), typingMs)
    return () => clearTimeout(timer)
  }, [typed, value])
  return (
    <form
      className="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        search(typed)
      }}
    >
      <label>
        <span className="hidden">Search devices</span>
        <input
          className="input"
          type="search"
          placeholder="Search name, user, model, ID…"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
    </form>
  )
}
