import type { Command } from 'commander'
import type { Drift, PlannedChange, PolicyPlan } from '../graph/folder-contract.ts'
import type { CommandEdges } from './cli.ts'
import { readPolicyDocuments } from './policy-documents.ts'
import { shortTime } from './print.ts'

const help = `
Drift is what somebody changed on the server since the last \`policy apply\` of it: by the console, the API or another command.
What only the folder changed is no drift: \`policy plan\` shows it. A policy that differs and was in no apply so far counts as drift,
since nobody can tell who moved.

Exit codes: 0 none, 2 drift (as a wrong usage has, so that a job which is set up wrongly does not pass), 1 refused.`

/** `policy drift`. */
export function policyDriftCommand(policy: Command, edges: CommandEdges): void {
  policy
    .command('drift <path>')
    .description(
      'tell what moved on the server since a file or folder was applied last, and by whom',
    )
    .addHelpText('after', help)
    .action(async (path: string) => {
      const { documents, leftOut } = readPolicyDocuments(path)
      for (const source of leftOut) edges.complain(`left out, no policy: ${source}`)
      await edges.withServer(async (server) => {
        const body = { documents, prune: false }
        const plan = await server.call<PolicyPlan>('POST', '/postern/policies/plan', body)
        const drifted = plan.changes.filter(isDrift)
        edges.end(drifted.length > 0 ? 2 : 0)
        if (edges.printJson({ drift: drifted })) return
        for (const { kind, name, drift } of drifted) {
          const line = `${kind}${name ? ` ${JSON.stringify(name)}` : ''}: ${sayDrift(drift)}`
          // Control characters of a name must not reach a terminal; JSON writes out only some of them.
          edges.print(line.replace(/[\u007f-\u009f]/g, '?'))
        }
        if (drifted.length === 0) edges.print('no drift')
      })
    })
}

interface Drifted extends PlannedChange {
  readonly drift: Drift
}

function isDrift(change: PlannedChange): change is Drifted {
  const { drift, action } = change
  if (!drift || drift.side === 'folder') return false
  // What another folder holds is not this one's to tell of.
  return action === 'create' || action === 'change' || drift.side === 'server'
}

const verbs = { created: 'made', changed: 'changed', deleted: 'deleted' } as const

/** Who moved, in words. */
export function sayDrift({ side, applied, changed }: Drift): string {
  if (side === 'unknown') return 'differs, and was in no apply so far'
  const since = applied ? ` since the apply of ${shortTime(applied.dateTime)}` : ''
  if (side === 'folder') return `changed in the folder${since}`
  const who = changed ? `${verbs[changed.change]} by ${changed.actor}` : 'changed'
  const when = changed ? ` ${shortTime(changed.dateTime)} (history ${changed.seq})` : ''
  const both = side === 'both' ? ', and in the folder too' : ''
  return `${who} on the server${when}${both}${since && `,${since}`}`
}
