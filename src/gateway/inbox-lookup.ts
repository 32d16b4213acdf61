import { asFailure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { FolderHierarchy } from '../wire/wbxml/tokens.ts'
import { element, writeWbxml } from '../wire/wbxml/wbxml.ts'
import { inboxOf } from './inspect.ts'
import type { Waiting } from './new-mail.ts'
import { ownRequest } from './own-request.ts'
import { createTurns } from './turns.ts'
import { ask, type Upstream } from './upstream.ts'

/**
 * Which folder of the upstream is a user's Inbox. Phones that had their folders before we came never ask for them again,
 * so we ask once per user, as a device of our own: the phone's own folder key must not be touched.
 */
export interface InboxLookup {
  /** What is known by now; '' when nothing is. */
  known(user: string): string
  /** Asks if need be; '' when it cannot be had. */
  find(waiting: Waiting): Promise<string>
}

/** Our own name towards the upstream. */
const ownDevice = { deviceId: 'postern', deviceType: 'Postern' } as const

/** Remembers up to `limits.gatewayClients` Inboxes. */
export function createInboxLookup({
  upstream,
  log,
}: {
  upstream: Upstream
  log: Log
}): InboxLookup {
  const found = new Map<string, string>()
  const asking = new Map<string, Promise<string>>()
  // One at a time: after a restart everybody's first Ping comes at once, and people wait for the same workers.
  const turns = createTurns(1)
  const lookUp = async (waiting: Waiting): Promise<string> => {
    try {
      const body = element(FolderHierarchy.FolderSync, element(FolderHierarchy.SyncKey, '0'))
      const request = { ...waiting.request, ...ownDevice, command: 'FolderSync' as const }
      const sent = ownRequest({ ...waiting, request }, writeWbxml(body))
      const answer = await turns.run(() => ask(upstream, sent))
      const inbox = answer.status === 200 && answer.body.length > 0 ? inboxOf(answer.body) : ''
      if (inbox) remember(waiting.user, inbox)
      return inbox ?? ''
    } catch (thrown) {
      log.warn('upstream.inbox', { detail: asFailure(thrown).detail })
      return ''
    } finally {
      asking.delete(waiting.user)
    }
  }
  const remember = (user: string, inbox: string): void => {
    const [oldest] = found.keys()
    if (found.size >= limits.gatewayClients.value && oldest !== undefined) found.delete(oldest)
    found.set(user, inbox)
  }
  return {
    known: (user) => found.get(user) ?? '',
    find(waiting) {
      const known = found.get(waiting.user)
      if (known !== undefined) return Promise.resolve(known)
      const running = asking.get(waiting.user) ?? lookUp(waiting)
      asking.set(waiting.user, running)
      return running
    },
  }
}
