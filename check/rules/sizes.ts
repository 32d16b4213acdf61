import { isTest } from '../floors.ts'
import { type Node, type Source, walk } from '../source.ts'
import { overLimit, type Rule, type Tree, type Violation } from '../tree.ts'
import { fronts } from './floors.ts'

/** The longest a file, a room's front and a function may be, in lines. */
export const longest = { file: 500, front: 199, function: 70 } as const

/** Tables that are looked up, not read from end to end, and must stay whole: pages are generated from them. */
const tables = new Set(['src/base/failures.ts', 'src/base/limits.ts'])

/** Files, fronts and functions stay short: ugliness sits in the tail. */
export const sizesRule: Rule = {
  name: 'sizes',
  find(tree) {
    const subjects = new Set<string>()
    const found = tree.sources.flatMap((source) => [
      ...file(tree, source, subjects),
      ...functions(tree, source, subjects),
    ])
    return [...found, ...stale(tree, subjects)]
  },
}

function file(tree: Tree, source: Source, subjects: Set<string>): Violation[] {
  const { path, lineCount } = source
  if (isGenerated(source) || tables.has(path)) return []
  const isFront = fronts.has(path)
  const limit = isFront ? longest.front : longest.file
  const instead = isFront
    ? 'keep the interface and the wiring here; move the work into files beside it'
    : 'split it by what its parts are about, each named for its one main export'
  subjects.add(`lines ${path}`)
  return measured(tree, `lines ${path}`, lineCount, limit, {
    path,
    line: 1,
    what: `${isFront ? 'a front' : 'a file'} of ${lineCount} lines, more than ${limit}`,
    instead,
  })
}

function functions(tree: Tree, source: Source, subjects: Set<string>): Violation[] {
  const { path } = source
  const found: Violation[] = []
  walk(source.program, (node, parents) => {
    if (!isFunction(node) || (isTest(path) && isSuite(node))) return
    const line = source.lineAt(node.start)
    const lines = source.lineAt(node.end) - line + 1
    const name = nameOf(node, parents.at(-1))
    subjects.add(`function ${path} ${name}`)
    found.push(
      ...measured(tree, `function ${path} ${name}`, lines, longest.function, {
        path,
        line,
        what: `${name} has ${lines} lines, more than ${longest.function}`,
        instead:
          'name its steps and make each a function; move inner functions out and hand them what they need',
      }),
    )
  })
  return found
}

function measured(
  tree: Tree,
  key: string,
  value: number,
  limit: number,
  report: Omit<Violation, 'rule'>,
): Violation[] {
  const state = overLimit(tree, key, value, limit)
  if (state === 'over') return [{ rule: 'sizes', ...report }]
  if (state === undefined) return []
  const word = value > limit ? `lower it to ${value}` : 'remove it'
  return [
    {
      rule: 'sizes',
      path: report.path,
      line: report.line,
      what: `the ratchet allows '${key}' more than it needs`,
      instead: `${word} in check/ratchet.ts: it only shrinks`,
    },
  ]
}

function stale(tree: Tree, subjects: ReadonlySet<string>): Violation[] {
  return Object.keys(tree.ratchet)
    .filter((key) => /^(lines|function) /.test(key) && !subjects.has(key))
    .map((key) => ({
      rule: 'sizes',
      path: 'check/ratchet.ts',
      line: 1,
      what: `'${key}' is allowed but no longer there`,
      instead: 'remove the entry',
    }))
}

/** A table that a program wrote says so on its first lines; nobody reads it from end to end. */
function isGenerated({ comments, text }: Source): boolean {
  const first = comments[0]
  return (
    first !== undefined &&
    !text.slice(0, first.start).trim() &&
    /^[\s*]*Generated\b/.test(first.value)
  )
}

function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  )
}

/** A function that is a list of tests is read test by test, not as one: the body of `describe`, a contract. */
function isSuite(node: Node): boolean {
  if (!('body' in node) || node.body === null || !('type' in node.body)) return false
  if (node.body.type !== 'BlockStatement') return false
  return node.body.body.some(
    (statement) =>
      statement.type === 'ExpressionStatement' &&
      statement.expression.type === 'CallExpression' &&
      statement.expression.callee.type === 'Identifier' &&
      /^(test|it|describe|suite)$/.test(statement.expression.callee.name),
  )
}

function nameOf(node: Node, parent: Node | undefined): string {
  if ('id' in node && node.id?.type === 'Identifier') return node.id.name
  if (parent && 'key' in parent && parent.key.type === 'Identifier') return parent.key.name
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier')
    return parent.id.name
  return 'a nameless function'
}
