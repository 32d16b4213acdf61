import { type ReactNode, useState } from 'react'
import type { ConditionalPolicyRow } from '../../src/graph/conditional-contract.ts'
import type { Collection, SessionBody } from '../../src/graph/contract.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { asksFor, clientNames, whomFor } from './access-words.ts'
import { useAddress } from './address.ts'
import { type Column, State } from './columns.tsx'
import { Holes } from './holes.tsx'
import { LocalRows } from './local-rows.tsx'
import { NotUnderstood } from './not-understood.tsx'
import { Page } from './page.tsx'
import { Panel } from './panel.tsx'
import { PolicySwitch } from './policy-switch.tsx'
import { Unconfirmed } from './unconfirmed.tsx'
import { stateNames } from './what-if-words.ts'
import type { Tone } from './words.ts'

const tabs = [
  ['policies', 'Policies'],
  ['holes', 'Holes'],
] as const

const first = { tab: 'policies', policy: '' }

/** Conditional access policies: which there are and whom they are for, and what all together leave open. */
export function AccessPolicies({ session }: { session: SessionBody }): ReactNode {
  // Devices come and go, and change nothing here.
  const [news, setNews] = useState(0)
  const { live } = useChanges('/postern/changes', (kinds) => {
    if (kinds.some((kind) => ['access.policies', 'opened'].includes(kind)))
      setNews((count) => count + 1)
  })
  const [sight, look] = useAddress('access', first)
  return (
    <Page section="access" session={session} live={live}>
      <h1>Conditional access</h1>
      <div className="choices" role="group" aria-label="Show">
        {tabs.map(([tab, name]) => (
          <button
            key={tab}
            type="button"
            className="choice"
            aria-pressed={tab === sight.tab}
            onClick={() => look({ tab, policy: '' })}
          >
            {name}
          </button>
        ))}
      </div>
      <Unconfirmed news={news} />
      {sight.tab === 'holes' ? (
        <Holes news={news} />
      ) : (
        <All news={news} chosen={sight.policy} choose={(policy) => look({ policy })} />
      )}
    </Page>
  )
}

const tones: Readonly<Record<ConditionalPolicyRow['state'], Tone>> = {
  enabled: 'good',
  enabledForReportingButNotEnforced: 'warn',
  disabled: '',
}

const columns: readonly Column<ConditionalPolicyRow, string>[] = [
  { id: 'name', name: 'Name', text: (row) => row.displayName },
  {
    id: 'state',
    name: 'State',
    text: (row) => stateNames[row.state],
    show: (row) => <State word={stateNames[row.state]} tone={tones[row.state]} />,
  },
  { id: 'for', name: 'For', text: whomFor },
  { id: 'clients', name: 'Client apps', text: (row) => clientNames(row.clientAppTypes.join(', ')) },
  { id: 'asks', name: 'Asks for', text: asksFor },
  { id: 'unevaluated', name: 'Not understood', text: (row) => row.unevaluated.join('; ') },
]

function All(properties: {
  news: number
  chosen: string
  choose(policy: string): void
}): ReactNode {
  const { news, chosen, choose } = properties
  const list = useReading<Collection<ConditionalPolicyRow>>(
    '/postern/conditionalAccess/policies?$top=10000',
    news,
  )
  const open = list.value?.value.find(({ id }) => id === chosen)
  const close = () => {
    choose('')
    // Back to where the reader came from.
    document.querySelector<HTMLElement>(`[data-device="${chosen}"]`)?.focus()
  }
  return (
    <>
      <Fault thrown={list.thrown} hint />
      {list.value && (
        <LocalRows
          title="Policies"
          rows={list.value.value}
          columns={columns}
          what="policies"
          name="conditional-access"
          empty={
            <>
              No conditional access policy yet. In a terminal:{' '}
              <code>npx postern policy template list</code>
            </>
          }
          {...{ chosen, choose }}
        />
      )}
      <Waiting reading={list} />
      {open && (
        <Panel key={`${open.id} ${open.state}`} title={open.displayName} close={close}>
          <Details policy={open} />
          <PolicySwitch policy={open} tick={news} done={list.again} />
        </Panel>
      )}
    </>
  )
}

function Details({ policy }: { policy: ConditionalPolicyRow }): ReactNode {
  return (
    <>
      <dl>
        {columns.slice(2, 5).map((column) => (
          <div key={column.id}>
            <dt>{column.name}</dt>
            <dd>{column.text(policy)}</dd>
          </div>
        ))}
      </dl>
      <NotUnderstood what={policy.unevaluated} />
    </>
  )
}
