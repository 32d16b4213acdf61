import type { Socket } from 'node:net'
import { limits } from '../../base/limits.ts'
import type { Cut, UpstreamSink } from '../upstream.ts'
import { type AnswerHead, readAnswerHead } from './answer-head.ts'
import { ChunkReader } from './chunks.ts'
import type { WrittenRequest } from './mail-lines.ts'

/** How a try ended before its answer did. */
export interface Broken {
  /** The answer had begun. */
  readonly begun: boolean
  readonly timedOut: boolean
  /** System code, for the log. */
  readonly code: string
  readonly cause: Error
}

/** Whoever keeps the lines. */
interface Keeper {
  /** It may carry the next request. */
  free(line: MailLine): void
  /** It is gone. */
  drop(line: MailLine): void
}

type Done = (end: Broken | 'odd' | undefined) => void

/** What a line is busy with. */
interface Task {
  readonly sink: UpstreamSink
  readonly signal: Cut | undefined
  readonly done: Done
  readonly answerWithinMs: number
  head: AnswerHead | undefined
  /** Of a body with a length: what is still to come. */
  left: number
  /** Of a body in chunks. */
  chunks: ChunkReader | undefined
  timedOut: boolean
}

const nothing = Buffer.alloc(0)

/** One connection to a mail server: a request, its answer, and the next request. Nothing is sent ahead. */
export class MailLine {
  readonly #socket: Socket
  readonly #keeper: Keeper
  #task: Task | undefined
  #connected = false
  /** Came, and could not be read or passed on yet. */
  #rest: Buffer = nothing
  /** The one who takes the answer asked to wait. */
  #waiting = false

  /** `dial` opens the connection; whatever it then brings goes to what it is given, as bytes of their own. */
  constructor(dial: (take: (bytes: Buffer) => void) => Socket, secure: boolean, keeper: Keeper) {
    const socket = dial((bytes) => this.#take(bytes))
    this.#socket = socket
    this.#keeper = keeper
    socket.setNoDelay(true)
    socket.setTimeout(limits.upstreamConnectMs.value)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true
      if (this.#task) this.#patience(this.#task.answerWithinMs)
    })
    socket.on('timeout', () => this.#timeout())
    socket.on('error', (cause) => this.#broken(cause))
    // Half a connection is none: nothing more is sent on one that the server has ended.
    socket.on('end', () => this.#broken(new Error('the mail server closed the connection')))
    socket.on('close', () => this.#broken(new Error('the connection closed')))
  }

  send(request: WrittenRequest, sink: UpstreamSink, signal: Cut | undefined, done: Done): void {
    const { answerWithinMs } = request
    const head = undefined
    const chunks = undefined
    this.#task = { sink, signal, done, answerWithinMs, head, left: 0, chunks, timedOut: false }
    signal?.addEventListener('abort', this)
    if (this.#connected) this.#patience(answerWithinMs)
    this.#socket.write(request.bytes)
  }

  /** Called by the signal. */
  handleEvent(): void {
    this.#broken(new Error('ended by the door'))
  }

  close(): void {
    this.#broken(new Error('the line was closed'))
  }

  #patience(ms: number): void {
    if (this.#socket.timeout !== ms) this.#socket.setTimeout(ms)
  }

  #timeout(): void {
    if (this.#task) this.#task.timedOut = true
    this.#broken(new Error('the mail server took too long'))
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    this.#read()
  }

  #read(): void {
    // Bytes that nobody asked for: what came before them cannot be told from them.
    if (!this.#task) return this.#broken(new Error('the mail server spoke out of turn'))
    if (this.#waiting) return undefined
    const head = this.#task.head ?? this.#readHead(this.#task)
    if (!head) return undefined
    return head.bodyBytes === undefined ? this.#readChunks(head) : this.#readBytes(head)
  }

  #readHead(task: Task): AnswerHead | undefined {
    const head = readAnswerHead(this.#rest)
    if (head === 'more') return undefined
    if (head === 'odd') {
      this.#finish('odd', false)
      return undefined
    }
    this.#rest = this.#rest.subarray(head.headBytes)
    task.head = head
    task.left = head.bodyBytes ?? 0
    task.sink.head(head.status, head.headers)
    return head
  }

  #readBytes(head: AnswerHead): void {
    const task = this.#task
    if (!task) return
    const size = Math.min(task.left, this.#rest.length)
    const piece = this.#rest.subarray(0, size)
    this.#rest = this.#rest.subarray(size)
    task.left -= size
    if (size > 0) this.#pass(task, piece)
    // Passing it on may have ended the task.
    if (this.#task !== task) return
    if (task.left === 0) this.#finish(undefined, head.kept)
    else this.#patience(limits.uploadIdleMs.value)
  }

  #readChunks(head: AnswerHead): void {
    const task = this.#task
    if (!task) return
    let at = 0
    const chunks = (task.chunks ??= new ChunkReader())
    for (;;) {
      const step = chunks.step(this.#rest, at)
      if (step.kind === 'broken') return this.#broken(new Error('a body in broken chunks'))
      at = step.next
      if (step.kind === 'more') break
      if (step.kind === 'end') {
        this.#rest = this.#rest.subarray(at)
        return this.#finish(undefined, head.kept)
      }
      this.#pass(task, this.#rest.subarray(step.at, step.at + step.size))
      if (this.#task !== task) return undefined
      if (this.#waiting) break
    }
    this.#rest = this.#rest.subarray(at)
    this.#patience(limits.uploadIdleMs.value)
    return undefined
  }

  #pass(task: Task, piece: Buffer): void {
    if (task.sink.piece(piece, () => this.#resume(task))) return
    this.#waiting = true
    this.#socket.pause()
  }

  #resume(task: Task): void {
    if (this.#task !== task || !this.#waiting) return
    this.#waiting = false
    this.#socket.resume()
    if (this.#rest.length > 0 || task.head?.bodyBytes === undefined) this.#read()
  }

  /** The answer is over, or not for us. */
  #finish(end: 'odd' | undefined, kept: boolean): void {
    const task = this.#task
    if (!task) return
    this.#task = undefined
    task.signal?.removeEventListener('abort', this)
    const clean = this.#rest.length === 0
    this.#rest = nothing
    if (this.#waiting) {
      this.#waiting = false
      this.#socket.resume()
    }
    if (kept && clean && !this.#socket.destroyed) this.#keeper.free(this)
    else this.#gone()
    task.done(end)
  }

  #broken(cause: Error): void {
    const task = this.#task
    this.#task = undefined
    this.#gone()
    if (!task) return
    task.signal?.removeEventListener('abort', this)
    const code = task.timedOut ? 'ETIMEDOUT' : codeOf(cause)
    task.done({ begun: task.head !== undefined, timedOut: task.timedOut, code, cause })
  }

  #gone(): void {
    this.#keeper.drop(this)
    this.#socket.destroy()
  }
}

const codeOf = (cause: Error): string => ('code' in cause ? String(cause.code) : cause.name)
