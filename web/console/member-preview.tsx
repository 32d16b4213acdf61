import type { ReactNode } from 'react'
import type { CollectionMember, CollectionPreview } from '../../src/graph/collections-contract.ts'
import { Fault } from '../look/fault.tsx'
import { counted } from './words.ts'

/** Who would be in a collection, before it is saved. */
export function MemberPreview(properties: {
  preview: CollectionPreview | undefined
  thrown: unknown
  isNew: boolean
}): ReactNode {
  const { preview, thrown, isNew } = properties
  return (
    <div className="preview" aria-live="polite">
      <Fault thrown={thrown} hint />
      {preview && <Told {...{ preview, isNew }} />}
    </div>
  )
}

function Told({ preview, isNew }: { preview: CollectionPreview; isNew: boolean }): ReactNode {
  const { memberCount, joinCount, joining, leaveCount, leaving } = preview
  return (
    <>
      <p>
        <strong>{counted(memberCount, 'member')}</strong>
        {!isNew && joinCount + leaveCount === 0 && ', the same as now'}
        {!isNew && joinCount > 0 && `, ${counted(joinCount, 'joins', 'join')}`}
        {leaveCount > 0 && `, ${counted(leaveCount, 'leaves', 'leave')}`}.
      </p>
      <Names name={isNew ? 'Members' : 'Who joins'} members={joining} count={joinCount} />
      <Names name="Who leaves" members={leaving} count={leaveCount} />
    </>
  )
}

const rowsShown = 100

function Names(properties: {
  name: string
  members: readonly CollectionMember[]
  count: number
}): ReactNode {
  const { name, members, count } = properties
  if (count === 0) return null
  const shown = members.slice(0, rowsShown)
  return (
    // Focus lets a keyboard scroll it.
    <div className="affected" role="region" aria-label={name} tabIndex={0}>
      <table>
        <caption>{name}</caption>
        <tbody>
          {shown.map((member) => (
            <tr key={member.id}>
              <td>{member.displayName}</td>
              <td>{member.detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {count > shown.length && <p className="quiet">and {counted(count - shown.length, 'more')}</p>}
    </div>
  )
}
