import type { AssignmentTarget } from '../policy.ts'
import { asList, graphPrefix, isObject, type JsonObject } from './json.ts'
import { invalid, note, type Reader } from './notes.ts'

/** Graph's type of target, and the property that says which group or collection. */
const kinds: Readonly<
  Record<AssignmentTarget['kind'], { readonly type: string; readonly id?: string }>
> = {
  allDevices: { type: 'allDevicesAssignmentTarget' },
  allLicensedUsers: { type: 'allLicensedUsersAssignmentTarget' },
  group: { type: 'groupAssignmentTarget', id: 'groupId' },
  exclusionGroup: { type: 'exclusionGroupAssignmentTarget', id: 'groupId' },
  collection: { type: 'configurationManagerCollectionAssignmentTarget', id: 'collectionId' },
}

const filterId = 'deviceAndAppManagementAssignmentFilterId'
const filterType = 'deviceAndAppManagementAssignmentFilterType'

/** Reads `assignments`. */
export function readTargets(list: unknown, reader: Reader): readonly AssignmentTarget[] {
  return asList(list).map((assignment, at) => {
    const path = `$.assignments[${at}].target`
    const target = isObject(assignment) ? assignment['target'] : undefined
    if (!isObject(target)) throw invalid(reader, path, 'is missing')
    return readTarget(target, path, reader)
  })
}

function readTarget(target: JsonObject, path: string, reader: Reader): AssignmentTarget {
  const type = target['@odata.type']
  for (const [name, kind] of Object.entries(kinds)) {
    if (type !== graphPrefix + kind.type) continue
    const id = kind.id && target[kind.id]
    if (kind.id && typeof id !== 'string') throw invalid(reader, `${path}.${kind.id}`, 'is missing')
    return {
      kind: name as AssignmentTarget['kind'], // a key of `kinds`
      ...(typeof id === 'string' && { id }),
      ...readFilter(target, path, reader),
    }
  }
  throw invalid(reader, path, `is no target: ${JSON.stringify(type)}`)
}

function readFilter(
  target: JsonObject,
  path: string,
  reader: Reader,
): Pick<AssignmentTarget, 'filter'> {
  const [id, type] = [target[filterId], target[filterType]]
  if (typeof id !== 'string' || (type !== 'include' && type !== 'exclude')) return {}
  note(
    reader,
    path,
    'filterIgnored',
    'assignment filters are not evaluated: the target counts whole',
  )
  return { filter: { id, type } }
}

/** Writes `assignments`. */
export function writeTargets(targets: readonly AssignmentTarget[]): readonly JsonObject[] {
  return targets.map(({ kind, id, filter }) => {
    const { type, id: property } = kinds[kind]
    return {
      target: {
        '@odata.type': graphPrefix + type,
        ...(property && id !== undefined && { [property]: id }),
        ...(filter && { [filterId]: filter.id, [filterType]: filter.type }),
      },
    }
  })
}

/** Whom the targets reach, in the words of our own policies. `groupOf` knows our group of a target's id. */
export function reachOf<G>(
  targets: readonly AssignmentTarget[],
  groupOf: (id: string) => G,
): { readonly assignedTo: 'all' | readonly G[]; readonly excluded: readonly G[] } {
  const groups = (...wanted: readonly AssignmentTarget['kind'][]) =>
    targets
      .filter(({ kind }) => wanted.includes(kind))
      .flatMap(({ id }) => (id ? [groupOf(id)] : []))
  const everybody = targets.some(({ kind }) => kind === 'allDevices' || kind === 'allLicensedUsers')
  return {
    assignedTo: everybody ? 'all' : groups('group', 'collection'),
    excluded: groups('exclusionGroup'),
  }
}
