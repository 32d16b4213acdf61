import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'

/** Hashes passwords with argon2id (RFC 9106) in PHC form, a few at a time. */
export interface PasswordHashes {
  /** For setting a password: waits for its turn, however long. */
  hash(password: string): Promise<string>
  /**
   * For signing in. Without a hash it verifies against one that fits no password, so that its time does not tell who
   * exists. Throws `credentials.throttled` when too many wait already.
   */
  verify(hash: string | undefined, password: string): Promise<boolean>
}

// Argon2id, by number: the library's constant enum cannot be imported where types are erased.
const argon2id = 2

/** Each runs on one of libuv's four threads, which the disk and name resolution need too: hence the turns. */
export function createPasswordHashes(): PasswordHashes {
  const turns = createTurns(limits.passwordHashesAtOnce.value)
  let nobody: Promise<string> | undefined

  const hash = async (password: string) => {
    // Loaded when first needed: a start hashes nothing.
    const argon2 = await import('@node-rs/argon2')
    return await argon2.hash(password, {
      algorithm: argon2id,
      memoryCost: limits.passwordHashKib.value,
      timeCost: limits.passwordHashPasses.value,
      parallelism: 1,
    })
  }
  // A failed first try must not stand for ever.
  const hashOfNobody = () => {
    nobody ??= hash('nobody').catch((thrown: unknown) => {
      nobody = undefined
      throw thrown
    })
    return nobody
  }

  return {
    hash: (password) => turns.take(() => hash(password)),
    async verify(known, password) {
      // An attacker who floods sign-in gets refusals here, not all the threads and 19 MiB for each try.
      if (turns.waiting >= limits.passwordHashesWaiting.value)
        throw new Failure('credentials.throttled', 'too many passwords are being checked')
      return await turns.take(async () => {
        const { verify } = await import('@node-rs/argon2')
        // Made in both cases, so that the first sign-in of an unknown name takes no longer than that of a known one.
        const other = await hashOfNobody()
        const fits = await verify(known ?? other, password)
        return fits && known !== undefined
      })
    },
  }
}

/** Lets `atOnce` run together; the rest wait in order. */
function createTurns(atOnce: number) {
  const queue: (() => void)[] = []
  let running = 0
  return {
    get waiting() {
      return queue.length
    },
    async take<T>(work: () => Promise<T>): Promise<T> {
      // Whoever ends hands its place on, so nobody who comes later slips in between.
      if (running < atOnce) running++
      else await new Promise<void>((resolve) => queue.push(resolve))
      try {
        return await work()
      } finally {
        const next = queue.shift()
        if (next) next()
        else running--
      }
    },
  }
}
