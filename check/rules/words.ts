import type { Rule, Tree, Violation } from '../tree.ts'
import { matchingLines } from '../tree.ts'

/** Words that name nothing, and what to write in their place. Singular; a plural is the same word. */
const emptyWords: Readonly<Record<string, string>> = {
  common: 'name it for what it does, and put it in the room that owns that',
  helper: 'name it for what it does',
  manager: 'name it for what it keeps or decides',
  misc: 'split it by what its parts are about',
  service: 'name it for the front it stands behind',
  shared: 'name it for what it does, and put it in the lowest room that needs it',
  util: 'name it for what it does',
  utility: 'name it for what it does',
  whitelist: 'write allowed list, or allow',
  blacklist: 'write blocked list, or block',
}

/** Names say what a thing is: docs/words.md lists the words not used. */
export const wordsRule: Rule = {
  name: 'words',
  find: (tree) => [...fileNames(tree), ...exportedNames(tree), ...pages(tree)],
}

function emptyWordIn(name: string): string | undefined {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .flatMap((part) => [part, part.replace(/s$/, ''), part.replace(/ies$/, 'y')])
  // White-list and whiteList are whitelist too.
  const joined = name.toLowerCase().replaceAll(/[^a-z]/g, '')
  return (
    parts.find((part) => Object.hasOwn(emptyWords, part)) ??
    ['whitelist', 'blacklist'].find((word) => joined.includes(word))
  )
}

function say(path: string, line: number, name: string, word: string): Violation {
  return {
    rule: 'words',
    path,
    line,
    what: `'${name}' says '${word}'`,
    instead: emptyWords[word] ?? 'choose a word of docs/words.md',
  }
}

function fileNames(tree: Tree): Violation[] {
  return [...tree.files.keys()].flatMap((path) => {
    const word = emptyWordIn(path)
    return word ? [say(path, 1, path, word)] : []
  })
}

function exportedNames(tree: Tree): Violation[] {
  return tree.sources.flatMap(({ path, exports }) =>
    exports.flatMap(({ name, line }) => {
      const word = emptyWordIn(name)
      return word ? [say(path, line, name, word)] : []
    }),
  )
}

function pages(tree: Tree): Violation[] {
  return [...tree.files]
    .filter(([path]) => path.endsWith('.md') && path !== 'docs/words.md')
    .flatMap(([path, text]) =>
      matchingLines(text, /\b(white|black)[- ]?list/i).map(({ line, match }) =>
        say(path, line, match, match.toLowerCase().replaceAll(/[^a-z]/g, '')),
      ),
    )
}
