import assert from 'node:assert/strict'

/** One value on a server that may die at any moment: what was acknowledged last, and what was asked for after that. */
export class Register<V extends string | number> {
  readonly #what: string
  #known: V
  readonly #open = new Set<V>()

  constructor(what: string, known: V) {
    this.#what = what
    this.#known = known
  }

  /** Asks for the value; it is acknowledged when `work` resolves. */
  async set(value: V, work: () => Promise<unknown>): Promise<void> {
    this.#open.add(value)
    await work()
    this.#known = value
    this.#open.clear()
  }

  /** What the server says must be what was acknowledged, or what was still open. */
  check(seen: V): void {
    const possible = [this.#known, ...this.#open]
    assert.ok(possible.includes(seen), `${this.#what} is ${seen}, not ${possible.join(' or ')}`)
    this.#known = seen
    this.#open.clear()
  }
}

/** Things that were made there: none that was acknowledged may be missing, and none may be there that nobody asked for. */
export class Collected {
  readonly #what: string
  readonly #known = new Set<string>()
  readonly #open = new Set<string>()

  constructor(what: string) {
    this.#what = what
  }

  get size(): number {
    return this.#known.size
  }

  async add(name: string, work: () => Promise<unknown>): Promise<void> {
    this.#open.add(name)
    await work()
    this.#open.delete(name)
    this.#known.add(name)
  }

  /** Each at most once. */
  check(seen: readonly string[]): void {
    const there = new Set(seen)
    assert.equal(there.size, seen.length, `${this.#what}: something is there twice`)
    const lost = [...this.#known].filter((name) => !there.has(name))
    assert.deepEqual(lost, [], `${this.#what}: acknowledged and lost`)
    const foreign = seen.filter((name) => !this.#known.has(name) && !this.#open.has(name))
    assert.deepEqual(foreign, [], `${this.#what}: there, and nobody asked for it`)
    // What was open has come to be, or not, and stays so.
    for (const name of this.#open) if (there.has(name)) this.#known.add(name)
    this.#open.clear()
  }
}
