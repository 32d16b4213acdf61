import { isTest } from '../floors.ts'
import type { Source } from '../source.ts'
import type { Rule, Violation } from '../tree.ts'
import { worldUses } from '../world.ts'

const clock = 'src/base/clock.ts'
const config = 'src/config.ts'
const main = 'src/main.ts'
const clockUses =
  /^(Date\.now|new Date\(\)|Date\(\)|setTimeout|setInterval|performance\b.*|process\.(hrtime|uptime)|AbortSignal\.timeout)$/

/** One file reads the clock, one the environment, one ends the process. */
export const edgesRule: Rule = {
  name: 'edges',
  find: (tree) => tree.sources.flatMap(findIn),
}

function findIn(source: Source): Violation[] {
  const { path } = source
  const inProduct = path.startsWith('src/')
  const say = (line: number, what: string, instead: string): Violation => ({
    rule: 'edges',
    path,
    line,
    what,
    instead,
  })
  const found: Violation[] = []
  const timed = inProduct && !isTest(path) && path !== clock
  for (const { name, line } of worldUses(source)) {
    if (timed && clockUses.test(name)) {
      const instead = 'take a Clock: clock.now() and clock.after(ms, ring)'
      found.push(say(line, `${name} outside ${clock}`, instead))
    }
    if (inProduct && path !== config && /^process\.env\b/.test(name)) {
      const instead = 'add the setting to the schema there and take it as an argument'
      found.push(say(line, `${name} outside ${config}`, instead))
    }
    if (inProduct && name === 'process') {
      const instead = 'name the member where it is used: process.memoryUsage()'
      found.push(say(line, '`process` as a whole', instead))
    }
    if (path !== main && /^process\.(exit|reallyExit|abort)$/.test(name)) {
      const instead = 'throw, or set process.exitCode and let the event loop run empty'
      found.push(say(line, `${name} outside ${main}`, instead))
    }
  }
  for (const { specifier, line } of source.imports) {
    if (timed && /^node:(timers|perf_hooks)/.test(specifier)) {
      const instead = 'use sleep() and Clock of base/clock.ts'
      found.push(say(line, `${specifier} outside ${clock}`, instead))
    }
    if (inProduct && specifier === 'node:process') {
      const instead = 'use the global `process`, so that its uses can be seen'
      found.push(say(line, 'node:process is imported', instead))
    }
  }
  return found
}
