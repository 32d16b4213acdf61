import { type ReactNode, useState } from 'react'
import type { UnconfirmedBody } from '../../src/graph/draft-contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { Moment } from '../look/moment.tsx'
import { useReading } from '../look/reading.ts'

const path = '/postern/policies'

/** A change that is undone by itself unless somebody keeps it. */
export function Unconfirmed({ news }: { news: number }): ReactNode {
  const { value, again } = useReading<{ value: readonly UnconfirmedBody[] }>(
    `${path}/unconfirmed`,
    news,
  )
  const [failed, setFailed] = useState<unknown>()
  const [waiting] = value?.value ?? []
  async function keep() {
    try {
      await call('POST', `${path}/confirm`)
      setFailed(undefined)
    } catch (error) {
      setFailed(error)
    }
    again()
  }
  return (
    <>
      <Fault thrown={failed} hint />
      {waiting && (
        <section className="enforcement observing" aria-label="A change to be confirmed">
          <p>
            <strong>{waiting.actor}</strong> changed the policies on{' '}
            <Moment iso={waiting.changedDateTime} />. It is undone on{' '}
            <Moment iso={waiting.rollbackDateTime} /> unless somebody keeps it.
          </p>
          <button type="button" className="button first" onClick={() => void keep()}>
            Keep the change
          </button>
        </section>
      )}
    </>
  )
}
