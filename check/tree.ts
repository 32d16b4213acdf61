import { readSource, type Source } from './source.ts'

/** One broken rule at one place. */
export interface Violation {
  readonly rule: string
  readonly path: string
  readonly line: number
  readonly what: string
  readonly instead: string
}

/** All that the rules look at: a tree of files, real or planted. */
export interface Tree {
  /** Every file by its path from the root of the repository. */
  readonly files: ReadonlyMap<string, string>
  /** The TypeScript among them, parsed. */
  readonly sources: readonly Source[]
  /** Pages that must equal what code says, by path. */
  readonly pages: ReadonlyMap<string, string>
  /** Known excess, by rule and subject; it may only shrink. */
  readonly ratchet: Readonly<Record<string, number>>
}

/** One rule: a file in rules/, listed in tidy.ts. */
export interface Rule {
  readonly name: string
  find(tree: Tree): readonly Violation[]
}

const codeFolders = /^(src|check|test|bench|web)\/.*\.tsx?$/

/** Parses what is TypeScript among `files`. */
export function readTree(
  files: ReadonlyMap<string, string>,
  rest: Partial<Pick<Tree, 'pages' | 'ratchet'>> = {},
): Tree {
  const sources = [...files]
    .filter(([path]) => codeFolders.test(path))
    .map(([path, text]) => readSource(path, text))
  return { files, sources, pages: rest.pages ?? new Map(), ratchet: rest.ratchet ?? {} }
}

/**
 * Holds a measure against its limit. The ratchet table may lift the limit for one subject, but only as far as
 * needed: an entry that allows more than there is must be lowered, so excess shrinks and never grows back.
 */
export function overLimit(
  tree: Tree,
  key: string,
  measured: number,
  limit: number,
): 'over' | 'slack' | undefined {
  const allowed = tree.ratchet[key]
  if (allowed === undefined) return measured > limit ? 'over' : undefined
  if (measured > Math.max(allowed, limit)) return 'over'
  return measured < allowed || measured <= limit ? 'slack' : undefined
}

/** Lines of a file that match, 1-based. */
export function matchingLines(text: string, pattern: RegExp): { line: number; match: string }[] {
  return text.split('\n').flatMap((content, index) => {
    const match = pattern.exec(content)
    return match ? [{ line: index + 1, match: match[0] }] : []
  })
}
