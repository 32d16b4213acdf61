import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parseAllDocuments, stringify } from 'yaml'
import { Failure } from '../base/failures.ts'
import { rulesCatalogue } from '../compliance/catalogue.ts'
import { settingsProblem } from '../compliance/settings-schema.ts'
import { type PolicyDocument, type PolicySet, policyDocument } from '../graph/contract.ts'
import type { CommandEdges } from './cli.ts'
import { policyCheckCommand } from './policy-check.ts'
import { templateCommands } from './policy-templates.ts'
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
  policy
    .command('apply <path>')
    .description(
      'apply a file or folder of YAML or JSON documents; each kind that occurs is replaced whole, all or nothing',
    )
    .option('--check', 'read only: say what is wrong, change nothing')
    .action(async (path: string, { check }: { check?: boolean }) => {
      const documents = readDocuments(path)
      if (check) return edges.print(`${documents.length} documents are understood`)
      await edges.withServer(async (server) => {
        const set = await server.call<PolicySet>('PUT', '/postern/policies', { documents })
        if (!edges.printJson(set)) edges.print(`applied ${documents.length} documents`)
      })
    })
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

/** Every document of a file, or of the .yaml, .yml and .json files of a folder. Throws `policy.invalid`, naming file and property. */
function readDocuments(path: string): PolicyDocument[] {
  const files = statSync(path, { throwIfNoEntry: false })
  if (!files) throw new Failure('not.found', `${path} does not exist`)
  const names = files.isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.(ya?ml|json)$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path]
  const documents = names.flatMap((name) => readFile(name))
  if (documents.length === 0)
    throw new Failure('policy.invalid', `${path} holds no policy document`)
  return documents
}

function readFile(name: string): PolicyDocument[] {
  return parseAllDocuments(readFileSync(name, 'utf8')).map((yaml, at) => {
    const place = `${name}, document ${at + 1}`
    const [fault] = yaml.errors
    if (fault) throw new Failure('policy.invalid', `${place}: ${fault.message}`, { cause: fault })
    const read = policyDocument.safeParse(yaml.toJS())
    if (read.success) {
      const problem = read.data.kind === 'compliancePolicy' && settingsProblem(read.data.settings)
      if (problem) throw new Failure('policy.invalid', `${place}: ${problem}`)
      return read.data
    }
    const [issue] = read.error.issues
    throw new Failure(
      'policy.invalid',
      `${place}: ${issue?.path.join('.') || 'kind'}: ${issue?.message}`,
    )
  })
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
