import { builtinModules } from 'node:module'
import { isTest } from '../floors.ts'
import { type Node, type Source, walk } from '../source.ts'
import type { Rule, Violation } from '../tree.ts'

const builtins = new Set(builtinModules)

type Say = (line: number, what: string, instead: string) => void

/** How files name and show things: real endings, named exports, no barrels, no `any`, no test left out. */
export const modulesRule: Rule = {
  name: 'modules',
  find: (tree) => tree.sources.flatMap(findIn),
}

function findIn(source: Source): Violation[] {
  const found: Violation[] = []
  const say: Say = (line, what, instead) => {
    found.push({ rule: 'modules', path: source.path, line, what, instead })
  }
  for (const { line, message } of source.faults) say(line, message, 'write TypeScript that parses')
  for (const { specifier, line } of source.imports) judgeSpecifier(specifier, line, say)
  walk(source.program, (node) => judgeNode(node, source, say))
  return found
}

function judgeSpecifier(specifier: string, line: number, say: Say): void {
  if (/^\.\.?(\/|$)/.test(specifier) && !/\.(tsx?|json|css|svg)$/.test(specifier))
    say(line, `'${specifier}' has no real ending`, 'write the file name with its .ts')
  if (builtins.has(specifier.split('/')[0] ?? '') && !specifier.startsWith('node:'))
    say(line, `'${specifier}' is a builtin`, `write 'node:${specifier}'`)
  if (specifier.startsWith('/') || specifier.startsWith('file:'))
    say(line, `'${specifier}' is an absolute path`, 'import by a relative path')
}

function judgeNode(node: Node, source: Source, say: Say): void {
  const line = source.lineAt(node.start)
  const named = 'name it and export it by its name'
  const direct = 'let each user import from the file that declares it'
  if (node.type === 'ExportDefaultDeclaration') say(line, 'a default export', named)
  if (node.type === 'ExportAllDeclaration') say(line, 'a barrel: export * from', direct)
  if (node.type === 'ExportNamedDeclaration' && node.source)
    say(line, 'a barrel: export { … } from', direct)
  if (node.type === 'TSAnyKeyword')
    say(line, 'any', 'write the type, or `unknown` and narrow it where it is used')
  if (isTest(source.path)) judgeLeftOut(node, line, say)
}

const testWords = new Set(['test', 'it', 'describe', 'suite', 't', 'context'])
const leftOut = new Set(['only', 'skip', 'todo'])

function judgeLeftOut(node: Node, line: number, say: Say): void {
  if (node.type !== 'CallExpression') return
  const { callee } = node
  const instead = 'run every test: mend it, or delete it and say why in the commit'
  if (callee.type === 'MemberExpression') {
    const { object, property } = callee
    if (object.type !== 'Identifier' || property.type !== 'Identifier') return
    if (testWords.has(object.name) && leftOut.has(property.name))
      say(line, `${object.name}.${property.name}() leaves tests out`, instead)
  }
  if (callee.type !== 'Identifier' || !testWords.has(callee.name)) return
  for (const option of node.arguments) {
    if (option.type !== 'ObjectExpression') continue
    for (const property of option.properties) {
      if (property.type !== 'Property' || property.key.type !== 'Identifier') continue
      const { name } = property.key
      const harmless = property.value.type === 'Literal' && property.value.value === false
      if (leftOut.has(name) && !harmless) say(line, `{ ${name} } leaves tests out`, instead)
    }
  }
}
