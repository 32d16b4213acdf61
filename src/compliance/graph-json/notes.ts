import { Failure } from '../../base/failures.ts'

/**
 * `unknownProperty`: not known here, kept, and no device meets the policy while it says something; `notSupported`: known,
 * and cannot be evaluated; `filterIgnored`: the target counts whole; `actionNotTaken`: kept, never carried out;
 * `resultsIgnored`: what the other system found, not part of the policy; `severalBlocks`: the earliest one counts.
 */
export type NoteCode =
  | 'unknownProperty'
  | 'notSupported'
  | 'filterIgnored'
  | 'actionNotTaken'
  | 'resultsIgnored'
  | 'severalBlocks'

/** Something of a policy that was not taken over as it stands. */
export interface Note {
  /** Place in the JSON: `$.settings[0].settingInstance`. */
  readonly path: string
  readonly code: NoteCode
  readonly detail: string
}

/** Where reading is, and what it has found so far. */
export interface Reader {
  /** Name of the policy, for failures. */
  readonly name: string
  readonly notes: Note[]
}

/** Adds a note. */
export function note({ notes }: Reader, path: string, code: NoteCode, detail: string): void {
  notes.push({ path, code, detail })
}

/** The failure for a value that cannot be. */
export function invalid({ name }: Pick<Reader, 'name'>, path: string, problem: string): Failure {
  return new Failure(
    'policy.invalid',
    `compliance policy ${JSON.stringify(name)}: ${path}: ${problem}`,
  )
}
