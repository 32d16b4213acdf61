import { frontOf, isTest, roomOf, rooms, type Room } from '../floors.ts'
import type { Import, Source } from '../source.ts'
import type { Rule, Tree, Violation } from '../tree.ts'

/** Imports point strictly down, and enter another room only by its doors. */
export const floorsRule: Rule = {
  name: 'floors',
  find: (tree) => tree.sources.flatMap((source) => findIn(tree, source)),
}

function findIn(tree: Tree, source: Source): Violation[] {
  const from = roomOf(source.path)
  if (!from) {
    return [
      {
        rule: 'floors',
        path: source.path,
        line: 1,
        what: 'this file is in no room',
        instead:
          'move it into the room it belongs to, or add a room with a floor to check/floors.ts',
      },
    ]
  }
  return source.imports.flatMap((one) => judgeImport(tree, source, from, one) ?? [])
}

function judgeImport(tree: Tree, source: Source, from: Room, one: Import): Violation | undefined {
  if (!one.target) return undefined
  const say = (what: string, instead: string): Violation => ({
    rule: 'floors',
    path: source.path,
    line: one.line,
    what,
    instead,
  })
  const to = roomOf(one.target)
  if (!to) {
    // Data beside the code (JSON, styles, configuration) has no floor.
    if (!/\.tsx?$/.test(one.target) || !one.target.includes('/')) return undefined
    return say(`${one.target} is in no room`, 'import from a room of check/floors.ts')
  }
  if (to === from) return undefined
  // A unit test may borrow what exists for tests only.
  if (isTest(source.path) && to.name === 'test') return undefined
  if (to.floor >= from.floor) return say(...upward(from, to))
  if (from.sees) {
    if (from.sees.includes(one.target)) return undefined
    return say(
      `${from.name} may not see ${one.target}`,
      `ask through ${from.sees.join(' or ')}: that is all this room knows of the house`,
    )
  }
  if (from.entersAll || isDoor(source.path, from, to, one.target)) return undefined
  return say(
    `${one.target} is inside the room ${to.name}`,
    `enter by ${doorsOf(tree, to)}; if the file is a front on purpose, add it to the doors in check/floors.ts`,
  )
}

function upward(from: Room, to: Room): [what: string, instead: string] {
  const floors = `${from.name} (floor ${from.floor}) imports ${to.name} (floor ${to.floor})`
  if (to.floor === from.floor) {
    return [
      `${floors}: rooms of one floor are strangers`,
      'take what you need as a function argument and let src/postern.ts hand it over, or move the shape down a floor',
    ]
  }
  return [
    `${floors}: imports point strictly down`,
    'move the shape down to the lower room, take a function argument, or follow the journal: news travels up only through it',
  ]
}

function isDoor(path: string, from: Room, to: Room, target: string): boolean {
  const inside = to.at.endsWith('/') ? target.slice(to.at.length) : ''
  if (to.doors === 'all') return !isTest(target)
  if (to.doors.includes(inside)) return true
  if (from.name === 'postern' && to.parts?.includes(inside)) return true
  return inside === 'migrations.ts' && (from.name === 'migrations' || isTest(path))
}

function doorsOf(tree: Tree, room: Room): string {
  const doors = room.doors === 'all' ? [] : room.doors.map((door) => room.at + door)
  const standing = doors.filter((door) => tree.files.has(door))
  return (standing.length > 0 ? standing : doors).join(', ') || `nothing: ${room.name} has no doors`
}

/** The front files of all rooms below `src`. */
export const fronts: ReadonlySet<string> = new Set(rooms.flatMap((room) => frontOf(room) ?? []))
