import type { ReactNode } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'
import { said } from './said/said.ts'
import { Weighty } from './weighty.tsx'

/** What to type into a phone that is not here yet. */
export function NoDevice({ session }: { session: SessionBody }): ReactNode {
  return (
    <section className="sheet client" aria-labelledby="no-device">
      <h2 id="no-device">{said().noDevice}</h2>
      <p>
        <Weighty text={said().addAccount} />
      </p>
      <dl className="account">
        <div>
          <dt>{said().address}</dt>
          <dd>{session.user.mail}</dd>
        </div>
        <div>
          <dt>{said().server}</dt>
          <dd>{location.host}</dd>
        </div>
        <div>
          <dt>{said().userName}</dt>
          <dd>{session.user.name}</dd>
        </div>
        <div>
          <dt>{said().password}</dt>
          <dd>{said().samePassword}</dd>
        </div>
      </dl>
      <p className="quiet">{said().appears}</p>
    </section>
  )
}
