import type { Instant } from '../base/clock.ts'
import { Failure } from '../base/failures.ts'
import { isId } from '../base/id.ts'
import { limits } from '../base/limits.ts'
import type { Tx } from '../store/store.ts'
import { lyingIn, wouldCycle } from './closure.ts'
import type { Group, GroupId, MemberChange, UserId } from './directory.ts'
import { foldName } from './fold.ts'
import * as records from './records.ts'
import { groupAdded, membersChanged, type Told } from './telling.ts'

/** Writes a new group. Throws `name.taken`. */
export async function addGroup(
  tx: Tx,
  { journal, tell }: Told,
  group: Group,
  now: Instant,
): Promise<void> {
  const { id, name } = group
  if (!(await records.insertGroup(tx, { id, name, folded: foldName(name), addedAt: now })))
    throw new Failure('name.taken', 'a group of this name exists')
  await journal.append(tx, 'directory.changed', { users: [], groups: [id], members: [] })
  await tell(tx, groupAdded(group))
}

/** Removes, then adds members. Throws `not.found`, and `request.malformed` for a cycle. */
export async function changeMembers(
  tx: Tx,
  { journal, tell }: Told,
  group: GroupId,
  { add = [], remove = [] }: MemberChange,
): Promise<void> {
  const existing = await records.findExisting(tx, [group, ...add])
  const missing = [group, ...add].find((id) => !existing.has(id))
  if (missing !== undefined) throw new Failure('not.found', 'no such group or member')
  const removed = await records.deleteMembers(tx, group, remove)
  // The one writer makes this safe: nobody can close the ring from the other side meanwhile.
  const groups = await records.readGroups(tx)
  if (wouldCycle(groups, group, add))
    throw new Failure('request.malformed', 'the group would lie in itself')
  const added = await records.insertMembers(tx, group, add)
  const touched = new Set<UserId | GroupId>([...removed, ...added])
  if (touched.size === 0) return
  const users = [...touched].filter((id) => isId('usr', id))
  const members = lyingIn<GroupId, UserId>(groups, touched, limits.directoryNewsUsers.value)
  await journal.append(tx, 'directory.changed', { users, groups: [group], members })
  const name = groups.find(({ id }) => id === group)?.name ?? group
  await tell(tx, membersChanged({ id: group, name }, removed, added))
}
