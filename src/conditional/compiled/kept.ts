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

  /** Makes and keeps a value that takes this many words. */
  put(name: K, words: number, make: () => V): V {
    this.grow(words)
    const value = make()
    this.#found.set(name, value)
    return value
  }

  /** Something that is to be kept takes more words; said beforehand, since it may begin anew. */
  grow(words: number): void {
    // What holds them costs about as much as so many words.
    this.#words += words + 32
    if (this.#words <= limits.verdictWords.value) return
    this.clear()
    this.#words = words + 32
  }

  /** Begins anew. */
  clear(): void {
    if (this.#words === 0) return
    this.#found.clear()
    this.#words = 0
    this.#forget()
  }
}
