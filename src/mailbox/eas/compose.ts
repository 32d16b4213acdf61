import type { Clock } from '../../base/clock.ts'
import { limits } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import type { Directory, User, UserId } from '../../directory/directory.ts'
import type { Store } from '../../store/store.ts'
import { type ComposeRequest, readCompose } from '../../wire/eas/compose.ts'
import { type Content, readServerId } from '../content.ts'
import { wordsOf } from '../message.ts'
import { type OutgoingMessage, type Prepared, prepareOutgoing } from '../outgoing.ts'
import { ownFolder, storeMessage } from '../own.ts'
import { appendOriginal } from '../reply.ts'
import { findSent, saveSent } from '../state/records.ts'
import { type Call, type Command, emptyAnswer, refuse } from './answer.ts'

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly user: UserId
  readonly directory: Pick<Directory, 'find' | 'user'>
  /** Hands a message to the outside; rejects when it was not taken over. Absent: only built-in mailboxes are reached. */
  readonly relay?: (message: OutgoingMessage) => Promise<void>
}

/**
 * SendMail, SmartReply and SmartForward (MS-ASCMD 2.2.1.17, 19, 20). All recipients are looked up first, so that nothing is
 * half sent; a ClientId that was sent before is 118. Success is an empty answer.
 */
export function createCompose(deps: Deps): Command {
  return async (call) => {
    const asked = readAsked(call)
    if (!asked) return refuse(call.request, 103)
    const status = await send(deps, call, asked)
    return status === 'sent' ? emptyAnswer : refuse(call.request, status)
  }
}

type Asked = Pick<
  ComposeRequest,
  'clientId' | 'saveInSentItems' | 'replaceMime' | 'source' | 'mime'
>

// Up to 12.1 the message is the body, and what goes with it is in the query (MS-ASHTTP 2.2.1.1.1.2.5).
function readAsked({ request, root, body }: Call): Asked | undefined {
  if (root) return readCompose(root)
  if (body.length === 0) return undefined
  const { saveInSent, collectionId, itemId, longId } = request
  const source =
    (itemId ?? longId) === undefined ? undefined : { folderId: collectionId, itemId, longId }
  return { clientId: '', saveInSentItems: saveInSent, replaceMime: false, source, mime: body }
}

async function send(deps: Deps, call: Call, asked: Asked): Promise<'sent' | number> {
  const { store, clock } = deps
  const { partnership } = call
  const clientId = asked.clientId.slice(0, limits.clientIdChars.value)
  if (clientId !== '' && (await findSent(store.db, partnership, clientId)) === 'done') return 118
  const raw = await withOriginal(call, asked)
  if (raw === 'missing') return 150
  if (raw.length > limits.easMessageBytes.value) return 122
  const sender = await deps.directory.user(deps.user)
  if (!sender) return 125
  const mark = clientId === '' ? `${deps.user} ${clock.now()}` : `${partnership} ${clientId}`
  const message = await prepareOutgoing(raw, sender, clock.now(), mark)
  if (message.recipients.length === 0) return 119
  const { local, remote } = await sortRecipients(deps, message.recipients)
  if (remote.length > 0) {
    if (!deps.relay) return 116
    const taken = await relayAway(deps, call, { clientId, sender, message, remote })
    if (!taken) return 120
  }
  await storeCopies(deps, partnership, { ...asked, clientId }, message, local)
  return 'sent'
}

async function withOriginal(
  { request, content }: Call,
  { source, replaceMime, mime }: Asked,
): Promise<Uint8Array | 'missing'> {
  if (request.command === 'SendMail') return mime
  const item = await findSource(content, source)
  if (!item) return 'missing'
  if (replaceMime) return mime
  const original = { raw: await item.raw(), receivedAt: item.receivedAt }
  return await appendOriginal(
    mime,
    original,
    request.command === 'SmartReply' ? 'reply' : 'forward',
  )
}

async function findSource(content: Content, source: Asked['source']) {
  const place = readServerId(content.folders, source?.itemId ?? source?.longId ?? '')
  return place && (await content.find(place.item))
}

async function sortRecipients(
  { directory }: Deps,
  recipients: readonly string[],
): Promise<{ local: readonly User[]; remote: readonly string[] }> {
  const local = new Map<UserId, User>()
  const remote: string[] = []
  for (const address of recipients) {
    const user = address.includes('@') ? await directory.find(address) : undefined
    if (user) local.set(user.id, user)
    else remote.push(address)
  }
  return { local: [...local.values()], remote }
}

// The outside cannot be rolled back, so it goes first. A crash before the end repeats it under the same Message-ID.
async function relayAway(
  { store, clock, log, relay }: Deps,
  { partnership }: Call,
  what: { clientId: string; sender: User; message: Prepared; remote: readonly string[] },
): Promise<boolean> {
  const { clientId, sender, message, remote } = what
  const at = clock.now()
  if (clientId !== '') {
    const begun = { partnership, clientId, done: false, at }
    await store.transact((tx) => saveSent(tx, begun, at - limits.clientIdKeepMs.value))
  }
  try {
    await relay?.({ from: sender.mail, to: remote, raw: message.sent })
    return true
  } catch (thrown) {
    log.error('mailbox.relayRefused', thrown, { partnership, recipients: remote.length })
    return false
  }
}

async function storeCopies(
  { store, clock, user }: Deps,
  partnership: string,
  asked: { clientId: string; saveInSentItems: boolean },
  message: Prepared,
  local: readonly User[],
): Promise<void> {
  const at = clock.now()
  const words = await wordsOf(message.sent)
  const { clientId } = asked
  await store.transact(async (tx) => {
    for (const recipient of local) {
      const arrived = { raw: message.sent, words, receivedAt: at, read: false }
      await storeMessage(store, tx, recipient.id, ownFolder('inbox'), arrived)
    }
    if (asked.saveInSentItems) {
      const copy = { raw: message.copy, words, receivedAt: at, read: true }
      await storeMessage(store, tx, user, ownFolder('sentItems'), copy)
    }
    if (clientId === '') return
    const done = { partnership, clientId, done: true, at }
    await saveSent(tx, done, at - limits.clientIdKeepMs.value)
  })
}
