import type { Socket } from 'node:net'
import { limits } from '../../base/limits.ts'
import type { Carried } from '../carried.ts'
import { LaneCarried, type LaneLine } from './lane-carried.ts'
import { readRequestHead, type RequestHead } from './request-head.ts'

/** The lane that a line belongs to. */
export interface Keeper {
  readonly draining: boolean
  now(): number
  isOurs(url: string): boolean
  serve(carried: Carried): void
  /** The line is out of our hands: closed, or handed over. */
  drop(line: Line): void
  /** For node:http, with these bytes still unread. */
  handOver(socket: Socket, unread: Buffer): void
}

// RFC 9110 15.5.9, as node:http says it.
const requestTimeout = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

const nothing: Buffer = Buffer.alloc(0)
const mostUnread = limits.laneHeadBytes.value + limits.laneBodyBytes.value

/** The line of a connection: found there, so that its listeners are the same functions for all. */
const lineOf = Symbol('line')

interface LineSocket extends Socket {
  [lineOf]?: Line | undefined
}

/**
 * One connection of a client on the lane: requests one after another, each answered before the next is read. The first
 * one that is not for the lane takes the connection with it, untouched and for good.
 */
export class Line implements LaneLine {
  readonly #socket: LineSocket
  readonly #keeper: Keeper
  #unread: Buffer = nothing
  #head: RequestHead | undefined
  #carried: LaneCarried | undefined
  #signedIn = false
  /** When what the line waits for is too late; 0 while it is our turn. */
  deadline: number

  constructor(socket: LineSocket, keeper: Keeper) {
    this.#socket = socket
    socket[lineOf] = this
    this.#keeper = keeper
    this.deadline = keeper.now() + limits.headersMs.value
    socket.on('data', Line.#onData)
    socket.on('end', Line.#onEnd)
    socket.on('error', Line.#onClose)
    socket.on('close', Line.#onClose)
  }

  static #onData(this: LineSocket, bytes: Buffer): void {
    const line = this[lineOf]
    if (line) line.#take(bytes)
  }

  static #onEnd(this: LineSocket): void {
    const line = this[lineOf]
    if (line) line.#ended()
  }

  static #onClose(this: LineSocket): void {
    const line = this[lineOf]
    if (line) line.#closed()
  }

  get peer(): string | undefined {
    return this.#socket.remoteAddress
  }

  get isLast(): boolean {
    return this.#keeper.draining
  }

  get isBusy(): boolean {
    return this.#carried !== undefined
  }

  now(): number {
    return this.#keeper.now()
  }

  write(bytes: Uint8Array | string): boolean {
    return this.#socket.write(bytes)
  }

  whenDrained(resume: () => void): void {
    this.#socket.once('drain', resume)
  }

  signedIn(): void {
    this.#signedIn = true
  }

  over(): void {
    this.#carried = undefined
    if (this.#keeper.draining) return void this.#socket.end()
    const { idleConnectionMs, keepAliveMs } = limits
    this.deadline = this.now() + (this.#signedIn ? keepAliveMs : idleConnectionMs).value
    if (this.#socket.isPaused()) this.#socket.resume()
    // Whoever asks and asks without taking the answers waits until they are taken.
    if (this.#socket.writableNeedDrain) this.#socket.once('drain', () => this.#read())
    else if (this.#unread.length > 0) this.#read()
  }

  break(): void {
    this.#socket.destroy()
  }

  /** It waited too long: for a body node:http may wait longer, and half a head or nothing at all is the end. */
  late(): void {
    if (this.#head) return this.#leave()
    // Who does not even take the answer has had two turns.
    if (this.#socket.writableEnded) return void this.#socket.destroy()
    this.#socket.end(this.#unread.length > 0 ? requestTimeout : '', () => this.#socket.destroy())
  }

  #take(bytes: Buffer): void {
    if (this.#unread.length === 0) {
      this.#unread = bytes
      if (!this.#carried) this.deadline = this.now() + limits.headersMs.value
    } else this.#unread = Buffer.concat([this.#unread, bytes])
    if (!this.#carried) this.#read()
    else if (this.#unread.length > mostUnread) this.#socket.pause()
  }

  #read(): void {
    if (this.#carried || this.#unread.length === 0) return
    const head = this.#head ?? readRequestHead(this.#unread, this.#keeper.isOurs)
    if (head === 'more') return
    if (head === 'odd') return this.#leave()
    const whole = head.headBytes + head.bodyBytes
    if (this.#unread.length < whole) {
      this.#head = head
      return
    }
    this.#head = undefined
    const body = this.#unread.subarray(head.headBytes, whole)
    this.#unread = this.#unread.length === whole ? nothing : this.#unread.subarray(whole)
    this.deadline = 0
    this.#carried = new LaneCarried(this, head, body)
    this.#keeper.serve(this.#carried)
  }

  // As node:http does it: who ends the connection gives up what is being done, and gets what was written.
  #ended(): void {
    if (this.#carried) this.#closed()
    else this.#socket.end()
  }

  #closed(): void {
    this.#keeper.drop(this)
    const carried = this.#carried
    this.#carried = undefined
    this.#unread = nothing
    this.#socket.destroy()
    carried?.gone()
  }

  #leave(): void {
    const socket = this.#socket
    socket.off('data', Line.#onData).off('end', Line.#onEnd)
    socket.off('error', Line.#onClose).off('close', Line.#onClose)
    socket[lineOf] = undefined
    this.#keeper.drop(this)
    this.#keeper.handOver(socket, this.#unread)
    this.#unread = nothing
  }
}
