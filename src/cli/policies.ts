import type { Command } from 'commander'
import { stringify } from 'yaml'
import { rulesCatalogue } from '../compliance/catalogue.ts'
import type { PolicyDocument, PolicySet } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { policyCheckCommand } from './policy-check.ts'
import { policyDriftCommand } from './policy-drift.ts'
import { policyExportCommand } from './policy-export.ts'
import { policyPlanCommands } from './policy-plan.ts'
import { templateCommands } from './policy-templates.ts'
import { policyTryCommands } from './policy-try.ts'
import { table } from './print.ts'

/** `policy …`. */
export function policyCommands(program: Command, edges: CommandEdges): void {
  const policy = program
    .command('policy')
    .description('compliance policies, conditional access, device access rules')
  policy
    .command('list')
    .description('what is in force; --json and --yaml print documents that `apply` takes back')
    .option('--yaml', 'print the documents')
    .action(({ yaml }: { yaml?: boolean }) =>
      edges.withServer(async (server) => {
        const set = await server.call<PolicySet>('GET', '/postern/policies')
        if (edges.printJson(set)) return
        if (yaml)
          return edges.print(
            set.documents
              .map((document) => stringify(document))
              .join('---\n')
              .trimEnd(),
          )
        edges.print(table(['kind', 'name', 'says'], set.documents.map(summary)))
      }),
    )
  policy
    .command('rules')
    .description(
      'every setting of compliance policies: values, platforms, classes, facts, findings; needs no server',
    )
    .action(() => printRules(edges))
  policyCheckCommand(policy, edges)
  templateCommands(policy, edges)
  policyPlanCommands(policy, edges)
  policyDriftCommand(policy, edges)
  policyExportCommand(policy, edges)
  policyTryCommands(policy, edges)
}

/** Every setting that a compliance policy can have. */
function printRules(edges: CommandEdges): void {
  const entries = rulesCatalogue()
  if (edges.printJson(entries)) return
  const rows = entries.map(({ name, title, platforms, default: unset }) => [
    name,
    unset === 'notConfigured' ? 'not configured' : unset,
    platforms.join(', '),
    title,
  ])
  edges.print(table(['setting', 'default', 'platforms', 'says'], rows))
}

function summary(document: PolicyDocument): [string, string, string] {
  switch (document.kind) {
    case 'compliancePolicy':
      return [
        document.kind,
        document.name,
        `${document.platform}: ${JSON.stringify(document.settings)}`,
      ]
    case 'exchangeOnline':
      return [
        document.kind,
        '',
        document.enabled ? `enabled for ${String(document.targeted)}` : 'off',
      ]
    case 'semantics':
      return [
        document.kind,
        '',
        `after the policies: ${document.afterPolicy}; unmet: ${document.unmetPolicy}; activation: ${document.activation}`,
      ]
    case 'deviceAccessRule':
      return [
        document.kind,
        document.name,
        `${document.characteristic} = ${document.queryString}: ${document.accessLevel}`,
      ]
    case 'autoblockThreshold':
      return [
        document.kind,
        document.behavior,
        document.incidenceLimit === 0
          ? 'off'
          : `${document.incidenceLimit} within ${document.incidenceMinutes} minutes: blocked for ${document.blockMinutes}`,
      ]
    default:
      return [document.kind, '', `default access level ${document.defaultAccessLevel}`]
  }
}
