import type { ReactNode } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { signOut } from './api.ts'
import { said } from './said.ts'

/** Who is signed in, and the way out. */
export function UserMenu({ session }: { session: SessionBody }): ReactNode {
  const { displayName, name } = session.user
  return (
    <div className="who">
      <span className="quiet">{displayName || name}</span>
      <button type="button" className="button" onClick={leave}>
        {said().signOut}
      </button>
    </div>
  )
}

/** Ends the session and begins anew, also where the server could not be told. */
export function leave(): void {
  void signOut().finally(() => location.assign(location.pathname))
}
