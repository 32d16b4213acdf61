import type { ReactNode } from 'react'
import type { ConsequenceBody, TriedClient } from '../../src/graph/draft-contract.ts'
import { sayDanger } from './access-words.ts'
import { State } from './columns.tsx'
import { counted, judgedWord } from './words.ts'

/** Whose mail a change of policies ends, and whose it brings back, by name. */
export function Consequence({ consequence }: { consequence: ConsequenceBody }): ReactNode {
  const { clients, newlyBlockedCount, newlyBlocked, newlyAllowedCount, newlyAllowed, dangers } =
    consequence
  return (
    <div className="preview" aria-live="polite">
      <p>
        Tried on {counted(clients, 'client')} that {clients === 1 ? 'is' : 'are'} known:{' '}
        <strong>{newlyBlockedCount.toLocaleString('en-US')} newly blocked</strong>,{' '}
        <strong>{newlyAllowedCount.toLocaleString('en-US')} newly allowed</strong>.
      </p>
      {dangers.length > 0 && (
        <ul className="dangers">
          {dangers.map((danger) => (
            <li key={danger.kind}>{sayDanger(danger)}</li>
          ))}
        </ul>
      )}
      <Clients name="Newly blocked" clients={newlyBlocked} count={newlyBlockedCount} />
      <Clients name="Newly allowed" clients={newlyAllowed} count={newlyAllowedCount} />
    </div>
  )
}

function Clients(properties: {
  name: string
  clients: readonly TriedClient[]
  count: number
}): ReactNode {
  const { name, clients, count } = properties
  if (count === 0) return null
  return (
    // Focus lets a keyboard scroll it.
    <div className="affected" role="region" aria-label={name} tabIndex={0}>
      <table>
        <caption>{name}</caption>
        <tbody>
          {clients.map((client) => {
            const [word, tone] = judgedWord(client.after)
            return (
              <tr key={`${client.id} ${client.ipAddress}`}>
                <td>{client.userDisplayName || client.userPrincipalName}</td>
                <td>
                  {client.easDeviceId}
                  {client.ipAddress && <span className="quiet"> from {client.ipAddress}</span>}
                </td>
                <td>
                  <State word={word} tone={tone} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {count > clients.length && (
        <p className="quiet">and {counted(count - clients.length, 'more')}</p>
      )}
    </div>
  )
}
