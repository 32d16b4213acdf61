import { type ReactNode, useCallback, useEffect, useState } from 'react'
import type { PortalClient, SessionBody } from '../../src/graph/contract.ts'
import { call, signOut } from '../look/api.ts'
import { Fault, Mark } from '../look/parts.tsx'
import { Client } from './client.tsx'

const refreshMs = 3000

/** The link of a notice carries a token that names the waiting phone; it proves nothing. */
const askedToken = new URLSearchParams(location.search).get('link')

/** All mail clients of the signed-in user, the one that the notice was about first. */
export function Clients({ session }: { session: SessionBody }): ReactNode {
  const [clients, setClients] = useState<readonly PortalClient[]>()
  const [asked, setAsked] = useState<string>()
  const [thrown, setThrown] = useState<unknown>()

  const refresh = useCallback(async () => {
    try {
      const { value } = await call<{ value: PortalClient[] }>('GET', '/me/clients')
      setClients(value)
      setThrown(undefined)
    } catch (error) {
      setThrown(error)
    }
  }, [])

  useEffect(() => {
    void refresh()
    const timer = setInterval(() => void refresh(), refreshMs)
    return () => clearInterval(timer)
  }, [refresh])

  useEffect(() => {
    if (!askedToken) return
    call<{ id: string }>('GET', `/me/links/${encodeURIComponent(askedToken)}`).then(
      ({ id }) => setAsked(id),
      () => setAsked(undefined), // an old link is no fault: the list below shows the phone all the same
    )
  }, [])

  const first = (client: PortalClient) => (client.id === asked ? 0 : 1)
  const sorted = clients && [...clients].sort((a, b) => first(a) - first(b))
  return (
    <main className="page">
      <div className="bar">
        <Mark title="Your mail devices" />
        <button
          type="button"
          className="button"
          onClick={() => void signOut().finally(() => location.reload())}
        >
          Sign out {session.user.name}
        </button>
      </div>
      <Fault thrown={thrown} />
      {sorted?.length === 0 && (
        <section className="sheet client">
          <h1>No device yet</h1>
          <p>
            Add your mail account on the phone or tablet first. It will appear here within seconds
            of its first connection.
          </p>
        </section>
      )}
      {sorted?.map((client) => (
        <Client key={client.id} client={client} asked={client.id === asked} refresh={refresh} />
      ))}
    </main>
  )
}
