import { isTest, roomOf } from '../floors.ts'
import type { Source } from '../source.ts'
import type { Rule, Violation } from '../tree.ts'
import { worldUses } from '../world.ts'

/** The rooms that judge see only their arguments: no `node:` import, clock, randomness, timer, network or console. */
export const purityRule: Rule = {
  name: 'purity',
  find: (tree) => tree.sources.filter((source) => isPure(source.path)).flatMap(findIn),
}

function isPure(path: string): boolean {
  const room = roomOf(path)
  if (!room?.impure || isTest(path)) return false
  return !room.impure.includes(path.slice(room.at.length))
}

function findIn(source: Source): Violation[] {
  const say = (line: number, what: string, instead: string): Violation => ({
    rule: 'purity',
    path: source.path,
    line,
    what,
    instead,
  })
  const builtins = source.imports
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ line, specifier }) =>
      say(
        line,
        `a pure file imports ${specifier}`,
        "do it in the room's front file or records.ts and pass the result in",
      ),
    )
  const uses = worldUses(source).map(({ line, name }) =>
    say(line, `a pure file uses ${name}`, adviceFor(name)),
  )
  return [...builtins, ...uses]
}

function adviceFor(name: string): string {
  if (/date|performance/i.test(name)) return 'take `now: Instant` as an argument'
  if (/timeout|interval|immediate/i.test(name))
    return "return `recheckAt`, and let the room's front file set an alarm or use its Clock"
  if (/random|crypto/i.test(name))
    return 'take the id or token as an argument (base/id.ts makes them)'
  if (/console/.test(name)) return 'return reasons; the edge logs them with base/log.ts'
  if (/process/.test(name)) return 'take the setting as an argument; src/config.ts reads it'
  return "take the answer as an argument; the room's front file asks the world"
}
