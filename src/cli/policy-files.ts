import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'
import { graphForms } from './graph-forms.ts'

/** A JSON document of a policy folder; `file` is relative to the folder. */
export interface PolicyFile {
  readonly file: string
  readonly value: unknown
}

/** What a folder of policies holds, in the order of the names of its files, and which files could not be read. */
export interface PolicyFolder {
  readonly documents: readonly PolicyFile[]
  readonly faults: readonly { readonly file: string; readonly what: string }[]
}

/**
 * Reads the .json files of a folder and of those below it, or one file: as UTF-8 or UTF-16, with a byte order mark or without,
 * as the export tools write them, each document in Graph's own form. With `yaml` also the .yaml and .yml files, each document
 * of which counts.
 */
export function readPolicyFolder(path: string, also?: 'yaml'): PolicyFolder {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Failure('not.found', `${path} does not exist`)
  const files = found.isDirectory()
    ? filesBelow(path, also ? /\.(json|ya?ml)$/i : /\.json$/i)
    : [path]
  if (files.length > limits.policyFiles.value)
    throw new Failure('limit.exceeded', `${path} holds more than ${limits.policyFiles.value} files`)
  const documents: PolicyFile[] = []
  const faults: { file: string; what: string }[] = []
  for (const name of files) {
    const file = relative(path, name) || name
    const read = readFile(name)
    if ('fault' in read) faults.push({ file, what: read.fault })
    else for (const one of read.values.flatMap(graphForms)) documents.push({ file, value: one })
  }
  return { documents, faults }
}

function filesBelow(folder: string, wanted: RegExp): string[] {
  const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1)
  return readdirSync(folder, { withFileTypes: true })
    .sort(byName)
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesBelow(path, wanted)
      return wanted.test(entry.name) ? [path] : []
    })
}

function readFile(file: string): { values: readonly unknown[] } | { fault: string } {
  try {
    // Asked first: what is too long must not fill the memory.
    if (statSync(file).size > limits.policyFileBytes.value)
      return { fault: `longer than ${limits.policyFileBytes.value} bytes` }
    const text = decode(readFileSync(file))
    // Any other file that was named itself may be either: JSON is YAML.
    if (!/\.json$/i.test(file)) return readYaml(text)
    const json: unknown = JSON.parse(text)
    return { values: [json] }
  } catch (thrown) {
    return { fault: thrown instanceof Error ? thrown.message : 'unreadable' }
  }
}

/** By the byte order mark; without one it is UTF-8. */
function decode(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8'
  return new TextDecoder(encoding, { fatal: true }).decode(bytes)
}

function readYaml(text: string): { values: readonly unknown[] } | { fault: string } {
  const documents = parseAllDocuments(text)
  const fault = documents.flatMap(({ errors }) => errors)[0]
  if (fault) return { fault: fault.message }
  const values: unknown[] = []
  for (const document of documents) values.push(document.toJS())
  return { values }
}
