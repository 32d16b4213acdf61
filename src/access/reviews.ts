/**
 * Reviews of what is held, under way on this node. Ending what no longer holds comes before writing down why: the change
 * itself is in the store by then, and whoever writes finds the rest of it again after a crash (`redeciding.ts`).
 */
export class Reviews {
  readonly #running = new Set<Promise<void>>()

  /** A review that does not reject. */
  begin(review: Promise<void>): void {
    this.#running.add(review)
    void review.then(() => this.#running.delete(review))
  }

  /** Resolves when those that run at this moment are over; later ones make nobody wait for ever. */
  async passed(): Promise<void> {
    await Promise.all(this.#running)
  }
}
