import { type ReactNode, useState } from 'react'
import type { MyMailProfiles } from '../../src/graph/contract.ts'
import { call } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { said } from './said/said.ts'
import { Weighty } from './weighty.tsx'

/** The account as a profile, for phones of people whom one is meant for; and what they are to remove again. */
export function MailSetup({ tick }: { tick: number }): ReactNode {
  const { value, again } = useReading<MyMailProfiles>('/me/mail-profiles', tick)
  // What keeps it from being read keeps the rest of the page from it too, and that says so.
  if (!value) return null
  return (
    <>
      {value.remove.map((profile) => (
        <Removal key={profile.identifier + profile.place} profile={profile} again={again} />
      ))}
      {value.value.length > 0 && <Offers offers={value.value} />}
    </>
  )
}

function Offers({ offers }: { offers: MyMailProfiles['value'] }): ReactNode {
  return (
    <section className="sheet client" aria-labelledby="mail-setup">
      <h2 id="mail-setup">{said().setUp}</h2>
      <p>
        <Weighty text={said().prepared} />
      </p>
      {offers.map(({ id, displayName, description }) => (
        <div className="answers start" key={id}>
          <a
            className="button first"
            href={`/v1.0/me/mail-profiles/${encodeURIComponent(id)}/payload`}
          >
            {said().load(displayName)}
          </a>
          {description && <span className="quiet">{description}</span>}
        </div>
      ))}
      <p className="quiet">{said().byHand}</p>
    </section>
  )
}

function Removal(properties: {
  profile: MyMailProfiles['remove'][number]
  again(): void
}): ReactNode {
  const { profile, again } = properties
  const [thrown, setThrown] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const { identifier, place, displayName } = profile
  const done = async () => {
    setBusy(true)
    try {
      await call('DELETE', `/me/mail-profiles/${identifier}/${place}`)
      again()
    } catch (error) {
      setThrown(error)
    }
    setBusy(false)
  }
  return (
    <section className="sheet client" aria-label={said().removal(displayName)}>
      <h2>{said().removeProfile(displayName)}</h2>
      <p>
        <Weighty text={said().howToRemove} />
      </p>
      <div className="answers start">
        <button type="button" className="button" disabled={busy} onClick={() => void done()}>
          {said().removed}
        </button>
      </div>
      <Fault thrown={thrown} />
    </section>
  )
}
