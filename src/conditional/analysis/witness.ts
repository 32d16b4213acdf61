import type { Instant } from '../../base/clock.ts'
import type { Evaluator } from '../conditional.ts'
import type { SignIn } from '../sign-in.ts'
import type { Way } from './holes.ts'
import type { World } from './world.ts'

/** A way in as a sign-in that can be tried. */
export interface Witness extends Way {
  /** Undefined: none could be made up, which is told as a disagreement. */
  readonly signIn: SignIn | undefined
}

/** Where deciding says otherwise than the analysis did, or no sign-in could be made up: a fault of ours, to be told. */
export interface Disagreement extends Way {
  readonly signIn: SignIn | undefined
  readonly expected: 'grant' | 'refuse'
  readonly decided: string
}

/** Who must say what of a sign-in. */
export interface Expectation {
  readonly evaluator: Evaluator
  readonly expected: 'grant' | 'refuse'
}

/** Makes sign-ins of ways in and has each decided, as a server would. What does not hold is left out and told apart. */
export class Trial {
  readonly disagreements: Disagreement[] = []
  readonly #world: World
  readonly #now: Instant

  constructor(world: World, now: Instant) {
    this.#world = world
    this.#now = now
  }

  /** The ways with their sign-ins. `as`: whose identity they have, where it is somebody's of the directory. */
  try(
    ways: readonly Way[],
    expectations: readonly Expectation[],
    as?: SignIn['identity'],
  ): Witness[] {
    return ways.map((way) => {
      const made = this.#world.signInOf(way.example)
      // Whoever has just signed in is asked for nothing by a sign-in frequency.
      const signIn = made && { ...made, ...(as && { identity: as }), authenticatedAt: this.#now }
      for (const { evaluator, expected } of expectations) {
        const decided = signIn ? evaluator.decide(signIn, this.#now).outcome : 'nothing'
        const said = decided === 'grant' ? 'grant' : decided === 'nothing' ? decided : 'refuse'
        if (said !== expected) this.disagreements.push({ ...way, signIn, expected, decided })
      }
      return { ...way, signIn }
    })
  }
}
