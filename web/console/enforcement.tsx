import { type ReactNode, useState } from 'react'
import type { ManagedDevice, SessionBody } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/parts.tsx'

/** Tells whether the site observes or enforces, and whom enforcing would touch. */
export function Enforcement(properties: {
  session: SessionBody
  rows: readonly ManagedDevice[]
  changed(): Promise<void>
}): ReactNode {
  const { session, rows, changed } = properties
  const [thrown, setThrown] = useState<unknown>()
  const { enforcement, scope } = session.site

  async function set(state: 'observing' | 'enforcing') {
    const kept = rows.filter(
      (row) => !row.enforced && row.judged !== 'allow' && row.judged !== 'none',
    )
    const question =
      state === 'enforcing'
        ? `Begin enforcing for everyone? ${kept.length} of ${rows.length} devices lose mail until they meet the rules.`
        : 'Stop enforcing? Every device gets mail again.'
    if (!confirm(question)) return
    try {
      await call('PUT', '/postern/enforcement', { state, scope: 'all' })
      await changed()
      setThrown(undefined)
    } catch (error) {
      setThrown(error)
    }
  }

  const refused = rows.filter((row) => row.judged === 'block' || row.judged === 'quarantine').length
  return (
    <section className={`enforcement ${enforcement}`} aria-label="Enforcement">
      {enforcement === 'observing' ? (
        <p>
          <strong>Observing.</strong> Nothing changes for users: every decision is made and
          recorded, and all mail passes. Enforcing now would keep {refused} of {rows.length} devices
          out.
        </p>
      ) : (
        <p>
          <strong>Enforcing</strong>{' '}
          {scope === 'all' ? 'for everyone.' : `for ${scope.join(', ')}.`} {refused} of{' '}
          {rows.length} devices are kept out.
        </p>
      )}
      <button
        type="button"
        className={`button ${enforcement === 'observing' ? 'first' : ''}`}
        onClick={() => void set(enforcement === 'observing' ? 'enforcing' : 'observing')}
      >
        {enforcement === 'observing' ? 'Begin enforcing…' : 'Back to observing…'}
      </button>
      <Fault thrown={thrown} />
    </section>
  )
}
