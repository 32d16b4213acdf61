import type { ReactNode } from 'react'
import type { ProfileWarning } from '../../src/graph/collections-contract.ts'
import { Fault } from '../look/fault.tsx'
import { useReading } from '../look/reading.ts'
import { counted } from './words.ts'

/** Users whom a policy demands a managed mail account of and no mail profile reaches; of all policies without a name. */
export function Unreached({ policy, tick }: { policy?: string; tick: number }): ReactNode {
  const { value, thrown } = useReading<{ warnings: readonly ProfileWarning[] }>(
    '/postern/profiles/warnings',
    tick,
  )
  const told = value?.warnings.filter((one) => policy === undefined || one.policy === policy) ?? []
  return (
    <>
      <Fault thrown={thrown} />
      {told.map((warning) => (
        <Warning key={warning.policy} warning={warning} />
      ))}
    </>
  )
}

function Warning({ warning }: { warning: ProfileWarning }): ReactNode {
  const { policy, userCount, users } = warning
  return (
    <section className="warning" aria-label={`Without a mail profile: ${policy}`}>
      <p>
        <strong>{policy}</strong> demands an account that a mail profile set up, and{' '}
        <strong>{counted(userCount, 'user')}</strong> whom it reaches{' '}
        {userCount === 1 ? 'gets' : 'get'} none: no device of theirs can meet it.
      </p>
      <p className="quiet">
        {users.join(', ')}
        {userCount > users.length &&
          ` and ${(userCount - users.length).toLocaleString('en-US')} more`}
      </p>
      <p>
        Assign a mail profile to them, or exclude them from the policy. In a terminal:{' '}
        <code>npx postern profile check</code>
      </p>
    </section>
  )
}
