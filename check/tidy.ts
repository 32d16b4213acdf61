import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generatedPages } from './pages.ts'
import { ratchet } from './ratchet.ts'
import { castsRule } from './rules/casts.ts'
import { cyclesRule } from './rules/cycles.ts'
import { docsRule } from './rules/docs.ts'
import { docstringsRule } from './rules/docstrings.ts'
import { edgesRule } from './rules/edges.ts'
import { floorsRule } from './rules/floors.ts'
import { modulesRule } from './rules/modules.ts'
import { placesRule } from './rules/places.ts'
import { purityRule } from './rules/purity.ts'
import { sizesRule } from './rules/sizes.ts'
import { testedRule } from './rules/tested.ts'
import { wordsRule } from './rules/words.ts'
import { readTree, type Rule, type Tree, type Violation } from './tree.ts'

/** Every rule of the house, in the order of its report. */
export const rules: readonly Rule[] = [
  floorsRule,
  purityRule,
  edgesRule,
  cyclesRule,
  sizesRule,
  wordsRule,
  docsRule,
  placesRule,
  modulesRule,
  castsRule,
  docstringsRule,
  testedRule,
]

/** What a tree breaks, by rule, then by file and line. */
export function inspect(tree: Tree): Violation[] {
  return rules.flatMap((rule) =>
    rule.find(tree).toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line),
  )
}

/** One violation as two lines: where and what, then what to do instead. */
export function tell({ rule, path, line, what, instead }: Violation): string {
  return `${path}:${line} ${rule}: ${what}\n    instead: ${instead}`
}

/** The tree as it stands: every text file but what is installed, built or kept by a running Postern. */
export async function readRepository(): Promise<Tree> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const files = new Map<string, string>()
  const enter = async (folder: string): Promise<void> => {
    const entries = await readdir(`${root}${folder}`, { withFileTypes: true })
    for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name))) {
      const path = folder + entry.name
      if (notOurs.test(path)) continue
      if (entry.isDirectory()) await enter(`${path}/`)
      else if (entry.isFile()) files.set(path, await readFile(`${root}${path}`, 'utf8'))
    }
  }
  await enter('')
  return readTree(files, { pages: generatedPages(), ratchet })
}

const notOurs =
  /(^|\/)(node_modules|\.git|\.cache|dist)$|^(data|lib)$|\.(log|png|jpe?g|ico|pdf|gz|wbxml|bin|p12|der)$/

if (import.meta.main) {
  const found = inspect(await readRepository())
  for (const violation of found) console.log(tell(violation))
  console.log(found.length === 0 ? 'tidy' : `${found.length} to tidy`)
  if (found.length > 0) process.exitCode = 1
}
