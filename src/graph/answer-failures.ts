import type { FastifyInstance } from 'fastify'
import { ZodError } from 'zod'
import { Lockout } from '../access/lockout.ts'
import { asFailure, Failure, failureKinds } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import type { ErrorBody } from './contract.ts'

/** Every error leaves in Graph's envelope, with an id that the log carries too; what was thrown inside stays inside. */
export function answerFailures(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((thrown, request, reply) => {
    const failure = failureOf(thrown)
    const { hint } = failureKinds[failure.code]
    const id =
      failure.status >= 500
        ? log.error('graph.failed', failure, { url: request.routeOptions.url })
        : failure.id
    if (failure.status < 500)
      log.info('graph.refused', { id, code: failure.code, url: request.routeOptions.url })
    const body: ErrorBody = {
      error: {
        code: failure.code,
        message: failure.detail,
        innerError: { id, hint, ...(failure instanceof Lockout && dangersOf(failure)) },
      },
    }
    if ('retryAfterSeconds' in failure)
      reply.header('retry-after', String(failure.retryAfterSeconds))
    // RFC 9110 section 15.5.2; no browser asks for a password because of this one.
    if (failure.status === 401) reply.header('www-authenticate', 'Bearer realm="Postern"')
    return reply.code(failure.status).send(body)
  })
  app.setNotFoundHandler((_request, reply) => {
    const failure = new Failure('not.found', 'no such page or route')
    const body: ErrorBody = {
      error: {
        code: failure.code,
        message: failure.detail,
        innerError: { id: failure.id, hint: failureKinds['not.found'].hint },
      },
    }
    return reply.code(404).send(body)
  })
}

function dangersOf({ consequence: { dangers, confirm } }: Lockout) {
  return { dangers, ...(confirm !== undefined && { confirm }) }
}

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof ZodError) {
    const [issue] = thrown.issues
    const where = issue?.path.join('.') ?? ''
    return new Failure(
      'request.malformed',
      `${where ? `${where}: ` : ''}${issue?.message ?? 'unreadable'}`,
      { cause: thrown },
    )
  }
  // Fastify's own refusals of a body (too large, wrong type, bad JSON) carry a 4xx status.
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined
  if (status === 413)
    return new Failure('limit.exceeded', 'the body is too large', { cause: thrown })
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Failure('request.malformed', thrown instanceof Error ? thrown.message : '', {
      cause: thrown,
    })
  return asFailure(thrown)
}
