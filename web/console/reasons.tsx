import { type ReactNode, useState } from 'react'
import type { DeploymentReason } from '../../src/graph/collections-contract.ts'
import type { Column } from './columns.tsx'
import { describe } from './deployment-words.ts'
import { Head } from './grid.tsx'
import { sorted } from './sorted.ts'

const columns: readonly Column<DeploymentReason, string>[] = [
  { id: 'policyName', name: 'Policy', text: (row) => row.policyName },
  { id: 'name', name: 'Name', text: (row) => row.name },
  { id: 'type', name: 'Type', text: (row) => (row.type === 'setting' ? 'Setting' : 'Policy') },
  { id: 'errorCategory', name: 'Error category', text: (row) => row.errorCategory },
  {
    id: 'errorId',
    name: 'Error ID',
    text: (row) => row.errorId,
    show: (row) => row.errorId && <code>{row.errorId}</code>,
  },
  { id: 'code', name: 'Code', text: (row) => row.code, show: (row) => <code>{row.code}</code> },
  { id: 'description', name: 'Description', text: describe },
  {
    id: 'deviceCount',
    name: 'Devices',
    text: (row) => String(row.deviceCount),
    show: (row) => row.deviceCount.toLocaleString('en-US'),
  },
]

/** Why devices are in a state; what most have first, until another order is asked for. */
export function Reasons(properties: {
  reasons: readonly DeploymentReason[]
  chosen: string
  choose(reason: string): void
}): ReactNode {
  const { reasons, chosen, choose } = properties
  const [sort, setSort] = useState('')
  if (reasons.length === 0) return null
  return (
    <div className="sheet grid reasons">
      <table>
        <caption className="hidden">Why devices are in this state</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} sortBy={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(reasons, columns, sort).map((reason) => (
            <Row
              key={reason.id}
              reason={reason}
              isChosen={reason.id === chosen}
              choose={() => choose(reason.id === chosen ? '' : reason.id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row(properties: {
  reason: DeploymentReason
  isChosen: boolean
  choose(): void
}): ReactNode {
  const { reason, isChosen, choose } = properties
  return (
    <tr className={isChosen ? 'chosen' : ''} onClick={choose}>
      {columns.map((column) =>
        column.id === 'name' ? (
          <td key={column.id} className="name" title={reason.name}>
            <button
              type="button"
              className="link"
              aria-pressed={isChosen}
              onClick={(event) => {
                event.stopPropagation()
                choose()
              }}
            >
              {reason.name}
            </button>
          </td>
        ) : (
          <td key={column.id} data-label={column.name} {...looks[column.id]}>
            {column.show?.(reason) ?? column.text(reason)}
          </td>
        ),
      )}
    </tr>
  )
}

const looks: Readonly<Record<string, { readonly className: string }>> = {
  description: { className: 'words' },
  deviceCount: { className: 'number' },
}
