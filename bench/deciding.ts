import { parseArgs } from 'node:util'
import { createEvaluator } from '../src/conditional/conditional.ts'
import { readRegular } from '../src/conditional/compiled/regular.ts'
import { createTables, numbersOfStanding } from '../src/conditional/compiled/tables.ts'
import { createJudge } from '../src/conditional/compiled/verdict.ts'
import type { SignIn } from '../src/conditional/sign-in.ts'
import { type Company, foundCompany } from './yard/company.ts'
import { denialsOf, resolve } from './yard/denial.ts'
import { createCasbin, createCedar, createJsonRules, type Peer } from './yard/peers.ts'
import { plainLoop, plainLoopFromSignIn, type Resolved } from './yard/plain-loop.ts'
import { type Goal, least, percentile, print } from './yard/report.ts'

/**
 * Decisions per second of the compiled policies beside other engines, on the same sign-ins and with equal answers; then the
 * curves over policies and users. `--signins` for a shorter run, `--curve` for the curves alone.
 */
const { values } = parseArgs({
  options: {
    signins: { type: 'string', default: '100000' },
    json: { type: 'boolean' },
    curve: { type: 'boolean' },
  },
})
const signIns = Number(values.signins)
const now = Date.UTC(2026, 2, 1, 8)
const rounds = 5
const batch = 16

/** One engine's answers, and its times in microseconds: of the processor, which neighbours on the machine disturb less; p99 by the clock. */
interface Measured {
  readonly answers: readonly boolean[]
  /** Of a decision, in the best round. */
  readonly each: number
  /** By the clock, of batches: reading it costs more than a decision. */
  readonly p50: number
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
  const batches: number[] = []
  const end = performance.now() + 5000
  for (let from = 0; from + batch <= given.length; from += batch) {
    const begun = performance.now()
    if (begun > end) break
    for (let n = from; n < from + batch; n++) {
      const answer = decide(given[n] as T, n) // within the list
      if (typeof answer !== 'boolean') await answer
    }
    batches.push(((performance.now() - begun) * 1000) / batch)
  }
  return {
    answers,
    each: least(means),
    p50: percentile(batches, 0.5),
    p99: percentile(batches, 0.99),
    first: means[0] ?? 0,
  }
}

function agree(name: string, { answers }: Measured, reference: readonly boolean[]): void {
  const at = answers.findIndex((answer, n) => answer !== reference[n])
  if (at >= 0) throw new Error(`${name} answers sign-in ${at} differently`)
}

const own = (company: Company) => {
  const begun = process.cpuUsage()
  const evaluator = createEvaluator(company)
  const { prepared, known } = evaluator
  const tables = createTables(readRegular(prepared), known.places)
  const judge = createJudge(tables, new Int32Array(tables.width).fill(-1))
  const { user, system } = process.cpuUsage(begun)
  const standings = new Int32Array(company.signIns.length * numbersOfStanding)
  return {
    builtMs: (user + system) / 1000,
    /** As `verdict` looks them up each time. */
    findAll: () => {
      for (const [n, signIn] of company.signIns.entries())
        tables.find(signIn, standings, n * numbersOfStanding)
    },
    found: (_: SignIn, n: number) =>
      judge(standings, n * numbersOfStanding, undefined, now).outcome === 'grant',
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
  engines.findAll()
  const found = await measure(company.signIns, engines.found, rounds)
  const loop = await measure(resolved, loopOf(company), rounds)
  const plain = plainLoopFromSignIn(company.policies, company.namedLocations)
  const all: [string, Measured][] = [
    ['compiled', verdict],
    ['compiled, once it is known where each stands', found],
    [
      'compiled, with what each policy says',
      await measure(company.signIns, engines.decision, rounds),
    ],
    ['interpreted', await measure(company.signIns, engines.interpreted, 1)],
    ['plain loop from the sign-in', await measure(company.signIns, plain, rounds)],
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
    columns: ['engine', 'decisions/s', 'each µs', 'p50 µs', 'p99 µs', 'x compiled'],
    rows: all.map(([name, { each, p50, p99 }]) => [
      name,
      1e6 / each,
      each,
      p50,
      p99,
      each / verdict.each,
    ]),
    goals: [
      { what: 'µs of a decision, 30 policies', seen: verdict.each, goal: 1 },
      { what: 'µs, once it is known where each stands', seen: found.each, goal: 0.05 },
      ...all.slice(4).map(([name, { each }]) => ({
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
  const goals: Goal[] = []
  for (const [policies, users] of [
    [30, 10_000],
    [300, 10_000],
    [3000, 10_000],
    [30, 100_000],
    [300, 100_000],
    [3000, 100_000],
    [30, 1_000_000],
    [300, 1_000_000],
  ] as const) {
    const company = foundCompany({ policies, users, signIns })
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    const engines = own(company)
    const verdict = await measure(company.signIns, engines.verdict, rounds)
    globalThis.gc?.()
    const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    engines.findAll()
    const found = await measure(company.signIns, engines.found, rounds)
    const loop = await measure(resolve(company), loopOf(company), 1)
    for (const measured of [verdict, found]) agree('compiled', measured, loop.answers)
    const goal = users === 10_000 ? { 30: 0.05, 300: 0.15, 3000: 0.6 }[policies] : undefined
    if (goal !== undefined)
      goals.push({
        what: `µs, where each stands known, ${policies} policies`,
        seen: found.each,
        goal,
      })
    rows.push([
      `${policies} policies, ${users} users`,
      verdict.each,
      verdict.p50,
      verdict.p99,
      found.each,
      verdict.first,
      engines.builtMs,
      Math.max(0, after - before) / 2 ** 20,
      loop.each / verdict.each,
      loop.each / found.each,
    ])
  }
  print({
    title:
      'the curve: more policies, more users; devices are five times as many, twice from 100,000 users on',
    columns: [
      '',
      'each µs',
      'p50 µs',
      'p99 µs',
      'found µs',
      'first µs',
      'built ms',
      'MB',
      'x loop',
      'x found',
    ],
    rows,
    goals,
  })
}

if (!values.curve) await besidePeers()
await curve()
