import type { ReactNode } from 'react'

/** What of a policy cannot be evaluated, each with its reason; nothing where all of it can. */
export function NotUnderstood({ what }: { what: readonly string[] }): ReactNode {
  if (what.length === 0) return null
  return (
    <section>
      <h2>Not understood, so it refuses where it applies</h2>
      <ul>
        {what.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  )
}
