import { childrenOf, type Node, type Source } from './source.ts'

/** One place where a file reaches for the world outside its arguments: `Date.now`, `fetch`, `process.env`. */
export interface WorldUse {
  readonly name: string
  readonly line: number
}

const globals = new Set([
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'EventSource',
  'fetch',
  'performance',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'WebSocket',
  'XMLHttpRequest',
])
const members = new Set(['AbortSignal.timeout', 'Date.now', 'Math.random'])
const globalObjects = new Set(['globalThis', 'window', 'self', 'global'])
/** Type syntax that wraps an expression; all other type syntax is erased and uses nothing. */
const wrappers = new Set([
  'TSAsExpression',
  'TSInstantiationExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
])

/**
 * Every use of clock, randomness, timers, network, console and process in a file, as far as a name shows it:
 * a local binding of the same name hides the global one.
 */
export function worldUses(source: Source): WorldUse[] {
  const uses: WorldUse[] = []
  const local = declaredNames(source.program)
  const note = (node: Node, name: string) => uses.push({ name, line: source.lineAt(node.start) })
  walkValues(source.program, undefined, (node, parent) => {
    if (node.type === 'NewExpression' && isGlobal(node.callee, 'Date', local)) {
      if (node.arguments.length === 0) note(node, 'new Date()')
      return
    }
    if (node.type === 'CallExpression' && isGlobal(node.callee, 'Date', local)) note(node, 'Date()')
    if (node.type === 'MemberExpression') {
      const name = memberName(node, local)
      const within = parent?.type === 'MemberExpression' && parent.object === node
      if (within && memberName(parent, local)) return // Taken above, with its property.
      if (name && (members.has(name) || globals.has(name.split('.')[0] ?? ''))) note(node, name)
      return
    }
    if (node.type !== 'Identifier' || !globals.has(node.name) || local.has(node.name)) return
    if (parent?.type === 'MemberExpression' && parent.object === node) return // Taken above, with its property.
    note(node, node.name)
  })
  return uses
}

/** `process.env`, also spelled `globalThis.process.env`, `process['env']` or by destructuring a member of it. */
function memberName(node: Node, local: ReadonlySet<string>): string | undefined {
  if (node.type !== 'MemberExpression') return undefined
  const property = node.computed
    ? node.property.type === 'Literal' && typeof node.property.value === 'string'
      ? node.property.value
      : '*'
    : node.property.type === 'Identifier'
      ? node.property.name
      : '*'
  const object = node.object
  if (object.type === 'Identifier' && !local.has(object.name)) {
    return globalObjects.has(object.name) ? property : `${object.name}.${property}`
  }
  const inner = object.type === 'MemberExpression' ? memberName(object, local) : undefined
  return inner && globals.has(inner) ? `${inner}.${property}` : undefined
}

function isGlobal(node: Node, name: string, local: ReadonlySet<string>): boolean {
  return node.type === 'Identifier' && node.name === name && !local.has(name)
}

/** Visits what runs: no types, no names of properties, no names of what is declared or imported. */
function walkValues(
  node: Node,
  parent: Node | undefined,
  visit: (node: Node, parent: Node | undefined) => void,
): void {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportSpecifier') return
  if (node.type.startsWith('TS') && !wrappers.has(node.type)) return
  visit(node, parent)
  for (const child of childrenOf(node)) if (!isLabel(node, child)) walkValues(child, node, visit)
}

function isLabel(parent: Node, child: Node): boolean {
  if (child.type !== 'Identifier') return false
  if (parent.type === 'MemberExpression') return parent.property === child && !parent.computed
  if (parent.type === 'Property')
    return parent.key === child && parent.value !== child && !parent.computed
  if ('key' in parent) return parent.key === child && !('computed' in parent && parent.computed)
  return false
}

function declaredNames(root: Node): ReadonlySet<string> {
  const names = new Set<string>()
  const bind = (node: Node | null | undefined) => {
    if (!node) return
    if (node.type === 'Identifier') names.add(node.name)
    if (node.type === 'ObjectPattern') for (const part of node.properties) bind(part)
    if (node.type === 'Property') bind(node.value)
    if (node.type === 'ArrayPattern') for (const part of node.elements) bind(part)
    if (node.type === 'AssignmentPattern') bind(node.left)
    if (node.type === 'RestElement') bind(node.argument)
  }
  const enter = (node: Node) => {
    if (node.type === 'VariableDeclarator') bind(node.id)
    if ('params' in node && Array.isArray(node.params)) for (const part of node.params) bind(part)
    if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') bind(node.id)
    if (node.type === 'CatchClause') bind(node.param)
    if ('local' in node && node.type !== 'ExportSpecifier') bind(node.local)
    for (const child of childrenOf(node)) enter(child)
  }
  enter(root)
  return names
}
