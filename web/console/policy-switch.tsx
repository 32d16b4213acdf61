import { type ReactNode, useState } from 'react'
import type { ConditionalPolicyRow } from '../../src/graph/conditional-contract.ts'
import type { ConsequenceBody } from '../../src/graph/draft-contract.ts'
import { call, Refused } from '../look/api.ts'
import { useAsking } from '../look/asking.ts'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { Waiting } from '../look/waiting.tsx'
import { Consequence } from './consequence.tsx'
import { stateNames } from './what-if-words.ts'

type PolicyState = ConditionalPolicyRow['state']

const states = ['enabled', 'enabledForReportingButNotEnforced', 'disabled'] as const

/** Switches a policy on, to report-only or off, after it was shown whom that blocks and lets in. */
export function PolicySwitch(properties: {
  policy: ConditionalPolicyRow
  tick: number
  done(): void
}): ReactNode {
  const { policy, tick, done } = properties
  const path = `/identity/conditionalAccess/policies/${encodeURIComponent(policy.id)}`
  const document = useReading<object>(path, tick)
  const [wanted, setWanted] = useState<PolicyState>(policy.state)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>()
  const draft =
    document.value && wanted !== policy.state
      ? { conditionalAccessPolicies: [{ ...document.value, state: wanted }] }
      : undefined
  const consequence = useAsking<ConsequenceBody>('/postern/policies/replay', draft, tick)
  // Counts for this change alone: the server sees whether it does.
  const confirm = failed instanceof Refused ? failed.confirm : undefined

  async function save() {
    setBusy(true)
    try {
      await call('PATCH', path, { state: wanted }, { confirm })
      setFailed(undefined)
      done()
    } catch (error) {
      setFailed(error)
    }
    setBusy(false)
  }

  return (
    <section>
      <StateChoice
        value={wanted}
        choose={(state) => {
          setWanted(state)
          setFailed(undefined)
        }}
      />
      {draft && <Waiting reading={consequence} />}
      {consequence.value && <Consequence consequence={consequence.value} />}
      <Fault thrown={failed ?? document.thrown ?? consequence.thrown} hint />
      {draft && (
        <div className="answers start">
          <button
            type="button"
            className={`button ${consequence.value?.newlyBlockedCount ? 'grave' : 'first'}`}
            disabled={busy || !consequence.value}
            onClick={() => void save()}
          >
            {confirm === undefined
              ? `Switch to ${stateNames[wanted]}`
              : 'Lock them out all the same'}
          </button>
          {confirm !== undefined && <span className="reference">confirms {confirm}</span>}
        </div>
      )}
    </section>
  )
}

function StateChoice(properties: {
  value: PolicyState
  choose(state: PolicyState): void
}): ReactNode {
  const { value, choose } = properties
  return (
    <fieldset className="scope">
      <legend>State</legend>
      {states.map((state) => (
        <label key={state}>
          <input
            type="radio"
            name="state"
            checked={state === value}
            onChange={() => choose(state)}
          />
          {stateNames[state]}
        </label>
      ))}
    </fieldset>
  )
}
