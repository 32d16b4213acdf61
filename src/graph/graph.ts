import type { IncomingMessage, ServerResponse } from 'node:http'
import { fastify, type FastifyInstance } from 'fastify'
import { ZodError } from 'zod'
import type { Access } from '../access/access.ts'
import type { Actions } from '../actions/actions.ts'
import { Lockout } from '../access/lockout.ts'
import type { Gate } from '../access/gate.ts'
import type { Clock } from '../base/clock.ts'
import { asFailure, Failure, failureKinds } from '../base/failures.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { Collections } from '../collections/collections.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { Devices } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { Enrollment } from '../enrollment/enrollment.ts'
import type { Identity } from '../identity/identity.ts'
import type { Journal } from '../store/journal.ts'
import type { Profiles } from '../profiles/profiles.ts'
import { createCallers } from './caller.ts'
import type { ErrorBody } from './contract.ts'
import { pages } from './pages.ts'
import { actionRoutes } from './routes/actions.ts'
import { changeRoutes } from './routes/changes.ts'
import { compliancePolicyRoutes } from './routes/compliance-policies.ts'
import { collectionRoutes } from './routes/collections.ts'
import { conditionalAccessRoutes } from './routes/conditional-access.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { deviceRoutes } from './routes/devices.ts'
import { directoryRoutes } from './routes/directory.ts'
import { evaluateRoutes } from './routes/evaluate.ts'
import { enrollmentRoutes } from './routes/enrollment.ts'
import { mailboxRoutes } from './routes/mailbox.ts'
import { overviewRoutes } from './routes/overview.ts'
import { policyRoutes } from './routes/policies.ts'
import { policyTemplateRoutes } from './routes/policy-templates.ts'
import { policyFolderRoutes } from './routes/policy-folder.ts'
import { portalRoutes } from './routes/portal.ts'
import { profileRoutes } from './routes/profiles.ts'
import { sessionRoutes } from './routes/session.ts'
import { templateRoutes } from './routes/templates.ts'
import { replayRoutes } from './routes/replay.ts'
import { signInRoutes } from './routes/sign-ins.ts'
import { createRoster } from './roster.ts'
import type { Explain, SayReason } from './rows.ts'
import { createView } from './view.ts'

/** The rooms whose things the API shows and changes. */
export interface GraphRooms {
  readonly directory: Directory
  readonly devices: Devices
  readonly collections: Collections
  readonly compliance: Compliance
  readonly access: Access
  readonly gate: Gate
  readonly identity: Identity
  readonly enrollment: Enrollment
  readonly actions: Actions
  readonly profiles: Profiles
  readonly journal: Journal
}

/** What is said to people, and where messages go. */
export interface GraphEdges {
  readonly explain: Explain
  readonly sayReason: SayReason
  readonly deliver: ((user: UserId, message: Uint8Array) => Promise<void>) | undefined
  /** Folder of the built browser apps. */
  readonly pages: string
  /** Secret of the data folder, for the CLI of the same machine. */
  readonly localToken: Secret
}

/** The HTTP API and the pages, as one handler of requests. */
export interface Graph {
  /** Takes any request that no mail door claims. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Ends what pages listen to, before the listener waits for its answers to end. */
  hush(): void
  stop(): Promise<void>
}

/** The HTTP API in Microsoft Graph's shape, and the pages that use it. */
export async function createGraph(
  rooms: GraphRooms,
  edges: GraphEdges,
  { clock, log }: { clock: Clock; log: Log },
): Promise<Graph> {
  const app = fastify({ logger: false, bodyLimit: 1_048_576, forceCloseConnections: true })
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser('message/rfc822', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  answerFailures(app, log)

  const callers = createCallers(rooms.identity, edges.localToken)
  const view = createView(rooms)
  const { journal } = rooms
  const roster = await createRoster({ rooms, journal, clock, explain: edges.explain })
  const shared = { ...rooms, ...edges, callers, view, roster, clock }
  sessionRoutes(app, shared)
  directoryRoutes(app, shared)
  deviceRoutes(app, shared)
  policyRoutes(app, shared)
  compliancePolicyRoutes(app, shared)
  collectionRoutes(app, shared)
  deploymentRoutes(app, shared)
  policyFolderRoutes(app, shared)
  conditionalAccessRoutes(app, shared)
  evaluateRoutes(app, shared)
  policyTemplateRoutes(app, shared)
  replayRoutes(app, shared)
  signInRoutes(app, shared)
  overviewRoutes(app, shared)
  portalRoutes(app, shared)
  enrollmentRoutes(app, shared)
  mailboxRoutes(app, shared)
  actionRoutes(app, shared)
  templateRoutes(app, shared)
  profileRoutes(app, shared)
  const changes = await changeRoutes(app, shared)
  await pages(app, edges.pages)
  await app.ready()

  return {
    handle: (request, response) => app.routing(request, response),
    hush: changes.hush,
    async stop() {
      changes.hush()
      await changes.stop()
      await roster.stop()
      await app.close()
    },
  }
}

/** Every error leaves in Graph's envelope, with an id that the log carries too; what was thrown inside stays inside. */
function answerFailures(app: FastifyInstance, log: Log): void {
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
