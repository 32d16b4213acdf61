import { setTimeout as pause } from 'node:timers/promises'

/** Resolves when `holds` does; rejects when it did not within `ms`. For what a server does in its own time. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what = 'it',
  ms = 5000,
): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come to hold within ${ms} ms`)
    await pause(20)
  }
}
