import { randomBytes } from 'node:crypto'

interface FailureKind {
  /** HTTP status that an HTTP door answers with. */
  readonly status: number
  readonly summary: string
  /** What the operator can do about it. */
  readonly hint: string
}

/** Every coded failure of Postern. `docs/failures.md` is generated from this table and tested equal to it. */
export const failureKinds = {
  'access.behind': {
    status: 503,
    summary: 'This node has not heard the latest changes, so it refuses rather than admits.',
    hint: 'Look at the database connection of this node; it recovers by itself once it catches up.',
  },
  'action.failed': {
    status: 500,
    summary: 'An action for noncompliance could not be carried out.',
    hint: '`postern action list --state failed` says which and why; put that right, then `postern action retry`.',
  },
  'action.settled': {
    status: 409,
    summary: 'The action waits for nobody any more.',
    hint: 'Look at its state with `postern action list`; a device that meets the policy again ends what waited.',
  },
  'collection.invalid': {
    status: 400,
    summary: 'A collection cannot be as it was described.',
    hint: 'The detail names the collection and what is wrong with it; nothing was changed.',
  },
  'config.invalid': {
    status: 500,
    summary: 'The configuration is not valid.',
    hint: 'The detail names the key; an unknown key is an error too.',
  },
  'credentials.refused': {
    status: 401,
    summary: 'User name, password or certificate was not accepted.',
    hint: 'Check the account with `postern user list`; too many wrong tries delay further ones.',
  },
  'credentials.throttled': {
    status: 429,
    summary: 'Too many wrong passwords for this account or from this address.',
    hint: 'Wait for the time in Retry-After, or look in the log for who is trying.',
  },
  'enrollment.refused': {
    status: 403,
    summary: 'The device could not be enrolled, or its report was not accepted.',
    hint: 'The detail says which check failed: certificate, signature, owner or age.',
  },
  'filter.invalid': {
    status: 400,
    summary: 'A filter rule is not understood.',
    hint: 'The detail gives the place; properties and operators are those of device filters in conditional access.',
  },
  internal: {
    status: 500,
    summary: 'A fault in Postern itself. Access was refused.',
    hint: 'Search the log for the id and report it.',
  },
  'limit.exceeded': {
    status: 413,
    summary: 'The input is larger, deeper or more numerous than a limit allows.',
    hint: 'The detail names the limit; docs/limits.md gives its reason.',
  },
  'name.taken': {
    status: 409,
    summary: 'Something of this name exists already.',
    hint: 'Choose another name, or change the existing one.',
  },
  'not.found': {
    status: 404,
    summary: 'Nothing of this name or id exists.',
    hint: 'List what exists, for example `postern device list`.',
  },
  'permission.denied': {
    status: 403,
    summary: 'The signed-in user may not do this.',
    hint: 'Sign in as an administrator, or ask one.',
  },
  'policy.invalid': {
    status: 400,
    summary: 'A policy document has a value or property that Postern does not understand.',
    hint: 'The detail names the document and the property. Nothing was applied.',
  },
  'policy.lockout': {
    status: 409,
    summary: 'The change would keep people from mail who must not be kept from it by accident.',
    hint: 'Nothing was applied. If it is meant, send it again with this confirmation (`--confirm`, or the header x-postern-confirm).',
  },
  'policy.unsettled': {
    status: 409,
    summary: 'Another change of the policies is not settled yet.',
    hint: 'Where a change waits for its confirmation: `postern policy confirm`, or wait for its rollback. Otherwise try again.',
  },
  'profile.undeliverable': {
    status: 409,
    summary: 'The mail profile cannot be made into what this device could install.',
    hint: 'The detail says what is in the way: whom it is for, or a setting that only management can deliver.',
  },
  'request.malformed': {
    status: 400,
    summary: 'The request could not be read.',
    hint: 'The detail says where reading stopped. Nothing was done.',
  },
  'rollout.invalid': {
    status: 400,
    summary: 'A rollout cannot be as it was described.',
    hint: 'The detail says what is wrong with it; nothing was started.',
  },
  'rollout.settled': {
    status: 409,
    summary: 'The rollout is in no state in which this can be done.',
    hint: 'Look at its state with `postern rollout show`; only one that runs has a next wave, only one that is paused goes on.',
  },
  'store.newer': {
    status: 500,
    summary: 'The data was written by a newer Postern.',
    hint: 'Start the newer version, or restore a backup made before the upgrade.',
  },
  'store.unavailable': {
    status: 503,
    summary: 'The database did not answer.',
    hint: 'Check the disk or the PostgreSQL server; state is kept, access is refused meanwhile.',
  },
  'template.invalid': {
    status: 400,
    summary: 'A message template has a value or token that Postern does not understand.',
    hint: 'The detail names the template and the place; `postern template tokens` lists what may stand in a message.',
  },
  'upstream.unavailable': {
    status: 503,
    summary: 'The mail server behind Postern did not answer.',
    hint: 'Check the mail server. Clients are told to come back; no state is lost.',
  },
} as const satisfies Record<string, FailureKind>

export type FailureCode = keyof typeof failureKinds

/** A failure of the world or of its input, with a stable code and an id that the log line carries too. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly detail: string
  readonly id: string

  constructor(code: FailureCode, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options)
    this.name = 'Failure'
    this.code = code
    this.detail = detail
    this.id = randomBytes(6).toString('hex')
  }

  get status(): number {
    return failureKinds[this.code].status
  }
}

/** The failure itself, or an `internal` one around anything else that was thrown. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  return new Failure('internal', 'unexpected fault', { cause: thrown })
}

/** For states that the code itself rules out: a bug, never an input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`)
}

/** Makes a `switch` exhaustive: compiles only where every case was taken. */
export function impossible(value: never): never {
  throw new Error(`bug: unforeseen ${JSON.stringify(value)}`)
}
