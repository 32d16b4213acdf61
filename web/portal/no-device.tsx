import type { ReactNode } from 'react'
import type { SessionBody } from '../../src/graph/contract.ts'

/** What to type into a phone that is not here yet. */
export function NoDevice({ session }: { session: SessionBody }): ReactNode {
  return (
    <section className="sheet client" aria-labelledby="no-device">
      <h2 id="no-device">No device yet</h2>
      <p>
        Open the settings of your phone or tablet and add a mail account of the kind{' '}
        <strong>Exchange</strong> (on Android: <strong>Exchange and Office 365</strong>, or{' '}
        <strong>Corporate</strong>):
      </p>
      <dl className="account">
        <div>
          <dt>Mail address</dt>
          <dd>{session.user.mail}</dd>
        </div>
        <div>
          <dt>Server</dt>
          <dd>{location.host}</dd>
        </div>
        <div>
          <dt>User name</dt>
          <dd>{session.user.name}</dd>
        </div>
        <div>
          <dt>Password</dt>
          <dd>the one you signed in with here</dd>
        </div>
      </dl>
      <p className="quiet">The device appears here within seconds of its first connection.</p>
    </section>
  )
}
