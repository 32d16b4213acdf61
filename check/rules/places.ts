import type { Rule, Tree, Violation } from '../tree.ts'
import { matchingLines } from '../tree.ts'

const machinePath = /(?<![\w.~-])\/(work|farm)\/[\w.-]*/

/** Nothing in the repository knows the machine it was written on, or the registry it was installed from. */
export const placesRule: Rule = {
  name: 'places',
  find: (tree) => [...machinePaths(tree), ...registries(tree)],
}

function machinePaths(tree: Tree): Violation[] {
  return [...tree.files]
    .filter(([path]) => path !== 'package-lock.json')
    .flatMap(([path, text]) =>
      matchingLines(text, machinePath).map(({ line, match }) => ({
        rule: 'places',
        path,
        line,
        what: `${match} is a path of one machine`,
        instead: 'write it relative to the repository, or take it as an argument',
      })),
    )
}

function registries(tree: Tree): Violation[] {
  const lock = tree.files.get('package-lock.json') ?? ''
  return matchingLines(lock, /"resolved": "(?!file:)/)
    .slice(0, 1)
    .map(({ line }) => ({
      rule: 'places',
      path: 'package-lock.json',
      line,
      what: 'the lock file names the registry it was made with',
      instead:
        "keep omit-lockfile-registry-resolved=true in .npmrc and run 'npm install --package-lock-only'",
    }))
}
