import type { FastifyRequest } from 'fastify'
import type { Access } from '../access/access.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { Prepared } from '../compliance/prepared.ts'
import { Failure } from '../base/failures.ts'
import { changeOptions } from './change-options.ts'

interface Rooms {
  readonly compliance: Compliance
  readonly access: Access
}

/**
 * Changes what devices are judged by as access policies are changed: tried on every client first, refused where it would
 * lock people out, unless the headers of the request confirm that. Throws what `prepare` and `Access.change` throw.
 */
export async function changeGuarded<T>(
  { access }: Pick<Rooms, 'access'>,
  prepare: () => Promise<Prepared<T>>,
  { actor, request }: { actor: string; request: Pick<FastifyRequest, 'headers'> },
): Promise<T> {
  let made: T | undefined
  const alongside = async (): Promise<Prepared<T>> => {
    const prepared = await prepare()
    return { ...prepared, write: async (tx) => (made = await prepared.write(tx)) }
  }
  await access.change({}, actor, alongside, changeOptions(request))
  if (made === undefined)
    throw new Failure('internal', 'a change was made, and nothing was written')
  return made
}
