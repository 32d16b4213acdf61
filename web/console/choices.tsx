import type { ReactNode } from 'react'
import type { DeviceOverview } from '../../src/graph/contract.ts'

/** A set of devices that an administrator asks for often. */
interface Choice {
  readonly key: string
  readonly name: string
  /** For the server; empty for all. */
  readonly filter: string
  count(overview: DeviceOverview): number
  /** Not shown while nobody is in it. */
  readonly rare?: true
}

const choices: readonly Choice[] = [
  { key: 'all', name: 'All', filter: '', count: (all) => all.totalDeviceCount },
  {
    key: 'allowed',
    name: 'Allowed',
    filter: "exchangeAccessState eq 'allowed'",
    count: (all) => all.deviceExchangeAccessStateSummary.allowedDeviceCount,
  },
  {
    key: 'quarantined',
    name: 'Quarantined',
    filter: "exchangeAccessState eq 'quarantined'",
    count: (all) => all.deviceExchangeAccessStateSummary.quarantinedDeviceCount,
  },
  {
    key: 'blocked',
    name: 'Blocked',
    filter: "exchangeAccessState eq 'blocked'",
    count: (all) => all.deviceExchangeAccessStateSummary.blockedDeviceCount,
  },
  {
    key: 'approval',
    name: 'Waiting for approval',
    filter: "exchangeAccessStateReason eq 'approvalPending'",
    count: (all) => all.approvalPendingDeviceCount,
    rare: true,
  },
  {
    key: 'noncompliant',
    name: 'Noncompliant',
    filter: "complianceState eq 'noncompliant'",
    count: (all) => all.noncompliantDeviceCount,
  },
  {
    key: 'spared',
    name: 'Would lose mail',
    filter: "enforced eq false and judged in ('block','quarantine')",
    count: (all) => all.keptOnlyByObservingDeviceCount,
    rare: true,
  },
]

/** What the server is asked for. */
export const filterOf = (key: string): string =>
  choices.find((choice) => choice.key === key)?.filter ?? ''

/** Devices by state, each with its count. */
export function Choices(properties: {
  overview: DeviceOverview | undefined
  chosen: string
  choose(key: string): void
}): ReactNode {
  const { overview, chosen, choose } = properties
  return (
    <div className="choices" role="group" aria-label="Show">
      {choices.map((choice) => {
        const count = overview && choice.count(overview)
        const isChosen = choice.key === chosen
        if (choice.rare && !count && !isChosen) return null
        return (
          <button
            key={choice.key}
            type="button"
            className="choice"
            aria-pressed={isChosen}
            onClick={() => choose(choice.key)}
          >
            {choice.name} <span className="count">{count?.toLocaleString('en-US') ?? '·'}</span>
          </button>
        )
      })}
    </div>
  )
}
