import type { Clock } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { User } from '../directory/directory.ts'
import type { Credentials } from './identity.ts'
import { createMemory, createPasswordKeys, type Memory } from './memory.ts'
import { readSignInName } from './names.ts'
import { createThrottle, network, type Throttle } from './throttle.ts'
import { findFirst, type Sources, verifyPassword } from './verify.ts'

/** `credentials.throttled`, with the time for Retry-After. */
export class Throttled extends Failure {
  readonly retryAfterSeconds: number
  constructor(waitMs: number) {
    const seconds = Math.ceil(waitMs / 1000)
    super('credentials.throttled', `again in ${seconds} s`)
    this.retryAfterSeconds = seconds
  }
}

/** Checks name and password, cheaply when they were right a moment ago. */
export interface Passwords {
  remembered(credentials: Credentials): User | undefined
  authenticate(credentials: Credentials): Promise<User>
  /** The directory changed these users. */
  changed(users: readonly string[]): void
}

/** What a password check leans on. */
interface Given extends Sources {
  readonly clock: Clock
  readonly log: Log
  /** Whether the news that forgets passwords is fresh; while it is not, every request is checked anew. */
  readonly heardNews: () => boolean
  readonly mailDomains?: readonly string[] | undefined
}

/** What is known of passwords, in memory only. */
interface Known {
  /** Right ones, by name and password. */
  readonly right: Memory<User>
  /** Wrong ones, by address, name and password. */
  readonly wrong: Memory<true>
  readonly throttle: Throttle
  /** Counts the news. */
  news: number
}

/** One question, read. */
interface Question {
  readonly names: readonly string[]
  readonly password: string
  readonly address: string
  /** Stands for name and password. */
  readonly key: string
}

/** Names nobody has share one account in memory: any news may mean that one of them exists now. */
const nobody = 'nobody'

/**
 * A remembered password never passes a wait: else guesses against the memory would cost an attacker nothing. Answers
 * for an unknown name, a disabled user and a wrong password are the same, and take the same path.
 */
export function createPasswords(given: Given): Passwords {
  const keyOf = createPasswordKeys()
  const running = new Map<string, Promise<User>>()
  const known: Known = {
    right: createMemory(limits.passwordsRemembered.value),
    wrong: createMemory(limits.passwordsRemembered.value),
    throttle: createThrottle(),
    news: 0,
  }
  const read = ({ name: text, password: secret, address }: Credentials): Question | undefined => {
    const names = readSignInName(text, given.mailDomains ?? [])
    const password = secret.reveal()
    const [name] = names
    if (name === undefined || password === '' || password.length > limits.passwordChars.value)
      return undefined
    return { names, password, address, key: keyOf(name, password) }
  }
  const recall = ({ key, address }: Question): User | undefined => {
    const now = given.clock.now()
    const hit = given.heardNews() ? known.right.get(key, now) : undefined
    return hit && known.throttle.welcome(hit.id, address, now) ? hit : undefined
  }
  return {
    remembered(credentials) {
      const question = read(credentials)
      return question && recall(question)
    },
    async authenticate(credentials) {
      const question = read(credentials)
      if (!question) throw new Failure('credentials.refused', 'no usable name or password')
      const hit = recall(question)
      if (hit) return hit
      const { address, key } = question
      // One try for all that ask the same from the same place at once, but none that began before the latest news.
      const same = `${known.news} ${network(address)} ${key}`
      const joined = running.get(same)
      if (joined) return joined
      if (running.size >= limits.passwordChecksAtOnce.value) throw new Throttled(1000)
      const started = attempt(given, known, question)
      running.set(same, started)
      return started.finally(() => running.delete(same))
    },
    changed(users) {
      known.news++
      for (const user of [...users, nobody]) {
        known.right.forget(user)
        known.wrong.forget(user)
      }
    },
  }
}

/** The whole way: who is meant, may they try, is it right. */
async function attempt(given: Given, known: Known, question: Question): Promise<User> {
  const { names, address, key } = question
  const { throttle } = known
  const before = known.news
  const user = await findFirst(given.directory, names)
  const account = user?.id ?? `${nobody} ${names[0]}`
  const now = given.clock.now()
  const waitMs = throttle.waitMs(account, address, now)
  if (waitMs > 0) {
    given.log.warn('signin.throttled', { user: user?.id, address, waitMs })
    throw new Throttled(waitMs)
  }
  // A phone that repeats its old password learns nothing, and costs its owner nothing. Per address, and after the
  // wait: else anyone could ask which passwords a phone has been wrong with, and find its owner's former one.
  const wrongKey = `${network(address)} ${key}`
  if (known.wrong.get(wrongKey, now)) throw new Failure('credentials.refused', 'wrong again')
  const trial = throttle.enter(account, address, now)
  let found: User | undefined
  try {
    const hit = given.heardNews() ? known.right.get(key, now) : undefined
    found = hit ?? (await verifyPassword(given, user, names[0] ?? '', question.password))
    // What a check said is kept, unless news came meanwhile, which may be that it is so no longer.
    if (!hit && known.news === before) remember(given, known, user, found, { key, wrongKey })
  } catch (thrown) {
    trial.undecided()
    throw thrown
  }
  if (!found) {
    // The name is not logged when it is nobody's: people type passwords there.
    given.log.warn('signin.refused', { user: user?.id, address })
    throw new Failure('credentials.refused', 'name or password')
  }
  trial.right()
  return found
}

function remember(
  { clock, elsewhere }: Given,
  { right, wrong }: Known,
  user: User | undefined,
  found: User | undefined,
  keys: { readonly key: string; readonly wrongKey: string },
): void {
  const account = user?.id ?? nobody
  if (found) return right.set(keys.key, account, found, clock.now(), limits.passwordMemoryMs.value)
  const life = elsewhere ? limits.wrongElsewhereMemoryMs : limits.wrongPasswordMemoryMs
  wrong.set(keys.wrongKey, account, true, clock.now(), life.value)
}
