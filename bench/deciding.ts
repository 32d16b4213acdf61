import { parseArgs } from 'node:util'
import { createEvaluator } from '../src/conditional/conditional.ts'
import type { SignIn } from '../src/conditional/sign-in.ts'
import { type Company, foundCompany } from './yard/company.ts'
import { denialsOf, resolve } from './yard/denial.ts'
import { createCasbin, createCedar, createJsonRules, type Peer } from './yard/peers.ts'
import { plainLoop, type Resolved } from './yard/plain-loop.ts'
import { least, percentile, print } from './yard/report.ts'

/**
 * Decisions per second of the compiled policies beside other engines, on the same sign-ins and with equal answers; then the
 * curves over policies and users. `--signins` for a shorter run.
 */
const { values } = parseArgs({
  options: { signins: { type: 'string', default: '100000' }, json: { type: 'boolean' } },
})
const signIns = Number(values.signins)
const now = Date.UTC(2026, 2, 1, 8)
const rounds = 5

/** One engine's answers, and its times in microseconds: of the processor, which neighbours on the machine disturb less; p99 by the clock. */
interface Measured {
  readonly answers: readonly boolean[]
  /** Of a decision, in the best round. */
  readonly each: number
  readonly p99: number
  /** Of a decision in the first round, when all is new. */
  readonly first: number
}

/** Whole rounds for the mean, one more with a clock around each decision for the percentile. */
async function measure<T>(
  given: readonly T[],
  decide: (one: T, n: number) => boolean | Promise<boolean>,
  times: number,
): Promise<Measured> {
  const means: number[] = []
  const answers: boolean[] = Array.from({ length: given.length }, () => false)
  for (let round = 0; round < times; round++) {
    const begun = process.cpuUsage()
    for (let n = 0; n < given.length; n++) {
      const answer = decide(given[n] as T, n) // within the list
      answers[n] = typeof answer === 'boolean' ? answer : await answer
    }
    const { user, system } = process.cpuUsage(begun)
    means.push((user + system) / given.length)
  }
  const single: number[] = []
  for (let n = 0; n < Math.min(given.length, 5000); n++) {
    const begun = performance.now()
    const answer = decide(given[n] as T, n) // within the list
    if (typeof answer !== 'boolean') await answer
    single.push((performance.now() - begun) * 1000)
  }
  return { answers, each: least(means), p99: percentile(single, 0.99), first: means[0] ?? 0 }
}

function agree(name: string, { answers }: Measured, reference: readonly boolean[]): void {
  const at = answers.findIndex((answer, n) => answer !== reference[n])
  if (at >= 0) throw new Error(`${name} answers sign-in ${at} differently`)
}

const own = (company: Company) => {
  const evaluator = createEvaluator(company)
  return {
    verdict: (signIn: SignIn) => evaluator.compiled.verdict(signIn, now).outcome === 'grant',
    decision: (signIn: SignIn) => evaluator.compiled.decide(signIn, now).outcome === 'grant',
    interpreted: (signIn: SignIn) => evaluator.decide(signIn, now).outcome === 'grant',
  }
}

function loopOf(company: Company) {
  const groups = company.signIns.map(({ identity }) => identity.groups)
  const none = new Set<string>()
  const decide = plainLoop(company.policies)
  return (signIn: Resolved, n: number) => decide(signIn, groups[n] ?? none)
}

async function besidePeers(): Promise<void> {
  const company = foundCompany({ policies: 30, users: 10_000, signIns })
  const resolved = resolve(company)
  const denials = denialsOf(company)
  const engines = own(company)
  const verdict = await measure(company.signIns, engines.verdict, rounds)
  const loop = await measure(resolved, loopOf(company), rounds)
  const all: [string, Measured][] = [
    ['compiled', verdict],
    [
      'compiled, with what each policy says',
      await measure(company.signIns, engines.decision, rounds),
    ],
    ['interpreted', await measure(company.signIns, engines.interpreted, 1)],
    ['plain loop', loop],
  ]
  const peers: [string, Peer][] = [
    ['casbin', await createCasbin(denials)],
    ['cedar-wasm', createCedar(denials)],
    ['json-rules-engine', createJsonRules(denials)],
  ]
  for (const [name, peer] of peers) all.push([name, await measure(resolved, peer, 1)])
  for (const [name, measured] of all) agree(name, measured, loop.answers)
  const granted = loop.answers.filter(Boolean).length / loop.answers.length
  print({
    title: `30 policies, 10,000 users in 500 groups, 50,000 devices: ${signIns} sign-ins, ${(granted * 100).toFixed(0)} % granted, all answers equal`,
    columns: ['engine', 'decisions/s', 'each µs', 'p99 µs', 'x compiled'],
    rows: all.map(([name, { each, p99 }]) => [name, 1e6 / each, each, p99, each / verdict.each]),
    goals: [
      { what: 'µs of a decision, 30 policies', seen: verdict.each, goal: 5 },
      ...all.slice(3).map(([name, { each }]) => ({
        what: `times faster than ${name}`,
        seen: each / verdict.each,
        goal: { casbin: 100, 'cedar-wasm': 250 }[name] ?? 10,
        atLeast: true,
      })),
    ],
  })
}

async function curve(): Promise<void> {
  const rows: (string | number)[][] = []
  for (const [policies, users] of [
    [30, 10_000],
    [300, 10_000],
    [3000, 10_000],
    [30, 100_000],
    [30, 1_000_000],
  ] as const) {
    const company = foundCompany({ policies, users, signIns })
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    const engines = own(company)
    const verdict = await measure(company.signIns, engines.verdict, rounds)
    globalThis.gc?.()
    const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    const loop = await measure(resolve(company), loopOf(company), 1)
    agree('compiled', verdict, loop.answers)
    const grown = Math.max(0, after - before) / 2 ** 20
    rows.push([
      `${policies} policies, ${users} users`,
      verdict.each,
      verdict.p99,
      verdict.first,
      grown,
      loop.each,
      loop.each / verdict.each,
    ])
  }
  print({
    title: 'the curve: more policies, more users',
    columns: ['', 'each µs', 'p99 µs', 'first µs', 'MB', 'plain loop µs', 'x'],
    rows,
    goals: [],
  })
}

await besidePeers()
await curve()
