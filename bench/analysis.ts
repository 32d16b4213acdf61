import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readConditionalFolder } from '../src/cli/conditional-folder.ts'
import { analyse, compare } from '../src/conditional/analysis.ts'
import { countedAs } from '../src/conditional/analysis/counted.ts'
import type { PolicySet } from '../src/conditional/conditional.ts'
import { cellQuestions } from '../test/cell-questions.ts'
import { openSecondOpinion } from '../test/z3.ts'
import { departmentPolicies } from './yard/policy-sets.ts'
import { type Goal, print } from './yard/report.ts'

/*
 * How long the analysis of a set takes, the difference that one edited line makes, and the yes-or-no questions in it beside
 * z3-solver: `node bench/analysis.ts [FOLDER ...]`. Besides generated sets, each folder is one. Times are processor time, so that
 * other work on the machine counts little: of the first time, as for a command that runs once, and of many more. Whoever comes
 * first pays for compiling as well. Answers are checked to be equal.
 */

const { positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' } },
})
const view = { counting: 'all', now: Date.parse('2026-03-01T08:00:00Z') } as const
/** Members, and those whom no policy mentions. */
const classes = 2

const sets: { name: string; set: PolicySet }[] = [
  { name: '50 of departments', set: departmentPolicies(50) },
  { name: '214 of departments', set: departmentPolicies(214) },
  ...positionals.map((folder) => {
    assert.ok(existsSync(folder), `no folder ${folder}`)
    const { set } = readConditionalFolder(folder)
    return { name: folder.split('/').slice(-2).join('/'), set }
  }),
]

const inMs = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000

/** Once, and then again and again: the clock of processor time may tick no more often than every 10 ms. */
function timed<T>(work: () => T): { first: number; again: number; value: T } {
  const start = process.threadCpuUsage()
  const value = work()
  const first = inMs(process.threadCpuUsage(start))
  const warm = process.threadCpuUsage()
  let rounds = 0
  for (; rounds < 5 || inMs(process.threadCpuUsage(warm)) < 200; rounds++) work()
  return { first, again: inMs(process.threadCpuUsage(warm)) / rounds, value }
}

/** The set with another client in the policy of the middle. */
function edited(set: PolicySet): PolicySet {
  const middle = set.policies.length >> 1
  const policies = structuredClone(set.policies).map((policy, at) =>
    at === middle
      ? { ...policy, conditions: { ...policy.conditions, clientAppTypes: ['other' as const] } }
      : policy,
  )
  return { ...set, policies }
}

const z3 = await openSecondOpinion()
const rows: (string | number)[][] = []
const goals: Goal[] = []
for (const { name, set } of sets) {
  const count = set.policies.length
  const analysis = timed(() => analyse(set, view))
  const { holes, exceptions, undecided, disagreements } = analysis.value
  assert.deepEqual([undecided, disagreements], [[], []])
  const difference = timed(() => compare(set, edited(set), view))
  const questions = cellQuestions(countedAs(set, 'all').set, classes)
  const ours = timed(() => questions.ours())
  // Its threads are its own, and nothing else runs meanwhile.
  const before = process.cpuUsage()
  const theirs = await questions.theirs(z3)
  const peer = inMs(process.cpuUsage(before))
  assert.deepEqual(ours.value, theirs)
  rows.push([
    name,
    count,
    holes.length + exceptions.length,
    analysis.first,
    analysis.again,
    difference.first,
    difference.again,
    ours.value.length,
    ours.again,
    peer,
    peer / ours.again,
  ])
  const goal = count <= 60 ? 500 : 2000
  goals.push({ what: `${name}: the first analysis, ms`, seen: analysis.first, goal })
  goals.push({ what: `${name}: the first difference, ms`, seen: difference.first, goal: 200 })
}
await z3.close()

print({
  title: 'Conditional access policies, analysed (milliseconds of processor time)',
  columns: [
    'set',
    'policies',
    'holes',
    'analysis, first',
    'again',
    'one line, first',
    'again',
    'questions',
    'ours',
    'z3-solver',
    'z3 / ours',
  ],
  rows,
  goals,
})
