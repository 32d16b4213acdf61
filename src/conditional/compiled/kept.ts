import { limits } from '../../base/limits.ts'

/** What was found out, by name. Begins anew where it has grown too large, so that no number of questions fills the memory. */
export class Kept<K, V> {
  readonly #found = new Map<K, V>()
  readonly #forget: () => void
  #words = 0

  /** `forget` is called whenever it begins anew. */
  constructor(forget: () => void = () => {}) {
    this.#forget = forget
  }

  get(name: K): V | undefined {
    return this.#found.get(name)
  }

  /** Keeps a value that takes this many words. */
  put(name: K, value: V, words: number): V {
    this.grow(words)
    this.#found.set(name, value)
    return value
  }

  /** Something that is kept takes more words. */
  grow(words: number): void {
    // What holds them costs about as much as so many words.
    this.#words += words + 32
    if (this.#words <= limits.verdictWords.value) return
    this.#found.clear()
    this.#words = 0
    this.#forget()
  }
}
