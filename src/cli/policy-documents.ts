import { asFailure, Failure } from '../base/failures.ts'
import { graphTypeOf, readGraphPolicy } from '../compliance/graph-json/read.ts'
import { settingsProblem } from '../compliance/settings-schema.ts'
import { authenticationStrength } from '../conditional/policy.ts'
import { faultOf, readNamedLocation, readPolicy } from '../conditional/read-policy.ts'
import { policyDocument } from '../graph/contract.ts'
import type { FolderDocument } from '../graph/folder-contract.ts'
import { isNamedLocation, isObject, type Json, namesIn } from './graph-forms.ts'
import { type PolicyFile, readPolicyFolder } from './policy-files.ts'

/** The policies of a file or folder, each read once, as far as that goes without a server. */
export interface PolicyDocuments {
  readonly documents: readonly FolderDocument[]
  /** Files that hold no policy, such as the groups of an export. */
  readonly leftOut: readonly string[]
}

/**
 * Reads every document of a file, or of the .yaml, .yml and .json files of a folder and of those below it. Where an export put
 * groups and locations beside its policies, their names take the place of their ids. Throws `policy.invalid`, naming file
 * and property.
 */
export function readPolicyDocuments(path: string): PolicyDocuments {
  const { documents: files, faults } = readPolicyFolder(path, 'yaml')
  const [fault] = faults
  if (fault) throw new Failure('policy.invalid', `${fault.file}: ${fault.what}`)
  const names = new Map(files.flatMap(({ value }) => namesIn(value)))
  const documents: FolderDocument[] = []
  const leftOut: string[] = []
  for (const { source, value } of numbered(files)) {
    try {
      const read = isObject(value) ? readOne(value) : refuseOwn(value)
      if (read === undefined) leftOut.push(source)
      else documents.push({ source, ...read, document: named(read.document, names) })
    } catch (thrown) {
      const { code, detail } = asFailure(thrown)
      throw new Failure(code, `${source}: ${detail}`, { cause: thrown })
    }
  }
  if (documents.length === 0)
    throw new Failure('policy.invalid', `${path} holds no policy document`)
  return { documents, leftOut }
}

function numbered(files: readonly PolicyFile[]) {
  const counts = new Map<string, number>()
  return files.map(({ file, value }) => {
    const count = (counts.get(file) ?? 0) + 1
    counts.set(file, count)
    return { source: `${file}, document ${count}`, value }
  })
}

type Read = Omit<FolderDocument, 'source'>

function readOne(value: Json): Read | undefined {
  const document = { ...value }
  if (graphTypeOf(value))
    return { kind: 'compliancePolicy', name: readGraphPolicy(value).policy.name, document }
  if (typeof value['kind'] === 'string') return readOwn(value)
  if ('conditions' in value) {
    const { policy } = readPolicy(value)
    const fault = faultOf(policy)
    if (fault) throw new Failure('policy.invalid', `${fault.code}: ${fault.message}`)
    return { kind: 'conditionalAccessPolicy', name: nameOf(value), document }
  }
  if (isNamedLocation(value)) {
    readNamedLocation({ ...value, id: '' })
    return { kind: 'namedLocation', name: nameOf(value), document }
  }
  if (Array.isArray(value['allowedCombinations'])) {
    const read = authenticationStrength.safeParse(value)
    if (!read.success) refuse(read.error.issues[0])
    return { kind: 'authenticationStrength', name: nameOf(value), document }
  }
  return isOther(value) ? undefined : refuseOwn(value)
}

function readOwn(value: Json): Read {
  const read = policyDocument.safeParse(value)
  if (!read.success) return refuse(read.error.issues[0])
  const { data } = read
  const problem = data.kind === 'compliancePolicy' && settingsProblem(data.settings)
  if (problem) throw new Failure('policy.invalid', problem)
  const name = 'name' in data ? data.name : 'behavior' in data ? data.behavior : ''
  return { kind: data.kind, name, document: { ...data } }
}

function refuseOwn(value: unknown): never {
  return refuse(policyDocument.safeParse(value).error?.issues[0])
}

function refuse(issue: { path: readonly PropertyKey[]; message: string } | undefined): never {
  const where = issue?.path.map(String).join('.') || 'kind'
  throw new Failure('policy.invalid', `${where}: ${issue?.message ?? 'is no policy'}`)
}

function nameOf({ displayName }: Json): string {
  if (typeof displayName === 'string' && displayName) return displayName
  throw new Failure('policy.invalid', 'displayName: is missing, and policies are told by it')
}

/** Something of an export that is no policy. A policy of a type that nobody knows is none of these. */
const isOther = (value: Json): boolean =>
  !String(value['@odata.type']).includes('olicy') &&
  ((typeof value['id'] === 'string' && typeof value['displayName'] === 'string') ||
    Array.isArray(value['Objects']))

const referring = /^(in|ex)clude(Users|Groups|Locations)$|^groupId$/

/** The document with names where it refers to things that the folder names. */
function named(document: Json, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const of = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => of(item, key))
    if (isObject(value)) return named(value, names)
    if (typeof value !== 'string' || !referring.test(key)) return value
    return names.get(value.toLowerCase()) ?? value
  }
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, of(value, key)]))
}
