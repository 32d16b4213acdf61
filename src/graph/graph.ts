import type { IncomingMessage, ServerResponse } from 'node:http'
import { fastify } from 'fastify'
import type { Access } from '../access/access.ts'
import type { Actions } from '../actions/actions.ts'
import type { Gate } from '../access/gate.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { Collections } from '../collections/collections.ts'
import type { Compliance } from '../compliance/compliance.ts'
import type { Devices } from '../devices/devices.ts'
import type { Directory, UserId } from '../directory/directory.ts'
import type { Enrollment } from '../enrollment/enrollment.ts'
import type { Identity } from '../identity/identity.ts'
import type { History } from '../history/history.ts'
import type { Journal } from '../store/journal.ts'
import type { Profiles } from '../profiles/profiles.ts'
import { answerFailures } from './answer-failures.ts'
import type { Signals } from '../signals/signals.ts'
import type { Rollouts } from '../rollout/rollout.ts'
import { createCallers } from './caller.ts'
import { createHolesThread } from './holes-thread.ts'
import { pages } from './pages.ts'
import { actionRoutes } from './routes/actions.ts'
import { changeRoutes } from './routes/changes.ts'
import { compliancePolicyRoutes } from './routes/compliance-policies.ts'
import { collectionRoutes } from './routes/collections.ts'
import { conditionalAccessRoutes } from './routes/conditional-access.ts'
import { conditionalOverviewRoutes } from './routes/conditional-overview.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { deviceAccessRuleRoutes } from './routes/device-access-rules.ts'
import { deviceRoutes } from './routes/devices.ts'
import { directoryAuditRoutes } from './routes/directory-audits.ts'
import { directoryRoutes } from './routes/directory.ts'
import { evaluateRoutes } from './routes/evaluate.ts'
import { enrollmentRoutes } from './routes/enrollment.ts'
import { historyRoutes } from './routes/history.ts'
import { mailboxRoutes } from './routes/mailbox.ts'
import { overviewRoutes } from './routes/overview.ts'
import { policyRoutes } from './routes/policies.ts'
import { policyTemplateRoutes } from './routes/policy-templates.ts'
import { policyFolderRoutes } from './routes/policy-folder.ts'
import { portalRoutes } from './routes/portal.ts'
import { profilePayloadRoutes } from './routes/profile-payloads.ts'
import { profileRoutes } from './routes/profiles.ts'
import { sessionRoutes } from './routes/session.ts'
import { templateRoutes } from './routes/templates.ts'
import { signalRoutes } from './routes/signals.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
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
  readonly rollouts: Rollouts
  readonly signals: Signals
  readonly journal: Journal
  readonly history: History
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
  const roster = await createRoster({
    rooms,
    journal: rooms.journal,
    clock,
    explain: edges.explain,
  })
  const holes = createHolesThread()
  const shared = { ...rooms, ...edges, callers, view, roster, holes, clock }
  sessionRoutes(app, shared)
  directoryRoutes(app, shared)
  deviceRoutes(app, shared)
  policyRoutes(app, shared)
  deviceAccessRuleRoutes(app, shared)
  compliancePolicyRoutes(app, shared)
  collectionRoutes(app, shared)
  deploymentRoutes(app, shared)
  policyFolderRoutes(app, shared)
  conditionalAccessRoutes(app, shared)
  conditionalOverviewRoutes(app, shared)
  evaluateRoutes(app, shared)
  policyTemplateRoutes(app, shared)
  replayRoutes(app, shared)
  rolloutRoutes(app, shared)
  signalRoutes(app, shared)
  signInRoutes(app, shared)
  historyRoutes(app, shared)
  directoryAuditRoutes(app, shared)
  overviewRoutes(app, shared)
  portalRoutes(app, shared)
  enrollmentRoutes(app, shared)
  mailboxRoutes(app, shared)
  actionRoutes(app, shared)
  templateRoutes(app, shared)
  profileRoutes(app, shared)
  profilePayloadRoutes(app, shared)
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
      await holes.stop()
      await app.close()
    },
  }
}
