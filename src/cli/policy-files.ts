import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Failure } from '../base/failures.ts'
import { limits } from '../base/limits.ts'

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
 * as the export tools write them. A list, or an answer of Graph that holds one, counts as its members.
 */
export function readPolicyFolder(path: string): PolicyFolder {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Failure('not.found', `${path} does not exist`)
  const files = found.isDirectory() ? filesBelow(path) : [path]
  if (files.length > limits.policyFiles.value)
    throw new Failure('limit.exceeded', `${path} holds more than ${limits.policyFiles.value} files`)
  const documents: PolicyFile[] = []
  const faults: { file: string; what: string }[] = []
  for (const name of files) {
    const file = relative(path, name) || name
    const value = readJson(name)
    if ('fault' in value) faults.push({ file, what: value.fault })
    else for (const one of membersOf(value.json)) documents.push({ file, value: one })
  }
  return { documents, faults }
}

function filesBelow(folder: string): string[] {
  const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1)
  return readdirSync(folder, { withFileTypes: true })
    .sort(byName)
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesBelow(path)
      return /\.json$/i.test(entry.name) ? [path] : []
    })
}

function readJson(file: string): { json: unknown } | { fault: string } {
  const bytes = readFileSync(file)
  if (bytes.length > limits.policyFileBytes.value)
    return { fault: `longer than ${limits.policyFileBytes.value} bytes` }
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    const json: unknown = JSON.parse(text)
    return { json }
  } catch (thrown) {
    return { fault: thrown instanceof Error ? thrown.message : 'unreadable' }
  }
}

function membersOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json
  const isAnswer = typeof json === 'object' && json !== null && 'value' in json
  return isAnswer && Array.isArray(json.value) ? json.value : [json]
}
