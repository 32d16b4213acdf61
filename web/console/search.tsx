import { type ReactNode, useEffect, useRef, useState } from 'react'

const typingMs = 200

/** Searches while one types, and at once with Enter. */
export function Search(properties: {
  value: string
  what?: string
  placeholder?: string
  search(text: string): void
}): ReactNode {
  const {
    value,
    what = 'devices',
    placeholder = 'Search name, user, model, ID…',
    search,
  } = properties
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
        <span className="hidden">Search {what}</span>
        <input
          className="input"
          type="search"
          placeholder={placeholder}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
    </form>
  )
}
