import { posix } from 'node:path'
import { type ESTree, parseSync } from 'vite'

export type Node = ESTree.Node
type Comment = ReturnType<typeof parseSync>['comments'][number]

/** One import, re-export, dynamic import or `import('…')` type of a file. */
export interface Import {
  readonly specifier: string
  /** The file it names, from the root of the repository; `undefined` for packages and `node:`. */
  readonly target: string | undefined
  /** Erased at load. */
  readonly typeOnly: boolean
  readonly line: number
}

/** A name that a file exports by declaring it. */
export interface Exported {
  readonly name: string
  readonly line: number
  /** A documentation comment stands directly above. */
  readonly documented: boolean
}

/** A parsed file. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly program: ESTree.Program
  readonly comments: readonly Comment[]
  readonly imports: readonly Import[]
  readonly exports: readonly Exported[]
  readonly lineCount: number
  /** What the parser could not read, by line. */
  readonly faults: readonly { readonly line: number; readonly message: string }[]
  /** 1-based line of an offset. */
  lineAt(offset: number): number
}

/** Parses TypeScript or TSX. Never throws: what cannot be read is in `faults`. */
export function readSource(path: string, text: string): Source {
  const parsed = parseSync(path, text)
  const program = parsed.program
  const lineAt = lineFinder(text)
  return {
    path,
    text,
    program,
    comments: parsed.comments,
    imports: findImports(path, program, lineAt),
    exports: findExports(text, program, parsed.comments, lineAt),
    lineCount: text.length === 0 ? 0 : lineAt(text.length) - (text.endsWith('\n') ? 1 : 0),
    faults: parsed.errors.map((error) => ({
      line: lineAt(error.labels[0]?.start ?? 0),
      message: error.message,
    })),
    lineAt,
  }
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

/** The nodes directly below a node, in source order. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value: unknown): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
}

/** Visits a node and all below it, outer first; `parents` runs from the outermost. Return `false` to go no deeper. */
export function walk(
  node: Node,
  visit: (node: Node, parents: readonly Node[]) => boolean | void,
  parents: readonly Node[] = [],
): void {
  if (visit(node, parents) === false) return
  const path = [...parents, node]
  for (const child of childrenOf(node)) walk(child, visit, path)
}

function findImports(path: string, program: ESTree.Program, lineAt: (offset: number) => number) {
  const found: Import[] = []
  const add = (node: Node, from: Node | null, typeOnly: boolean) => {
    if (from?.type !== 'Literal' || typeof from.value !== 'string') return
    const specifier = from.value
    const target = specifier.startsWith('.')
      ? posix.join(posix.dirname(path), specifier)
      : undefined
    found.push({ specifier, target, typeOnly, line: lineAt(node.start) })
  }
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration') add(node, node.source, isTypeImport(node))
    if (node.type === 'ExportAllDeclaration') add(node, node.source, node.exportKind === 'type')
    if (node.type === 'ExportNamedDeclaration') add(node, node.source, node.exportKind === 'type')
    if (node.type === 'ImportExpression') add(node, node.source, false)
    if (node.type === 'TSImportType') add(node, node.source, true)
  })
  return found
}

function isTypeImport(node: ESTree.ImportDeclaration): boolean {
  if (node.importKind === 'type') return true
  return (
    node.specifiers.length > 0 &&
    node.specifiers.every((one) => one.type === 'ImportSpecifier' && one.importKind === 'type')
  )
}

function findExports(
  text: string,
  program: ESTree.Program,
  comments: readonly Comment[],
  lineAt: (offset: number) => number,
): Exported[] {
  const documented = (start: number) =>
    comments.some(
      ({ type, value, end }) =>
        type === 'Block' && value.startsWith('*') && /^\s*$/.test(text.slice(end, start)),
    ) && !/\n\s*\n\s*$/.test(text.slice(0, start))
  return program.body.flatMap((node) => {
    if (node.type !== 'ExportNamedDeclaration' || !node.declaration) return []
    const line = lineAt(node.start)
    return declaredNames(node.declaration).map((name) => ({
      name,
      line,
      documented: documented(node.start),
    }))
  })
}

function declaredNames(declaration: ESTree.Declaration): string[] {
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
  const id = 'id' in declaration ? declaration.id : null
  return id?.type === 'Identifier' ? [id.name] : []
}
