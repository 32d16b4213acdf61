import type { ReactNode } from 'react'
import type { ManagedDevice } from '../../src/graph/contract.ts'
import { type Column, columns } from './columns.tsx'

/** In the head of the details, or told by them at length. */
const told: ReadonlySet<Column['id']> = new Set<Column['id']>([
  'deviceName',
  'userDisplayName',
  'emailAddress',
  'exchangeAccessState',
  'exchangeAccessStateReason',
  'judged',
])

/** All else that is known of a device: what every column would say. */
export function Facts({ device }: { device: ManagedDevice }): ReactNode {
  const known = columns.filter((column) => !told.has(column.id) && column.text(device) !== '')
  return (
    <section>
      <h2>What is known</h2>
      <dl>
        {known.map((column) => (
          <div key={column.id}>
            <dt>{column.short ?? column.name}</dt>
            <dd>{column.show?.(device) ?? column.text(device)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
