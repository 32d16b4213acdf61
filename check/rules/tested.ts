import { isTest } from '../floors.ts'
import { type Source, walk } from '../source.ts'
import { overLimit, type Rule, type Tree, type Violation } from '../tree.ts'

const logicLines = 60
const key = 'untested'

/**
 * Files of more than a screen of logic are named by a test, counted as one, so that the number can only shrink. A test names no
 * file that is gone.
 */
export const testedRule: Rule = {
  name: 'tested',
  find(tree) {
    const tests = tree.sources.filter(({ path }) => isTest(path) && !path.startsWith('check/'))
    return [...findUntested(tree, tests), ...tests.flatMap((test) => findGone(tree, test))]
  },
}

/** What the comment of a test says that it holds, and nobody could. */
function findGone({ sources }: Tree, { path, text }: Source): Violation[] {
  const known = new Set(sources.map((source) => source.path))
  return text.split('\n').flatMap((line, at) => {
    const named = /^\s*\/\//.test(line) ? (line.match(/\b(src|web)\/[\w/.-]+\.tsx?\b/g) ?? []) : []
    return named
      .filter((name) => !known.has(name))
      .map((name) => ({
        rule: 'tested',
        path,
        line: at + 1,
        what: `${name} is not there`,
        instead: 'name the file that took its place, or none',
      }))
  })
}

function findUntested(tree: Tree, tests: readonly Source[]): Violation[] {
  const untested = tree.sources
    .filter(({ path }) => path.startsWith('src/') && !isTest(path))
    .filter(({ path }) => !path.endsWith('migrations.ts'))
    .filter((source) => linesOfLogic(source) > logicLines)
    .filter(({ path }) => !tests.some((test) => names(test, path)))
    .map(({ path }) => path)
  const state = overLimit(tree, key, untested.length, 0)
  if (state === undefined) return []
  const slack = state === 'slack'
  return [
    {
      rule: 'tested',
      path: slack ? 'check/ratchet.ts' : (untested[0] ?? ''),
      line: 1,
      what: `${untested.length} files that no test names: ${untested.join(', ')}`,
      instead: slack
        ? `set '${key}' to ${untested.length} in check/ratchet.ts: it only shrinks`
        : 'write x.test.ts beside x.ts, or name the file in the test that holds it',
    },
  ]
}

function names(test: Source, path: string): boolean {
  if (test.path === path.replace(/\.tsx?$/, '.test.ts')) return true
  return test.imports.some(({ target }) => target === path) || test.text.includes(path)
}

/** Lines that do something: no types, imports, comments or blank lines. */
function linesOfLogic(source: Source): number {
  const lines = new Set<number>()
  walk(source.program, (node) => {
    if (node.type.startsWith('TS') || node.type === 'ImportDeclaration') return false
    if (node.type !== 'Program') {
      lines.add(source.lineAt(node.start))
      lines.add(source.lineAt(node.end))
    }
    return undefined
  })
  return lines.size
}
