import type { Rule } from '../tree.ts'
import { fronts } from './floors.ts'

const alsoFronts = new Set(['src/access/gate.ts'])

/** Whoever stands before a room learns from its front what each name is for. */
export const docstringsRule: Rule = {
  name: 'docstrings',
  find: (tree) =>
    tree.sources
      .filter(({ path }) => fronts.has(path) || alsoFronts.has(path))
      .flatMap(({ path, exports }) =>
        exports
          .filter(({ documented }) => !documented)
          .map(({ name, line }) => ({
            rule: 'docstrings',
            path,
            line,
            what: `${name} is exported by a front without a docstring`,
            instead: 'say in one sentence above it what it is for: /** … */',
          })),
      ),
}
