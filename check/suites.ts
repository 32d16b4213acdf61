/** One run of the tests: what it is called, what it runs, and how. */
export interface Suite {
  readonly name: string
  readonly globs: readonly string[]
  /** How many processes run at a time. */
  readonly atOnce: number
  /** Whether these processes share out the files among them, or each runs one file and the next has its turn. */
  readonly shared?: boolean
  /** The longest that one test may take. */
  readonly testTimeoutMs: number
  /** The longest that one process may take. */
  readonly processTimeoutMs: number
}

/** What the process of a run says when its tests are done. */
export interface Ended {
  readonly tally: Tally
  /** It did not come to rest: a server, timer or child was left open. */
  readonly leaks: boolean
}

/** How a run of tests ended. */
export interface Tally {
  readonly passed: number
  /** What each failure is called, and where it stands. */
  readonly failed: readonly string[]
  readonly skipped: number
}

const minute = 60_000

/** In the order they run: the quick ones first. */
export const suites: readonly Suite[] = [
  {
    name: 'unit',
    globs: ['src/**/*.test.ts', 'check/**/*.test.ts'],
    atOnce: 2,
    shared: true,
    testTimeoutMs: 3 * minute,
    processTimeoutMs: 15 * minute,
  },
  {
    name: 'contract',
    globs: ['test/contract/**/*.test.ts'],
    atOnce: 2,
    testTimeoutMs: 4 * minute,
    processTimeoutMs: 10 * minute,
  },
  {
    name: 'story',
    globs: ['test/story/**/*.test.ts'],
    atOnce: 2,
    // The longest takes two on a quiet machine; a busy one must not fail it.
    testTimeoutMs: 8 * minute,
    processTimeoutMs: 15 * minute,
  },
  {
    // What a time is claimed of has the machine for itself.
    name: 'timed',
    globs: ['test/timed/**/*.test.ts'],
    atOnce: 1,
    testTimeoutMs: 8 * minute,
    processTimeoutMs: 15 * minute,
  },
  {
    name: 'real',
    globs: ['test/real/**/*.test.ts'],
    atOnce: 1,
    testTimeoutMs: 5 * minute,
    processTimeoutMs: 15 * minute,
  },
]
