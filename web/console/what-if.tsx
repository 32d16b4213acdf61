import type { ReactNode } from 'react'
import type { ForeseenPolicy, WhatIfBody } from '../../src/graph/conditional-contract.ts'
import type {
  Collection,
  ExplanationBody,
  ManagedDevice,
  SessionBody,
} from '../../src/graph/contract.ts'
import { useAsking } from '../look/asking.ts'
import { Fault } from '../look/fault.tsx'
import { useChanges, useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { useAddress } from './address.ts'
import { type Column, State } from './columns.tsx'
import { LocalRows } from './local-rows.tsx'
import { NotUnderstood } from './not-understood.tsx'
import { Page } from './page.tsx'
import { Panel } from './panel.tsx'
import { resultWord } from './result-words.ts'
import { QuestionForm } from './what-if-form.tsx'
import { blank, bodyOf, type Question } from './what-if-question.ts'
import {
  conditionName,
  controlName,
  demandsOf,
  reasonAgainst,
  sayOutcome,
  stateNames,
} from './what-if-words.ts'
import { Remedies, Trail, Why } from './why.tsx'
import { judgedWord } from './words.ts'

interface Sight extends Question {
  /** The policy whose conditions are open. */
  readonly policy: string
}

const first: Sight = { ...blank, policy: '' }

/** What If: would this person, with this device, from this place, get in; and what does each policy say. */
export function WhatIf({ session }: { session: SessionBody }): ReactNode {
  const { tick, live } = useChanges('/postern/changes')
  const [sight, look] = useAddress('what-if', first)
  const devices = useReading<Collection<ManagedDevice>>(devicesPath(sight.user), tick)
  const body = bodyOf(sight, devices.value?.value)
  // Policies and devices change: it is asked again with each news.
  const answer = useAsking<WhatIfBody>('/identity/conditionalAccess/evaluate', body, tick)
  const close = () => {
    look({ policy: '' })
    document.querySelector<HTMLElement>(`[data-device="${sight.policy}"]`)?.focus()
  }
  const open = answer.value?.value.find(({ id }) => id === sight.policy)
  return (
    <Page section="what-if" session={session} live={live}>
      <div>
        <h1>What if</h1>
        <p className="quiet">A sign-in that is only thought of, held against the policies.</p>
      </div>
      <QuestionForm {...{ sight, look }} devices={devices.value?.value ?? []} />
      <Fault thrown={answer.thrown ?? devices.thrown} hint />
      {body && <Waiting reading={answer} />}
      {!body && sight.user !== '' && devices.value && (
        <p className="sheet empty quiet">
          This device is not in the list any more. Choose another one.
        </p>
      )}
      {!body && sight.user === '' && (
        <p className="sheet empty quiet">Name a user to see what would become of their sign-in.</p>
      )}
      {answer.value && <Answer answer={answer.value} session={session} {...{ sight, look }} />}
      {answer.value && <Gate device={sight.device} {...{ devices: devices.value?.value, tick }} />}
      {open && <PolicyPanel policy={open} close={close} />}
    </Page>
  )
}

function devicesPath(user: string): string {
  const query = new URLSearchParams({
    $filter: `userPrincipalName eq '${user.replaceAll("'", "''")}'`,
    $orderby: 'deviceName',
    $top: '1000',
  })
  return `/deviceManagement/managedDevices?${query}`
}

const columns: readonly Column<ForeseenPolicy, string>[] = [
  { id: 'policy', name: 'Policy', text: ({ displayName }) => displayName },
  { id: 'state', name: 'State', text: ({ state }) => stateNames[state] },
  { id: 'applies', name: 'Applies', text: ({ policyApplies }) => (policyApplies ? 'Yes' : 'No') },
  {
    id: 'result',
    name: 'Result',
    text: ({ postern }) => resultWord(postern.result)[0],
    show({ postern }) {
      const [word, tone] = resultWord(postern.result)
      return <State word={word} tone={tone} />
    },
  },
  {
    id: 'why',
    name: 'Why',
    text: (policy) => (policy.policyApplies ? demandsOf(policy) : reasonAgainst(policy)),
  },
]

function Answer(properties: {
  answer: WhatIfBody
  session: SessionBody
  sight: Sight
  look(change: Partial<Sight>): void
}): ReactNode {
  const { answer, session, sight, look } = properties
  const [word, tone, more] = sayOutcome(answer)
  return (
    <>
      <p className="states" role="status">
        <State word={word} tone={tone} />
        <strong>{more}</strong>
        {session.site.enforcement === 'observing' && (
          <span className="quiet">The site only observes: until it enforces, all mail passes.</span>
        )}
      </p>
      <LocalRows
        title="Conditional access policies"
        rows={answer.value}
        columns={columns}
        what="policies"
        name={`what-if-${sight.user}`}
        empty="No conditional access policy yet."
        chosen={sight.policy}
        choose={(policy) => look({ policy })}
      />
    </>
  )
}

function PolicyPanel({ policy, close }: { policy: ForeseenPolicy; close(): void }): ReactNode {
  const { postern } = policy
  const [word, tone] = resultWord(postern.result)
  return (
    <Panel title={policy.displayName} about={stateNames[policy.state]} close={close}>
      <p className="states">
        <State word={word} tone={tone} />
        <span>{policy.policyApplies ? demandsOf(policy) : reasonAgainst(policy)}</span>
      </p>
      <section>
        <h2>Conditions</h2>
        <ul className="findings">
          {postern.conditions.map(({ name, met, measured }) => (
            <li key={name} className={met ? 'good' : 'bad'}>
              <strong>{conditionName(name)}</strong>: {met ? 'met' : 'not met'}
              {measured && <span className="values">The sign-in: {measured}</span>}
            </li>
          ))}
        </ul>
      </section>
      {postern.controls.length > 0 && (
        <section>
          <h2>Demands</h2>
          <ul>
            {postern.controls.map(({ name, satisfied }) => (
              <li key={name}>
                {controlName(name)}: {name === 'block' ? 'blocks' : satisfied ? 'there' : 'missing'}
              </li>
            ))}
          </ul>
        </section>
      )}
      <NotUnderstood what={postern.unevaluated} />
    </Panel>
  )
}

/** What the gate says of the same client as it is: there personal lists, device rules and more are asked, too. */
function Gate(properties: {
  device: string
  devices: readonly ManagedDevice[] | undefined
  tick: number
}): ReactNode {
  const { device, devices, tick } = properties
  const row = devices?.find(({ id }) => id === device)
  if (!row?.easDeviceId) return null
  return <GateOf row={row} tick={tick} />
}

function GateOf({ row, tick }: { row: ManagedDevice; tick: number }): ReactNode {
  const path = `/deviceManagement/managedDevices/${encodeURIComponent(row.id)}/explain`
  const { value, thrown } = useReading<ExplanationBody>(path, tick)
  if (!value) return <Fault thrown={thrown} />
  const [word, tone] = judgedWord(value.judged)
  return (
    <div className="sheet gate">
      <h2>{row.deviceName} as it is, at the gate</h2>
      <p className="states">
        <State word={word} tone={tone} />
        <span className="quiet">
          There the classic policy, personal lists and device rules are asked, too.
        </span>
      </p>
      <Why explanation={value} />
      <Remedies explanation={value} issues={row.issues} />
      <Trail steps={value.steps} />
    </div>
  )
}
