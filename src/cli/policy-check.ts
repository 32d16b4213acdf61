import type { Command } from 'commander'
import { asFailure, Failure } from '../base/failures.ts'
import { graphTypeOf, readGraphPolicy } from '../compliance/graph-json/read.ts'
import { policyWarnings } from '../compliance/warnings.ts'
import { createEvaluator } from '../conditional/conditional.ts'
import type { CommandEdges } from './cli.ts'
import { readConditionalFolder } from './conditional-folder.ts'
import { readPolicyFolder } from './policy-files.ts'
import { table } from './print.ts'

/** What is to be said of one policy of a folder. */
export interface CheckedPolicy {
  readonly file: string
  readonly kind: 'conditionalAccessPolicy' | 'compliancePolicy' | 'unreadable'
  readonly displayName: string
  /** `notEvaluated`: something of it cannot be evaluated, so that it fails closed. */
  readonly result: 'understood' | 'notEvaluated' | 'fault'
  /** What cannot be evaluated, and why. */
  readonly notEvaluated: readonly string[]
  /** What its author should know besides: properties that mean nothing here, placeholders, traps. */
  readonly remarks: readonly string[]
  /** Why it is no policy. */
  readonly fault?: string
}

const help = `
Reads every .json file of the folder and of those below it: conditional access policies with named locations and
authentication strengths beside them, and compliance policies, all in Graph's JSON. A condition, control or setting that
cannot be evaluated is named with its reason; a server would refuse wherever it decides.

Exit codes: 0 all is understood, 3 something is not evaluated, 1 a file cannot be read, 2 usage.`

/** `policy check`: what of a folder of policies is understood, without a server. */
export function policyCheckCommand(policy: Command, edges: CommandEdges): void {
  policy
    .command('check <folder>')
    .description('say of every policy of a folder whether all of it is understood; needs no server')
    .addHelpText('after', help)
    .action((path: string) => {
      const checked = checkFolder(path)
      if (checked.length === 0) throw new Failure('policy.invalid', `${path} holds no policy`)
      if (!edges.printJson(checked)) for (const line of linesFor(checked)) edges.print(line)
      const has = (result: CheckedPolicy['result']) => checked.some((one) => one.result === result)
      edges.end(has('fault') ? 1 : has('notEvaluated') ? 3 : 0)
    })
}

function checkFolder(path: string): readonly CheckedPolicy[] {
  const { set, sources, faults } = readConditionalFolder(path)
  const conditional = createEvaluator(set).prepared.map(
    ({ policy, unevaluated }, place): CheckedPolicy => ({
      file: sources[place]?.file ?? '',
      kind: 'conditionalAccessPolicy',
      displayName: policy.displayName,
      result: unevaluated.length > 0 ? 'notEvaluated' : 'understood',
      notEvaluated: unevaluated,
      remarks: (sources[place]?.notes ?? []).map(({ path: at, what }) => `${at}: ${what}`),
    }),
  )
  const unreadable = faults.map(
    ({ file, what }): CheckedPolicy => ({
      file,
      kind: 'unreadable',
      displayName: '',
      result: 'fault',
      notEvaluated: [],
      remarks: [],
      fault: what,
    }),
  )
  const compliance = readPolicyFolder(path).documents.flatMap(({ file, value }) =>
    graphTypeOf(value) ? [checkCompliance(file, value)] : [],
  )
  return [...conditional, ...compliance, ...unreadable].toSorted((a, b) =>
    a.file === b.file ? 0 : a.file < b.file ? -1 : 1,
  )
}

function checkCompliance(file: string, value: unknown): CheckedPolicy {
  const kind = 'compliancePolicy'
  try {
    const { policy, notes } = readGraphPolicy(value)
    const unsupported = policy.unsupported ?? []
    return {
      file,
      kind,
      displayName: policy.name,
      result: unsupported.length > 0 ? 'notEvaluated' : 'understood',
      notEvaluated: unsupported.map(({ setting, reason }) => `${setting}: ${reason}`),
      remarks: [
        ...notes.map(({ path: at, code, detail }) => `${at}: ${code}: ${detail}`),
        ...policyWarnings(policy).map(({ setting, code }) => `${setting}: ${code}`),
      ],
    }
  } catch (thrown) {
    const { code, detail } = asFailure(thrown)
    if (code === 'internal') throw thrown
    const nothing = { displayName: '', notEvaluated: [], remarks: [] }
    return { file, kind, result: 'fault', ...nothing, fault: detail }
  }
}

function linesFor(checked: readonly CheckedPolicy[]): string[] {
  const count = (result: CheckedPolicy['result']) =>
    checked.filter((one) => one.result === result).length
  return [
    table(
      ['file', 'policy', 'result', 'because'],
      checked.flatMap(({ file, displayName, result, notEvaluated, remarks, fault }) => {
        const told = [
          ...(fault === undefined ? [] : [fault]),
          ...notEvaluated,
          ...remarks.map((remark) => `(${remark})`),
        ]
        const [first, ...more] = told
        return [[file, displayName, result, first], ...more.map((because) => ['', '', '', because])]
      }),
    ),
    '',
    `${count('understood')} understood, ${count('notEvaluated')} not evaluated in full, ${count('fault')} unreadable`,
  ]
}
