import { type ReactNode, useEffect, useState } from 'react'
import type { PortalBody, PortalClient, SessionBody } from '../../src/graph/contract.ts'
import { call, Refused } from '../look/api.ts'
import { Fault } from '../look/fault.tsx'
import { Mark } from '../look/mark.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { said as looksSaid } from '../look/said.ts'
import { UserMenu } from '../look/user-menu.tsx'
import { Client } from './client.tsx'
import { MailSetup } from './mail-setup.tsx'
import { NoDevice } from './no-device.tsx'
import { said } from './said/said.ts'

/** The link of a notice carries a token that names the waiting phone; it proves nothing. */
const askedToken = new URLSearchParams(location.search).get('link')
/** The link of a mail about a device that does not meet its rules names it; of others nobody is shown anything. */
const askedDevice = new URLSearchParams(location.search).get('device')

/** All mail clients of the signed-in user, the one that the notice was about first. */
export function Clients({ session }: { session: SessionBody }): ReactNode {
  const { tick } = useChanges('/me/changes')
  const { value, thrown, again } = useReading<PortalBody>('/me/clients', tick)
  const asked = useAsked()
  const isAsked = ({ id, deviceId }: PortalClient) =>
    id === asked || (deviceId !== null && deviceId === askedDevice)
  const first = (client: PortalClient) => (isAsked(client) ? 0 : 1)
  const clients = value?.value.toSorted((a, b) => first(a) - first(b))
  return (
    <>
      <header className="bar">
        <Mark title="Postern" />
        <UserMenu session={session} />
      </header>
      <main className="page">
        <h1>{said().title}</h1>
        {asked === 'unknown' && (
          <p className="note" role="status">
            {said().linkExpired}
          </p>
        )}
        <Fault thrown={thrown} hint />
        {!clients && thrown === undefined && <p className="quiet">{looksSaid().oneMoment}</p>}
        {clients?.length === 0 && <NoDevice session={session} />}
        {clients?.map((client) => (
          <Client
            key={client.id}
            client={client}
            devices={value?.devices ?? []}
            asked={isAsked(client)}
            alone={clients.length === 1}
            again={again}
          />
        ))}
        <MailSetup tick={tick} />
      </main>
    </>
  )
}

/** Which client the link is about; `unknown` where it is none of this user's, or too old. */
function useAsked(): string | undefined {
  const [asked, setAsked] = useState<string>()
  useEffect(() => {
    if (!askedToken) return
    call<{ id: string }>('GET', `/me/links/${encodeURIComponent(askedToken)}`).then(
      ({ id }) => setAsked(id),
      (thrown: unknown) => {
        if (thrown instanceof Refused && thrown.status === 404) setAsked('unknown')
      },
    )
  }, [])
  return asked
}
