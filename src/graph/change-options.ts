import type { FastifyRequest } from 'fastify'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { confirmHeader, rollbackHeader } from './draft-contract.ts'

/** How a change of policies is to be made, by its headers. Throws `request.malformed`. */
export function changeOptions({ headers }: Pick<FastifyRequest, 'headers'>): {
  readonly confirm?: string
  readonly rollbackAfterMs?: number
} {
  const confirm = headers[confirmHeader]
  const rollback = headers[rollbackHeader]
  return {
    ...(typeof confirm === 'string' && { confirm }),
    ...(rollback !== undefined && { rollbackAfterMs: millisecondsOf(rollback) }),
  }
}

function millisecondsOf(header: string | readonly string[]): number {
  const seconds = typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : 0
  const most = limits.rollbackAfterMs.value / 1000
  if (seconds < 1 || seconds > most)
    throw new Failure('request.malformed', `${rollbackHeader}: whole seconds from 1 to ${most}`)
  return seconds * 1000
}
