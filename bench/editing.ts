import { parseArgs } from 'node:util'
import { createEvaluator, type Evaluator, type PolicySet } from '../src/conditional/conditional.ts'
import type { SignIn } from '../src/conditional/sign-in.ts'
import { foundCompany } from './yard/company.ts'
import { percentile, print } from './yard/report.ts'

/**
 * One policy of many is edited, and read again as from the store: until the new set can be asked, and the first decision of each
 * user who was known; beside the same set compiled anew. `--signins` and `--users` for other sizes.
 */
const { values } = parseArgs({
  options: {
    signins: { type: 'string', default: '20000' },
    users: { type: 'string', default: '10000' },
    json: { type: 'boolean' },
  },
})
const [signIns, users] = [Number(values.signins), Number(values.users)]
const now = Date.UTC(2026, 2, 1, 8)

interface Seen {
  readonly evaluator: Evaluator
  /** Of the processor, until it can be asked. */
  readonly readyMs: number
  /** Of the processor, of a first decision. */
  readonly each: number
  /** By the clock. */
  readonly p99: number
  readonly longest: number
  readonly answers: readonly string[]
}

const spent = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

/** Makes an evaluator and asks it about everybody once. */
function begin(set: PolicySet, asked: readonly SignIn[], before?: Evaluator): Seen {
  const begun = process.cpuUsage()
  const evaluator = createEvaluator(set, undefined, before?.lineage)
  const { compiled } = evaluator
  const readyMs = spent(begun) / 1000
  const answers: string[] = []
  const times: number[] = []
  const from = process.cpuUsage()
  for (const signIn of asked) {
    const at = performance.now()
    answers.push(compiled.verdict(signIn, now).outcome)
    times.push((performance.now() - at) * 1000)
  }
  const each = spent(from) / asked.length
  const longest = times.reduce((most, one) => Math.max(most, one), 0)
  return { evaluator, readyMs, each, p99: percentile(times, 0.99), longest, answers }
}

/** The same set with one policy for one group more, as it is read. */
function edited({ policies, ...around }: PolicySet, place: number, n: number): PolicySet {
  const copy: PolicySet = { ...around, policies: structuredClone(policies) }
  const { users: named } = copy.policies[place]?.conditions ?? {}
  named?.includeGroups?.push(`g${n}`)
  return copy
}

const rows: (string | number)[][] = []
const goals: { what: string; seen: number; goal: number }[] = []
for (const policies of [30, 300, 3000]) {
  const { signIns: asked, ...set } = foundCompany({ policies, users, signIns })
  const first = begin(set, asked)
  let [current, before] = [set as PolicySet, first.evaluator]
  const seen: Seen[] = []
  for (let n = 0; n < 5; n++) {
    current = edited(current, (n * 7) % policies, n)
    const one = begin(current, asked, before)
    before = one.evaluator
    seen.push(one)
  }
  const whole = begin(current, asked)
  const last = seen.at(-1)
  if (!last || last.answers.some((answer, n) => answer !== whole.answers[n]))
    throw new Error('after an edit the answers are others')
  // The first edit also remembers the set before.
  for (const [what, one] of [
    ['first edit', seen[0]],
    ['fifth edit', last],
    ['compiled anew', whole],
  ] as const)
    if (one)
      rows.push([`${policies} policies, ${what}`, one.readyMs, one.each, one.p99, one.longest])
  goals.push({
    what: `ms until one edited policy of ${policies} counts`,
    seen: last.readyMs,
    goal: 100,
  })
}
print({
  title: `one policy edited, ${users} users known, ${signIns} first decisions, all answers equal`,
  columns: ['', 'ready ms', 'first decision µs', 'p99 µs', 'longest µs'],
  rows,
  goals,
})
