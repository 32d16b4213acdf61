import { isTest } from '../floors.ts'
import { type Source, walk } from '../source.ts'
import type { Rule, Violation } from '../tree.ts'

/** A cast is a claim that the compiler cannot check: the reason stands beside it. */
export const castsRule: Rule = {
  name: 'casts',
  find: (tree) =>
    tree.sources
      .filter(({ path }) => path.startsWith('src/') && !isTest(path))
      .flatMap((source) => findIn(source)),
}

function findIn(source: Source): Violation[] {
  const commented = new Set(
    source.comments.flatMap(({ start, end }) => [
      source.lineAt(start),
      source.lineAt(end),
      source.lineAt(end) + 1,
    ]),
  )
  const found: Violation[] = []
  walk(source.program, (node, parents) => {
    if (node.type !== 'TSAsExpression' && node.type !== 'TSTypeAssertion') return
    if (source.text.slice(node.typeAnnotation.start, node.typeAnnotation.end) === 'const') return
    const line = source.lineAt(node.typeAnnotation.start)
    const statement = parents.findLast(({ type }) => /(Statement|Declaration)$/.test(type)) ?? node
    const places = [line, source.lineAt(node.start), source.lineAt(statement.start)]
    if (places.some((place) => commented.has(place))) return
    found.push({
      rule: 'casts',
      path: source.path,
      line,
      what: 'a cast without its reason',
      instead: 'narrow the value so that none is needed, or say beside it why the claim holds',
    })
  })
  return found
}
