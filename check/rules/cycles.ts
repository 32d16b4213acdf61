import type { Rule, Tree, Violation } from '../tree.ts'

/**
 * No file imports itself, however far around. Type imports are left out: they are erased, so they cannot load in
 * the wrong order, and a front may name the types of its own value files.
 */
export const cyclesRule: Rule = { name: 'cycles', find: findCycles }

function findCycles(tree: Tree): Violation[] {
  const imports = new Map(
    tree.sources.map(({ path, imports }) => [
      path,
      imports.filter(({ typeOnly, target }) => !typeOnly && target),
    ]),
  )
  const found: Violation[] = []
  const done = new Set<string>()
  const trail: string[] = []
  const enter = (path: string) => {
    trail.push(path)
    for (const { target, line } of imports.get(path) ?? []) {
      if (!target || done.has(target)) continue
      const start = trail.indexOf(target)
      if (start < 0) enter(target)
      else {
        const round = [...trail.slice(start), target].join(' -> ')
        found.push({
          rule: 'cycles',
          path,
          line,
          what: `a cycle of imports: ${round}`,
          instead: 'move what both need into a third file below them',
        })
      }
    }
    trail.pop()
    done.add(path)
  }
  for (const path of imports.keys()) if (!done.has(path)) enter(path)
  return found
}
