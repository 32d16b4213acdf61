import type { Command } from 'commander'
import type { PlannedChange, PolicyPlan } from '../graph/folder-contract.ts'
import type { CommandEdges } from './cli.ts'
import { type ChangeFlags, headersOf, withChangeFlags } from './policy-change.ts'
import { sayDrift } from './policy-drift.ts'
import { readPolicyDocuments } from './policy-documents.ts'
import { tryPolicies } from './policy-try.ts'
import { sayWarning } from './profiles.ts'

const help = `
The path is a file, or a folder with all that is below it: compliance policies, conditional access policies, named locations
and authentication strengths in Graph's JSON, and Postern's own documents (\`kind: …\`) in YAML or JSON. Everything is told by
its name, and refers to groups, users and locations by name. What is in force and in no file stays ("unmanaged"), unless
--prune says that it goes; of kinds that the folder does not hold at all nothing goes.`

const planHelp = `${help}

Exit codes: 0 nothing to do, 3 apply would change something, 4 nothing to apply, but something unmanaged is in force,
1 refused, 2 usage.`

/** `policy plan` and `policy apply`. */
export function policyPlanCommands(policy: Command, edges: CommandEdges): void {
  const send = async (
    verb: 'plan' | 'apply',
    path: string,
    { prune = false, ...flags }: ApplyFlags,
    take: Take,
  ) => {
    const { documents, leftOut } = readPolicyDocuments(path)
    for (const source of leftOut) edges.complain(`left out, no policy: ${source}`)
    const body = { documents, prune }
    await edges.withServer(async (server) => {
      // Before anything is written: who applies may still break off, and a pipe shows it in time.
      const plan = await server.call<PolicyPlan>('POST', '/postern/policies/plan', body)
      for (const warning of plan.warnings) edges.complain(sayWarning(warning))
      if (verb === 'plan') return take(plan)
      take(await server.call('POST', '/postern/policies/apply', body, headersOf(flags)))
    })
  }

  policy
    .command('plan <path>')
    .description('say what `apply` would change, property by property; changes nothing')
    .option('--prune', 'also delete what no file names')
    .addHelpText('after', planHelp)
    .action((path: string, flags: { prune?: boolean }) =>
      send('plan', path, flags, (plan) => {
        edges.end(codeOf(plan))
        if (edges.printJson(plan)) return
        for (const line of [...linesOf(plan), summaryOf(plan)]) edges.print(line)
      }),
    )
  const apply = policy
    .command('apply <path>')
    .description('make what a file or folder says be in force, all or nothing')
    .option('--prune', 'also delete what no file names')
    .option('--check', 'read only: say what is wrong, change nothing; needs no server')
    .addHelpText('after', help)
  withChangeFlags(apply).action(
    async (path: string, { check, ...flags }: ApplyFlags & { check?: boolean }) => {
      if (check) {
        const { documents } = readPolicyDocuments(path)
        return edges.print(`${documents.length} documents are understood`)
      }
      if (flags.dryRun) return await tryPolicies(path, flags, edges)
      await send('apply', path, flags, (plan) => {
        if (edges.printJson(plan)) return
        for (const line of linesOf(plan)) edges.print(line)
        edges.print(`applied: ${countsOf(plan, ['created', 'changed', 'deleted'])}`)
      })
    },
  )
}

interface ApplyFlags extends ChangeFlags {
  readonly prune?: boolean
}

type Take = (plan: PolicyPlan) => void

const isDeed = ({ action }: PlannedChange): boolean => action !== 'unmanaged'

function codeOf({ changes }: PolicyPlan): number {
  if (changes.some(isDeed)) return 3
  return changes.length > 0 ? 4 : 0
}

function countsOf({ changes }: PolicyPlan, words: readonly [string, string, string]): string {
  const actions = ['create', 'change', 'delete'] as const
  return actions
    .map((action, at) => `${changes.filter((one) => one.action === action).length} ${words[at]}`)
    .join(', ')
}

const signs = { create: '+', change: '~', delete: '-', unmanaged: '?' } as const

function linesOf({ changes }: PolicyPlan): readonly string[] {
  return changes.flatMap(({ action, kind, name, properties, drift }) => [
    `${signs[action]} ${action} ${kind}${name ? ` ${said(name)}` : ''}`,
    ...properties.map(
      ({ path, before, after }) => `    ${path}: ${said(before)} -> ${said(after)}`,
    ),
    ...(drift ? [`    ${sayDrift(drift)}`] : []),
  ])
}

function summaryOf(plan: PolicyPlan): string {
  const unmanaged = plan.changes.filter((one) => !isDeed(one)).length
  const more = unmanaged > 0 ? `; ${unmanaged} in force and in no file` : ''
  return countsOf(plan, ['to create', 'to change', 'to delete']) + more
}

/** Control characters of a name must not reach a terminal; JSON writes out only some of them. */
const said = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).replace(/[\u007f-\u009f]/g, '?')
