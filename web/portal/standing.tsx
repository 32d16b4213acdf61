import type { ReactNode } from 'react'
import type { PortalClient } from '../../src/graph/contract.ts'
import { Moment } from '../look/moment.tsx'

/** For these the steps say what to do, and say it better. */
const toldBySteps: ReadonlySet<string> = new Set(['notEnrolled', 'notActivated', 'notCompliant'])

/** How mail stands on this phone in one look: it comes, it waits, or it will be held back, and why. */
export function Standing({ client }: { client: PortalClient }): ReactNode {
  const { exchangeAccessState: state, why, blocked, graceUntil, compliance } = client
  if (blocked)
    return (
      <div className="standing bad">
        <p>
          <strong>This device gets no mail.</strong> You or an administrator blocked it. If that was
          a mistake, ask your help desk to take it back.
        </p>
      </div>
    )
  if (state === 'allowed' && why)
    return (
      <div className="standing warn">
        <p>
          <strong>Mail still comes, but not for long.</strong> Your organisation only watches for
          now; soon it will hold mail back here. {why.explanation}{' '}
          {!toldBySteps.has(why.code) && why.whatToDo}
        </p>
      </div>
    )
  if (why && state !== 'allowed')
    return (
      <div className={`standing ${state === 'blocked' ? 'bad' : 'warn'}`}>
        <p>
          <strong>{why.title}.</strong> {why.explanation}
        </p>
        {!toldBySteps.has(why.code) && <p>{why.whatToDo}</p>}
      </div>
    )
  if (state === 'allowed' && graceUntil && client.issues.length > 0)
    return (
      <div className="standing warn">
        <p>
          <strong>
            Mail comes until <Moment iso={graceUntil} />.
          </strong>{' '}
          Put right what is listed below before that.
        </p>
      </div>
    )
  if (state === 'allowed')
    return (
      <div className="standing good">
        <p>
          <strong>
            {compliance === 'done'
              ? 'All done: mail comes to this device.'
              : 'Mail comes to this device.'}
          </strong>{' '}
          It arrives by itself, within minutes. There is nothing that you need to do.
        </p>
      </div>
    )
  return null
}
