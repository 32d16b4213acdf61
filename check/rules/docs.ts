import { posix } from 'node:path'
import { matchingLines, type Rule, type Tree, type Violation } from '../tree.ts'

const dependencies = 'docs/decisions/0002-dependencies.md'
const words = 'docs/words.md'
const longestDecision = 40

/** Pages say what the code says: generated ones are equal, named files exist, each dependency has its reason. */
export const docsRule: Rule = {
  name: 'docs',
  find: (tree) => [
    ...generatedPages(tree),
    ...reasons(tree),
    ...vocabulary(tree),
    ...decisions(tree),
    ...namedFiles(tree),
  ],
}

function say(path: string, line: number, what: string, instead: string): Violation {
  return { rule: 'docs', path, line, what, instead }
}

function generatedPages(tree: Tree): Violation[] {
  return [...tree.pages].flatMap(([path, page]) => {
    const text = tree.files.get(path)
    if (text === page) return []
    const old = text?.split('\n') ?? []
    const line = page.split('\n').findIndex((content, index) => content !== old[index]) + 1
    const what = text === undefined ? 'the page is missing' : 'the page differs from the code'
    return [say(path, Math.max(line, 1), what, 'npm run docs')]
  })
}

function reasons(tree: Tree): Violation[] {
  const manifest = tree.files.get('package.json')
  if (manifest === undefined) return []
  const { dependencies: wanted = {} } = JSON.parse(manifest) as {
    dependencies?: Record<string, string>
  }
  const page = tree.files.get(dependencies) ?? ''
  const given = matchingLines(page, /^\| `[^`]+` \|.*\S.*\|/).map(({ line, match }) => ({
    line,
    name: /`([^`]+)`/.exec(match)?.[1] ?? '',
  }))
  const missing = Object.keys(wanted)
    .filter((name) => !given.some((one) => one.name === name))
    .map((name) =>
      say(
        'package.json',
        matchingLines(manifest, new RegExp(`"${name}":`))[0]?.line ?? 1,
        `the dependency ${name} has no reason`,
        `add a row to ${dependencies}, or do without it`,
      ),
    )
  const gone = given
    .filter(({ name }) => !Object.hasOwn(wanted, name))
    .map(({ name, line }) =>
      say(dependencies, line, `${name} is no dependency any more`, 'remove the row'),
    )
  return [...missing, ...gone]
}

function vocabulary(tree: Tree): Violation[] {
  const page = tree.files.get(words)
  if (page === undefined) return [say(words, 1, 'the page is missing', 'list every word once')]
  const seen = new Set<string>()
  return matchingLines(page, /^\| (?!-|word\b)[^|]+\|/).flatMap(({ line, match }) =>
    match
      .slice(1, -1)
      .split(',')
      .map((word) => word.trim())
      .flatMap((word) => {
        if (!seen.has(word)) {
          seen.add(word)
          return []
        }
        return [say(words, line, `'${word}' stands here twice`, 'one word per thing: keep one row')]
      }),
  )
}

function decisions(tree: Tree): Violation[] {
  return [...tree.files].flatMap(([path, text]) => {
    if (!path.startsWith('docs/decisions/')) return []
    const lines = text.trimEnd().split('\n').length
    if (lines <= longestDecision) return []
    const instead = 'keep context, choice and price; the rest belongs into the code or another page'
    return [say(path, longestDecision + 1, `a decision of ${lines} lines`, instead)]
  })
}

/** A page that names `src/…` or links to a file must not outlive it. */
function namedFiles(tree: Tree): Violation[] {
  const exists = (path: string) =>
    tree.files.has(path) || [...tree.files.keys()].some((file) => file.startsWith(`${path}/`))
  return [...tree.files].flatMap(([page, text]) => {
    if (!page.endsWith('.md')) return []
    return text.split('\n').flatMap((content, index) => {
      const quoted = [...content.matchAll(/`((?:src|check|test|bench|web|bin|docs)\/[\w./-]*\w)`/g)]
      const linked = [...content.matchAll(/\]\((?!\w+:|#)([\w./-]+)(?:#[\w-]*)?\)/g)]
      return [
        ...quoted.map(([, path]) => path ?? ''),
        ...linked.map(([, path]) => posix.join(posix.dirname(page), path ?? '')),
      ]
        .map((path) => path.replace(/\/$/, ''))
        .filter((path) => !exists(path))
        .map((path) =>
          say(page, index + 1, `${path} does not exist`, 'name the file that does this now'),
        )
    })
  })
}
