/** One step through a body in chunks (RFC 9112 7.1). */
export type ChunkStep =
  /** `size` bytes of the body from `at` on; `next` is where to go on. */
  | { readonly kind: 'piece'; readonly at: number; readonly size: number; readonly next: number }
  | { readonly kind: 'end'; readonly next: number }
  /** What came is not enough; `next` is where to go on when more has come. */
  | { readonly kind: 'more'; readonly next: number }
  | { readonly kind: 'broken' }

const broken: ChunkStep = { kind: 'broken' }
const sizeLine = /^([0-9A-Fa-f]{1,8})(?:[\t ]*;[\t -~]*)?$/
const trailerLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*$/
const longestLine = 1024
const mostTrailers = 64

/** Reads a body in chunks, of which the bytes come in pieces: it keeps only where it is. */
export class ChunkReader {
  #state: 'size' | 'bytes' | 'after' | 'trailers' = 'size'
  #left = 0
  #trailers = 0

  /** The next step, from `from` on in what has come and was not taken yet. */
  step(bytes: Buffer, from: number): ChunkStep {
    if (this.#state === 'bytes') return this.#piece(bytes, from)
    const end = bytes.indexOf('\r\n', from, 'latin1')
    if (end < 0) return bytes.length - from > longestLine ? broken : { kind: 'more', next: from }
    const line = bytes.toString('latin1', from, end)
    switch (this.#state) {
      case 'after':
        if (line !== '') return broken
        this.#state = 'size'
        return this.step(bytes, end + 2)
      case 'trailers':
        // Trailers are dropped, as node:http does by itself.
        if (line === '') return { kind: 'end', next: end + 2 }
        if (!trailerLine.test(line) || ++this.#trailers > mostTrailers) return broken
        return this.step(bytes, end + 2)
      default: {
        const size = sizeLine.exec(line)?.[1]
        if (size === undefined) return broken
        this.#left = Number.parseInt(size, 16)
        this.#state = this.#left === 0 ? 'trailers' : 'bytes'
        return this.step(bytes, end + 2)
      }
    }
  }

  #piece(bytes: Buffer, at: number): ChunkStep {
    const size = Math.min(this.#left, bytes.length - at)
    if (size === 0) return { kind: 'more', next: at }
    this.#left -= size
    if (this.#left === 0) this.#state = 'after'
    return { kind: 'piece', at, size, next: at + size }
  }
}
