import type { EasCommand } from '../../wire/eas/commands.ts'
import type { EasRequest } from '../../wire/eas/request.ts'
import { statusAnswer } from '../../wire/eas/status.ts'
import type { Element } from '../../wire/wbxml/wbxml.ts'
import type { Content } from '../content.ts'
import type { Source } from '../keys.ts'

export interface EasAnswer {
  /** HTTP status. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** The end of a request from outside: what is held needs of an `AbortSignal`, which ten thousand would rather do without. */
export interface Ended {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: { handleEvent(): void }): void
  removeEventListener(type: 'abort', listener: { handleEvent(): void }): void
}

/** One request of one client, read as far as every command needs it. */
export interface Call {
  readonly request: EasRequest
  /** The WBXML body; `undefined` when the body is empty or is no WBXML. */
  readonly root: Element | undefined
  readonly body: Uint8Array
  /** Fires when the mailbox is no longer the client's. */
  readonly ended: Ended
  readonly partnership: string
  readonly source: Source
  readonly content: Content
}

/** Waits for an answer that is held: exactly one of the two is called, once. */
export interface Awaiting {
  answered(answer: EasAnswer): void
  failed(thrown: unknown): void
}

/**
 * An answer that is held: it comes when there is news, or in an hour. A record and no promise, since the frames that await
 * one are most of what ten thousand held requests would cost.
 */
export interface HeldAnswer {
  /** Tells the answer, at once where it has come; called once. */
  tell(awaiting: Awaiting): void
}

/** What a command leaves behind. */
export type Outcome = EasAnswer | HeldAnswer

export type Command = (call: Call) => Promise<Outcome>

/** The commands that a mailbox serves; every other one is answered with `otherwise`. */
export interface Commands {
  readonly served: Readonly<Partial<Record<EasCommand, Command>>>
  readonly otherwise: Command
}

/** An answer in WBXML. */
export function wbxmlAnswer(body: Uint8Array): EasAnswer {
  return { status: 200, headers: { 'content-type': 'application/vnd.ms-sync.wbxml' }, body }
}

/** HTTP 200 without a body: success of SendMail, "nothing new" of Sync. */
export const emptyAnswer: EasAnswer = { status: 200 }

/** A common status for the whole command: WBXML from 14.0 on, an HTTP error before (MS-ASCMD 2.2.2). */
export function refuse(request: EasRequest, status: number): EasAnswer {
  const answer = statusAnswer(request.command, status, request.version, request.policyKeySent)
  return answer.body
    ? { ...wbxmlAnswer(answer.body), status: answer.http }
    : { status: answer.http }
}

/** A command that answers every call with one common status. */
export function refuseWith(status: number): Command {
  return async ({ request }) => refuse(request, status)
}
