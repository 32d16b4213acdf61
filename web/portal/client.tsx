import { type ReactNode, useId, useState } from 'react'
import type { PortalBody, PortalClient } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { sayMoment } from '../look/moment.tsx'
import { Standing } from './standing.tsx'
import { Steps } from './steps.tsx'
import { said } from './said/said.ts'
import { needsCare, titleOf, tones } from './words.ts'

/** What can be asked of the server for a client. */
export type Act = (deed: 'confirm' | 'disown' | 'check', body?: object) => Promise<void>

/** One phone with its three steps; folded while there is nothing to do and others need care. */
export function Client(properties: {
  client: PortalClient
  devices: PortalBody['devices']
  asked: boolean
  alone: boolean
  again(): void
}): ReactNode {
  const { client, devices, asked, alone, again } = properties
  const [thrown, setThrown] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const [isOpen, setOpen] = useState(asked || alone || needsCare(client))
  const titleId = useId()

  const act: Act = async (deed, body = {}) => {
    setBusy(true)
    setThrown(undefined)
    try {
      await call('POST', `/me/clients/${client.id}/${deed}`, body)
      again()
    } catch (error) {
      setThrown(error)
    }
    setBusy(false)
  }

  return (
    <section className={`sheet client ${asked ? 'asked' : ''}`} aria-labelledby={titleId}>
      <header>
        <h2 id={titleId}>{titleOf(client)}</h2>
        <span className={`state ${tones[client.exchangeAccessState]}`}>
          {said().states[client.exchangeAccessState]}
        </span>
        <p className="quiet">{describe(client)}</p>
      </header>
      {isOpen ? (
        <>
          <Standing client={client} />
          {!client.blocked && <Steps {...{ client, devices, busy, act }} />}
          <Fault thrown={thrown} />
        </>
      ) : (
        <button type="button" className="link" onClick={() => setOpen(true)}>
          {said().showSteps}
        </button>
      )}
    </section>
  )
}

const describe = ({ model, operatingSystem, firstSeen }: PortalClient): string =>
  [model, operatingSystem, said().firstSeen(sayMoment(firstSeen))].filter(Boolean).join(' · ')
