import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { Failure } from '../base/failures.ts'
import type { ExportedPolicy } from '../graph/folder-contract.ts'
import type { CommandEdges } from './cli.ts'

/** Where files of each kind stand. */
const folders: Readonly<Record<ExportedPolicy['kind'], string>> = {
  compliancePolicy: 'compliance',
  conditionalAccessPolicy: 'conditional-access',
  namedLocation: 'named-locations',
  authenticationStrength: 'authentication-strengths',
  deviceAccessRule: 'device-access-rules',
  autoblockThreshold: 'autoblock',
  exchangeOnline: 'site',
  semantics: 'site',
  organization: 'site',
}

const help = `
One JSON file per policy, in a folder per kind: Graph's JSON where it can say all of the policy, else a document of Postern's.
\`postern policy plan\` of what was exported finds nothing to do.`

/** `policy export`. */
export function policyExportCommand(policy: Command, edges: CommandEdges): void {
  policy
    .command('export <folder>')
    .description('write what is in force into a folder that `plan` and `apply` take')
    .option('--replace', 'of an earlier export: files of policies that are gone go too')
    .addHelpText('after', help)
    .action((folder: string, { replace = false }: { replace?: boolean }) =>
      edges.withServer(async (server) => {
        const { value } = await server.call<{ value: readonly ExportedPolicy[] }>(
          'GET',
          '/postern/policies/export',
        )
        const files = filesOf(value)
        clear(folder, replace)
        for (const { name, text } of files) {
          mkdirSync(join(folder, name, '..'), { recursive: true })
          writeFileSync(join(folder, name), text)
        }
        const names = files.map(({ name }) => name)
        if (edges.printJson({ folder, files: names })) return
        edges.print(`wrote ${files.length} policies into ${folder}`)
      }),
    )
}

function filesOf(policies: readonly ExportedPolicy[]): readonly { name: string; text: string }[] {
  const taken = new Set<string>()
  return policies.map(({ kind, name, document }) => {
    const stem = `${folders[kind]}/${fileName(name || kind)}`
    let free = stem
    for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${stem}-${count}`
    taken.add(free.toLowerCase())
    return { name: `${free}.json`, text: `${JSON.stringify(document, undefined, 2)}\n` }
  })
}

/** A name that every file system takes, and that leads nowhere else. */
function fileName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N} ._-]+/gu, '_').trim()
  return plain.replace(/^\.+/, '_').slice(0, 100) || '_'
}

/** Files of an earlier export would come back to life with the next `apply`. */
function clear(folder: string, replace: boolean): void {
  for (const below of new Set(Object.values(folders))) {
    const place = join(folder, below)
    for (const file of filesIn(place)) {
      if (!replace)
        throw new Failure('name.taken', `${place} holds ${file}: take another folder, or --replace`)
      rmSync(join(place, file))
    }
  }
}

function filesIn(place: string): readonly string[] {
  try {
    return readdirSync(place).filter((name) => /\.(json|ya?ml)$/i.test(name))
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return []
    throw thrown
  }
}
