import { Failure } from '../base/failures.ts'

/** A piece of a rule: a word (a property, an operator, a bare value), a quoted text without its quotes, or a mark. */
export interface Token {
  readonly kind: 'word' | 'text' | 'mark' | 'end'
  readonly text: string
  /** Characters before it. */
  readonly at: number
}

// Rules that passed through a word processor have dashes in the place of hyphens, and typographic quotes never.
const word = /^[-\u2013\u2014]?[\p{L}_][\p{L}\p{N}_.]*/u

/** Cuts a rule of the device filter language into pieces, an `end` at the end. Throws `filter.invalid` with the place. */
export function readTokens(rule: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < rule.length) {
    const rest = rule.slice(at)
    const first = rest[0] ?? ''
    const space = /^\s+/.exec(rest)
    if (space) {
      at += space[0].length
    } else if ('()[],'.includes(first)) {
      tokens.push({ kind: 'mark', text: first, at })
      at += 1
    } else if (first === '"' || first === "'") {
      const { text, length } = readQuoted(rest, first, at)
      tokens.push({ kind: 'text', text, at })
      at += length
    } else {
      const found = word.exec(rest)?.[0]
      if (found === undefined)
        throw new Failure('filter.invalid', `character ${at + 1}: ${first} is not understood`)
      tokens.push({ kind: 'word', text: found.replace(/^[\u2013\u2014]/, '-'), at })
      at += found.length
    }
  }
  return [...tokens, { kind: 'end', text: '', at: rule.length }]
}

/** In double quotes a backtick takes the next character as it is; in single quotes a doubled quote is one. */
function readQuoted(rest: string, quote: string, at: number): { text: string; length: number } {
  let text = ''
  for (let n = 1; n < rest.length; n++) {
    const letter = rest[n] ?? ''
    if (quote === '"' && letter === '`' && n + 1 < rest.length) {
      n += 1
      text += rest[n]
    } else if (quote === "'" && letter === "'" && rest[n + 1] === "'") {
      n += 1
      text += letter
    } else if (letter === quote) {
      return { text, length: n + 1 }
    } else text += letter
  }
  throw new Failure('filter.invalid', `character ${at + 1}: the quote is never closed`)
}
