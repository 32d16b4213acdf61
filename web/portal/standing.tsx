import type { ReactNode } from 'react'
import type { PortalClient } from '../../src/graph/contract.ts'
import { Moment } from '../look/moment.tsx'
import { said } from './said/said.ts'
import { Weighty } from './weighty.tsx'

/** For these the steps say what to do, and say it better. */
const toldBySteps: ReadonlySet<string> = new Set(['notEnrolled', 'notActivated', 'notCompliant'])

/** How mail stands on this phone in one look: it comes, it waits, or it will be held back, and why. */
export function Standing({ client }: { client: PortalClient }): ReactNode {
  const { exchangeAccessState: state, why, blocked, graceUntil, compliance } = client
  if (blocked)
    return (
      <div className="standing bad">
        <p>
          <Weighty text={said().blocked} />
        </p>
      </div>
    )
  if (state === 'allowed' && why)
    return (
      <div className="standing warn">
        <p>
          <Weighty text={said().notForLong} /> {why.explanation}{' '}
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
            {said().until} <Moment iso={graceUntil} />.
          </strong>{' '}
          {said().beforeThat}
        </p>
      </div>
    )
  if (state === 'allowed')
    return (
      <div className="standing good">
        <p>
          <strong>{compliance === 'done' ? said().allDone : said().comes}</strong> {said().byItself}
        </p>
      </div>
    )
  return null
}
